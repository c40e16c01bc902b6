"""What the document of `bridge contract` says, and that nothing in a table can make it say something else."""

import json
from pathlib import Path

import pytest
from agreement.documents import HOSTILE, TESTED, Seen, agreement, hostile
from markdown_it import MarkdownIt
from routing.tables import TABLE, spoiled, write

from bridge.agreement import as_html, as_markdown
from bridge.routing import load_table

SECOND = """\
  - name: own-goal
    source: matches
    match: {type: own_goal}
    generator: goal-scored
    topic_key: own-goals
    context: {team_name: "{team.name}", minute: "{minute}", url: "https://example.com"}
    mode: shadow
    on_unknown: resend
    limit: {max: 1, per: 24h}
    priority: low
"""


def forms(folder: Path, text: str = TABLE) -> list[str]:
    """What a reader sees of the page, the Markdown, and the JSON."""
    whole = agreement(folder, text)
    return [Seen(as_html(whole)).text, as_markdown(whole).replace("\\", ""), whole.as_json()]


@pytest.mark.parametrize(
    "said",
    [
        "goal-scored", "11111111-2222-3333-4444-555555555555", "acme", "team_name", "integer", "sports.match-events",
        "event.minute <= 120", "minute is at most 120", "{team.id}", "teams.csv", "topic+FRA", "https://example.com/m/{match.id}",
        "older than 5 minutes", "its own time (occurred_at)", "within 24 hours", "same match.id", "not sent again by itself",
        "unmapped", "superseded", "Mission Control",
    ],
)  # fmt: skip
def test_every_form_says_what_is_agreed(tmp_path: Path, said: str) -> None:
    for form in forms(tmp_path):
        assert said in form


def test_all_routes_of_a_generator_stand_under_it(tmp_path: Path) -> None:
    for form in forms(tmp_path, TABLE + SECOND):
        for said in (
            "own-goals",
            "never sent",
            "may get it twice",
            "At most about 1 within 24 hours",
            "Low: sent after",
        ):
            assert said in form or (said == "never sent" and '"shadow"' in form)
    (page,) = agreement(tmp_path, TABLE + SECOND).generators
    assert [cause.route for cause in page.causes] == ["goal", "own-goal"]


def test_a_lookup_from_a_topic_is_told_without_entries_that_change(tmp_path: Path) -> None:
    text = spoiled("teams: {file: teams.csv, key: team_id, value: topic_key}", "teams: {topic: teams.keys}")
    whole = agreement(tmp_path, text)
    assert "the Kafka topic teams.keys, read as it changes" in Seen(as_html(whole)).text
    assert "(the Kafka topic `teams.keys`, read as it changes)" in as_markdown(whole)
    assert whole.generators[0].example.body["topic_key"] == "00000000-abcd-abcd-abcd-000000000000"


def test_a_generator_that_nothing_causes_is_told_of(tmp_path: Path) -> None:
    text = spoiled(
        "lookups:\n",
        "  idle: {brand: acme, id: 11111111-2222-3333-4444-555555555556, context: {a: string}}\nlookups:\n",
    )
    page, markdown, _ = forms(tmp_path, text)
    assert "No route uses this Event Generator" in page
    assert "no route uses this Event Generator" in markdown


def test_what_a_field_is_and_whether_it_must_be_there(tmp_path: Path) -> None:
    text = spoiled("minute: integer", 'minute: {type: integer, description: "As the clock counts"}')
    page, markdown, _ = forms(tmp_path, text)
    assert "As the clock counts" in page
    assert "| `minute` | integer | yes | As the clock counts |" in markdown
    assert "| `assist` | string | no |  |" in markdown


def test_what_lies_inside_of_a_field_is_listed_below_it(tmp_path: Path) -> None:
    text = spoiled(
        "assist: {type: string, required: false}",
        "assist: {type: string, required: false}\n"
        "      tags: {type: list of string, required: false}\n"
        "      teams: {type: array, required: false, of: {type: object, fields: {id: string, name: {type: string, description: As people say it}}}}",
    )
    (page,) = agreement(tmp_path, text).generators
    listed = [(field.name, field.type, field.required, field.description) for field in page.fields[4:]]
    assert listed == [
        ("tags", "list of string", False, ""),
        ("teams", "list of object", False, ""),
        ("teams[].id", "string", True, ""),
        ("teams[].name", "string", True, "As people say it"),
    ]
    assert page.example.body["context"]["tags"] == ["some tags"]
    assert page.example.body["context"]["teams"] == [{"id": "some id", "name": "some name"}]


def test_how_times_and_numbers_are_written_is_told(tmp_path: Path) -> None:
    text = spoiled(
        'assist: "{assist.name}"', 'assist: {time: "{occurred_at}", format: HH:mm, zone: Europe/Berlin, locale: de}'
    )
    (page,) = agreement(tmp_path, text).generators
    assert page.causes[0].fillings[-1].kind == "time"
    assert page.causes[0].fillings[-1].source == "{occurred_at} as HH:mm in Europe/Berlin, de"


def test_an_example_is_what_the_table_makes_of_the_test_that_fills_most(tmp_path: Path) -> None:
    (page,) = agreement(tmp_path, TESTED).generators
    assert page.example.origin == "route goal, test “a goal with an assist”"
    assert page.example.body == {
        "topic_key": "topic+FRA",
        "context": {"team_name": "France", "minute": 13, "url": "https://example.com/m/m1", "assist": "Olise"},
    }


def test_an_example_comes_from_a_route_that_is_switched_off_as_well(tmp_path: Path) -> None:
    (page,) = agreement(tmp_path, spoiled("expires_after: 5m", "expires_after: 5m\n    mode: off", TESTED)).generators
    assert page.example.body["topic_key"] == "topic+FRA"


def test_a_test_of_a_mistake_is_no_example(tmp_path: Path) -> None:
    text = TESTED.replace("minute: 12}", 'minute: "12"}').replace("minute: 13,", 'minute: "13",')
    (page,) = agreement(tmp_path, text).generators
    assert page.example.origin is None


def test_without_tests_an_example_is_made_up_and_says_so(tmp_path: Path) -> None:
    whole = agreement(tmp_path)
    (page,) = whole.generators
    assert page.example.body["context"] == {
        "team_name": "some team name",
        "minute": 12,
        "url": "https://example.com/page",
        "assist": "some assist",
    }
    assert "Made up from the types" in as_html(whole)
    assert "Made up from the types" in as_markdown(whole)


def test_json_is_for_programs(tmp_path: Path) -> None:
    whole = json.loads(agreement(tmp_path).as_json())
    (page,) = whole["generators"]
    assert whole["version"] == 1
    assert page["fields"][1] == {"name": "minute", "type": "integer", "required": True, "description": "", "rules": ""}


def test_a_contract_as_json_schema_is_the_same_contract(tmp_path: Path) -> None:
    text = spoiled(
        "minute: integer",
        "minute: {type: integer, description: As the clock counts}\n"
        "      at: {type: datetime, required: false}\n"
        "      teams: {type: array, required: false, of: {type: object, fields: {id: string, name: {type: string, required: false}}}}",
    )
    plain = load_table(write(tmp_path, text), {}).generators["goal-scored"].contract
    schema = json.loads(agreement(tmp_path, text).as_json())["generators"][0]["context_schema"]
    (tmp_path / "goal.schema.json").write_text(json.dumps(schema))
    context = text[text.index("    context:\n") : text.index("lookups:")]
    taken = load_table(write(tmp_path, spoiled(context, "    schema: goal.schema.json\n", text)), {})
    fields = taken.generators["goal-scored"].contract.fields
    assert {name: (one.type, one.required, one.description) for name, one in fields.items()} == {
        name: (one.type, one.required, one.description) for name, one in plain.fields.items()
    }
    assert fields["teams"].misfit([{"name": "x"}]) is not None
    assert taken.generators["goal-scored"].contract.agreed is not None


def test_the_page_needs_nothing_but_itself(tmp_path: Path) -> None:
    seen = Seen(as_html(agreement(tmp_path, TESTED + SECOND)))
    assert not {"script", "link", "img", "iframe", "object", "form"} & set(seen.tags)
    assert all(value.startswith("#") for name, value in seen.attributes if name in ("href", "src", "action"))
    assert not [name for name, _ in seen.attributes if name.startswith("on")]
    assert "url(" not in as_html(agreement(tmp_path, TESTED)).split("</style>")[0]


def test_a_hostile_text_stays_a_text_on_the_page(tmp_path: Path) -> None:
    plain = Seen(as_html(agreement(tmp_path, hostile("x"))))
    seen = Seen(as_html(agreement(tmp_path, hostile())))
    assert seen.tags == plain.tags
    assert len(seen.comments) == len(plain.comments) == 1
    assert seen.text.count("<script>alert(1)</script>") == 8
    assert "\u202e" not in seen.text
    assert "\u0007" not in seen.text


def test_a_hostile_text_stays_a_text_in_markdown(tmp_path: Path) -> None:
    def shape(text: str) -> list[str]:
        tokens = MarkdownIt("commonmark").enable("table").parse(as_markdown(agreement(tmp_path, hostile(text))))
        kinds = [token.type for token in tokens]
        inside = {child.type for token in tokens for child in token.children or ()}
        assert inside <= {"text", "text_special", "code_inline", "strong_open", "strong_close", "softbreak"}, inside
        return kinds

    assert shape(HOSTILE) == shape("x")
    for start in ("# x", "- x", "1. x", "> x", "=== x", "--- x", "+ x", "| x", "``` x", "~~~ x", "&lt; x", "<!-- x"):
        assert shape(start) == shape("x"), start
