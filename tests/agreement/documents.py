"""Tables to write a document of, and what a document shows to those who parse it."""

from html.parser import HTMLParser
from pathlib import Path

from routing.tables import TABLE, spoiled, write

from bridge.agreement import Agreement, agreement_of
from bridge.routing import load_table
from bridge.routing.shape import TestShape

TESTED = (
    TABLE
    + """\
    tests:
      - name: a goal without an assist
        event: {id: e1, type: goal, occurred_at: "2026-02-05T20:12:00Z", match: {id: m1}, team: {id: GER, name: Germany}, minute: 12}
        expect: [{topic_key: 00000000-abcd}]
      - name: a goal with an assist
        event: {id: e1, type: goal, occurred_at: "2026-02-05T20:12:00Z", match: {id: m1}, team: {id: FRA, name: France}, minute: 13, assist: {name: Olise}}
        expect: [{topic_key: topic+FRA}]
"""
)


def agreement(folder: Path, text: str = TABLE) -> Agreement:
    """The document of a table, with the tests beside its first route."""
    table = load_table(write(folder, text), {})
    return agreement_of(table, [(name, one) for name in table.routes for one in tests_in(text)])


def tests_in(text: str) -> list[TestShape]:
    from bridge.configfile import parse  # noqa: PLC0415 - only here

    routes = parse(text, "routes.yaml", {}).data["routes"]
    return [TestShape.model_validate(test) for test in routes[0].get("tests", [])]


class Seen(HTMLParser):
    """Tags, attributes and texts of a page."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.comments: list[str] = []
        self.texts: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)

    @property
    def text(self) -> str:
        return "".join(self.texts)


HOSTILE = "</code></pre><script>alert(1)</script><img src=x onerror=alert(2)>`|*_![i](https://b/c.png)[a](https://b)# \\\\ & --> \\u202e \\u0007"
"""As it stands inside of double quotes in YAML."""


def hostile(text: str = HOSTILE) -> str:
    """A table that says it wherever a table takes a text."""
    table = spoiled(
        "context:\n      team_name: string",
        f'name: "{text}"\n    context:\n      team_name: {{type: string, description: "{text}"}}',
    )
    table = spoiled(
        '      "{team.name}"'.strip(), f'"{text} {{{{team.name}}}}"'.replace("{{", "{").replace("}}", "}"), table
    )
    table = spoiled("match: {type: goal}", f'description: "{text}"\n    match: {{type: "{text}"}}', table)
    return spoiled('when: "event.minute <= 120"', f"when: 'event.minute <= 120 && event.type == \"{text}\"'", table)
