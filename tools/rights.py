"""The part of docs/kafka-security.md that says which rights are needed, made from the list in the code."""

from pathlib import Path

from bridge.kafka.rights import VERBS, Right, commands, rights_of

PAGE = Path(__file__).parent.parent / "docs" / "kafka-security.md"
_BEGIN, _END = "<!-- rights: made by `make docs` from bridge/kafka/rights.py -->\n", "<!-- /rights -->\n"
_RUN = "run"


def rights_page() -> str:
    """The page as it should be."""
    before, _, rest = PAGE.read_text("utf-8").partition(_BEGIN)
    _, _, after = rest.partition(_END)
    return f"{before}{_BEGIN}\n{_section()}\n{_END}{after}"


def _rights(verb: str) -> list[Right]:
    return rights_of(verb, "NAME", ["SOURCE"], ["LOOKUP"], create=True)


def _section() -> str:
    rows = ["| `bridge run` may | on | for |", "|---|---|---|"]
    rows += [
        f"| {right.operation.word}{' (optional)' if right.optional else ''} | {right.resource.kind.word} `{right.resource.name}` "
        f"| {right.why} |"
        for right in _rights(_RUN)
    ]
    rows += ["", "| verb | may |", "|---|---|"]
    alike: dict[str, list[str]] = {}
    for verb in VERBS:
        if verb != _RUN:
            alike.setdefault(_in_short(_rights(verb)), []).append(f"`bridge {verb}`")
    rows += [f"| {', '.join(verbs)} | {rights} |" for rights, verbs in alike.items()]
    grants = commands(_rights(_RUN), "User:bridge", "KAFKA:9093")
    return "\n".join([*rows, "", "For `bridge run`:", "", *(f"    {command}" for command in grants), ""])


def _in_short(rights: list[Right]) -> str:
    by_resource: dict[str, list[str]] = {}
    for right in rights:
        where = f"{right.resource.kind.word} `{right.resource.name}`"
        by_resource.setdefault(where, []).append(right.operation.word)
    return "; ".join(f"{', '.join(words)} on {where}" for where, words in by_resource.items())
