"""Where a value comes from: the parts of a context and of a topic key, in words. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, assert_never

from bridge.events import Event
from bridge.routing.expressions import Expression, tokens
from bridge.routing.paths import Path, Segment
from bridge.routing.refusals import Refusal
from bridge.routing.templates import Template
from bridge.routing.values import Constant, Items, LookedUp, Members, Value
from bridge.routing.written import WrittenNumber, WrittenTime

Kind = Literal["template", "lookup", "cel", "constant"]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value comes from. `part` is the way to it inside of a field (empty: the whole field), `text` as the table
    has it; `reads` what it refers to, with what the event has there (MISSING: nothing). Of a lookup, `lookup` and `key`;
    the key is None when the event gives none.
    """

    kind: Kind
    part: str
    text: str
    reads: tuple[tuple[Path, Any], ...] = ()
    lookup: str | None = None
    key: str | None = None


def origins(how: Value, event: Event, part: str = "") -> Iterator[Origin]:
    """The origin of a value; of a nested one, those of its parts."""
    match how:
        case Template():
            yield Origin("template", part, str(how), _read(how.paths, event))
        case Constant():
            yield Origin("constant", part, "")
        case Expression():
            yield Origin("cel", part, how.source.strip(), _read(references(how), event))
        case LookedUp():
            yield Origin(
                "lookup", part, str(how.key), _read(how.key.paths, event), how.lookup.name, _key(how.key, event)
            )
        case WrittenTime() | WrittenNumber():
            yield from origins(how.source, event, part)
        case Members():
            for name, member in how.members.items():
                yield from origins(member, event, f"{part}.{name}")
        case Items():
            for index, item in enumerate(how.items):
                yield from origins(item, event, f"{part}[{index}]")
        case _:
            assert_never(how)


def references(expression: Expression) -> tuple[Path, ...]:
    """What an expression names of an event, each once, as far as it is written out."""
    texts = [text for _, text in tokens(expression.source)]
    found: dict[Path, None] = {}
    for position, text in enumerate(texts):
        if text in expression.variables and (position == 0 or texts[position - 1] != "."):
            segments = tuple(_segments(texts, position + 1))
            if segments or text == "key":
                found[Path("" if text == "event" else text, segments)] = None
    return tuple(found)


def _segments(texts: list[str], position: int) -> Iterator[Segment]:
    """The `.a.b[0]["x"]` that begins at `position`, up to a method's name or to what is computed."""
    while position + 1 < len(texts):
        if texts[position] == "." and texts[position + 2 : position + 3] != ["("]:
            yield texts[position + 1]
            position += 2
        elif texts[position] == "[" and "]" in texts[position:]:
            end = texts.index("]", position)
            inside = "".join(texts[position + 1 : end])
            if inside.isdecimal():
                yield int(inside)
            elif len(inside) > 1 and inside[0] == inside[-1] and inside[0] in "\"'" and "\\" not in inside:
                yield inside[1:-1]
            else:
                return
            position = end + 1
        else:
            return


def _read(paths: tuple[Path, ...], event: Event) -> tuple[tuple[Path, Any], ...]:
    return tuple((path, path.read(event)) for path in dict.fromkeys(paths))


def _key(key: Template, event: Event) -> str | None:
    try:
        return key.key(event)
    except Refusal:
        return None
