"""The document as Markdown (GitHub's, which most wikis read)."""

import re
from collections.abc import Iterable, Iterator

import orjson

from bridge.agreement.model import Agreement, Cause, Field, GeneratorPage, TopicKey
from bridge.agreement.visible import visible
from bridge.agreement.words import MODES

# What may begin something in Markdown or HTML, anywhere, and at the start of a line.
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>()#+!|~&$])")
_STARTS = re.compile(r"^(\d*)([-=.)])")
_LEAD = (
    "Each Event Generator that the service calls, the fields that its templates can use, and what causes it. A field that"
    " is missing or of another type stops the call: nothing is sent with a blank in it."
)


def as_markdown(agreement: Agreement) -> str:
    """The document. What comes from the table is escaped: it can't make headings, links, images or HTML."""
    return "\n".join(_lines(agreement)).rstrip("\n") + "\n"


def _lines(agreement: Agreement) -> Iterator[str]:
    yield from (
        "<!-- Made by `bridge contract` from the routing table: change it there. -->",
        "",
        "# Campaigns: what is agreed",
        "",
        _LEAD,
        "",
        f"Routing table {_code(agreement.table)}.",
        "",
    )
    yield from _table(
        ("Event Generator", "brand", "id", "caused by"),
        (
            (_text(one.title), _text(one.brand), _code(one.id), ", ".join(_code(cause.route) for cause in one.causes))
            for one in agreement.generators
        ),
    )
    for one in agreement.generators:
        yield from _generator(one)
    yield from ("## What became of a campaign", "")
    yield from _table(
        ("outcome", "what happened", "for you"), ((one.outcome, one.words, one.then) for one in agreement.outcomes)
    )


def _generator(one: GeneratorPage) -> Iterator[str]:
    yield from (f"## {_text(one.title)}", "")
    yield from (
        f"- In the routing table: {_code(one.name)}",
        f"- Brand: {_text(one.brand)}",
        f"- Event Generator ID: {_code(one.id)}",
        *([f"- Agreed schema: {_code(one.schema_file)}"] if one.schema_file is not None else []),
        "",
        "### Fields",
        "",
    )
    yield from _table(("field", "type", "required", "what it is"), map(_field, one.fields))
    origin = "made up from the types" if one.example.origin is None else f"from {_text(one.example.origin)}"
    body = visible(orjson.dumps(one.example.body, option=orjson.OPT_INDENT_2).decode())
    fence = "`" * max(3, _longest_run(body) + 1)
    yield from ("### Example payload", "", f"{origin[0].upper()}{origin[1:]}:", "", f"{fence}json", body, fence, "")
    yield from ("### Caused by", "")
    if not one.causes:
        yield from ("Nothing: no route uses this Event Generator.", "")
    for cause in one.causes:
        yield from _cause(cause)


def _field(field: Field) -> tuple[str, ...]:
    said = [_text(text) for text in (field.description, field.rules) if text]
    return _code(field.name), _text(field.type), "yes" if field.required else "no", "; ".join(said)


def _cause(cause: Cause) -> Iterator[str]:
    yield from (f"#### Route {_text(cause.route)}", "")
    if MODES[cause.mode]:
        yield from (f"**{MODES[cause.mode]}**", "")
    if cause.description:
        yield from (_text(cause.description), "")
    yield from (_text(cause.words), "")
    for match in cause.match:
        yield f"- match {_code(match)}"
    if cause.when is not None:
        yield f"- when {_code(cause.when)}"
    yield from (*(f"- for {_topic_key(key)}" for key in cause.topic_keys), "")
    yield from _table(
        ("field", "filled from"), ((_code(one.field), f"{one.kind} {_code(one.source)}") for one in cause.fillings)
    )
    yield from _table(("", "agreed"), ((policy.name, _text(policy.words)) for policy in cause.policies))


def _topic_key(key: TopicKey) -> str:
    if key.lookup is None:
        return f"the topic {_code(key.text)}" + ("" if key.fixed else ", with what the event has there")
    few = ", ".join(f"{_code(entry.key)} → {_code(entry.value)}" for entry in key.entries)
    more = f", and {key.count - len(key.entries)} more" if key.count > len(key.entries) else ""
    where = f" (the Kafka topic {_code(key.written)}, read as it changes)" if key.live else f" ({_code(key.written)})"
    return f"the topic of {_code(key.text)} in lookup {_code(key.lookup)}{where}{f': {few}{more}' if few else ''}"


def _table(heads: tuple[str, ...], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    yield f"| {' | '.join(heads)} |"
    yield f"|{'---|' * len(heads)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"
    yield ""


def _text(text: str) -> str:
    """A text that stays text, on one line."""
    return _STARTS.sub(r"\1\\\2", _SPECIAL.sub(r"\\\1", _line(text)))


def _code(text: str) -> str:
    """A text as it stands, on one line, also inside of a table."""
    line = _line(text)
    fence = "`" * (_longest_run(line) + 1)
    space = " " if line.startswith("`") or line.endswith("`") or not line.strip() else ""
    return f"{fence}{space}{line}{space}{fence}".replace("|", "\\|")


def _line(text: str) -> str:
    return visible(" ".join(text.split()) or " ")


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall(r"`+", text)), default=0)
