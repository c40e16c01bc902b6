"""Templates: texts with paths in braces. One reference alone keeps its type; inside a text it is formatted."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from bridge.events import Event
from bridge.routing.paths import MISSING, BadPath, Path, parse_path
from bridge.routing.refusals import Absent, Refusal, is_blank, is_finite, shown, type_name


class BadTemplate(ValueError):
    """A template that can't be read; the text says why."""


@dataclass(frozen=True, slots=True)
class Template:
    """Text and paths in turn, as written."""

    parts: tuple[str | Path, ...]
    sole: Path | None = field(init=False, repr=False, compare=False)
    """The reference that the template is nothing but, if it is."""

    def __post_init__(self) -> None:
        first = self.parts[0] if len(self.parts) == 1 else None
        object.__setattr__(self, "sole", first if isinstance(first, Path) else None)

    @property
    def paths(self) -> tuple[Path, ...]:
        """The references, in order."""
        return tuple(part for part in self.parts if isinstance(part, Path))

    def value(self, event: Event) -> Any:
        """What the template makes of an event; a sole reference keeps its type. Raises Refusal."""
        return self.text(event) if self.sole is None else present(self.sole, event)

    def text(self, event: Event) -> str:
        """The text that it makes; numbers in decimal, booleans as true and false. Raises Refusal."""
        return "".join([part if isinstance(part, str) else _formatted(part, event) for part in self.parts])

    def key(self, event: Event) -> str:
        """The text that it makes, where every reference must be text or an integer. Raises Refusal."""
        return "".join([part if isinstance(part, str) else key_text(part, event) for part in self.parts])

    def __str__(self) -> str:
        """As written, whatever the spelling: two that mean the same are equal."""
        return "".join(
            part.replace("{", "{{").replace("}", "}}") if isinstance(part, str) else f"{{{part}}}"
            for part in self.parts
        )

    def runs_together(self) -> bool:
        """Whether two references stand side by side, so that `1` and `23` make the same text as `12` and `3`."""
        return any(
            isinstance(one, Path) and isinstance(two, Path)
            for one, two in zip(self.parts, self.parts[1:], strict=False)
        )


def present(path: Path, event: Event) -> Any:
    """The value at `path`. Raises Absent when there is none, or a blank one."""
    value = path.read(event)
    if (isinstance(value, str) and value and not value.isspace()) or isinstance(value, int):
        return value  # nearly always
    if value is MISSING:
        raise Absent(f"the event has no {path}")
    if is_blank(value):
        raise Absent(f"{path} is {'null' if value is None else 'empty'}")
    return value


LONGEST_KEY = 1_000


def is_key(text: str) -> bool:
    """Whether a text can be an id or a key: not blank, and of at most 1,000 characters."""
    return 0 < len(text) <= LONGEST_KEY and not text.isspace()


def key_text(path: Path, event: Event) -> str:
    """The text at `path`, for ids and keys: a string as it is, an integer in decimal. Raises Refusal for all else, and
    for more than 1,000 characters: an id stands several times in what is written about it.
    """
    value = path.read(event)
    if isinstance(value, str) and is_key(value):
        return value  # nearly always
    value = present(path, event)
    if isinstance(value, str):
        if len(value) > LONGEST_KEY:
            raise Refusal(f"{path} is longer than {LONGEST_KEY} characters, too long for an id or a key")
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise Refusal(f"{path} should be a string or an integer, is {type_name(value)} {shown(value)}")


def _formatted(path: Path, event: Event) -> str:
    value = present(path, event)
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float) and is_finite(value):
        return str(value)
    raise Refusal(f"{path} can't stand inside a text, it is {type_name(value)} {shown(value)}")


def parse_template(text: str) -> Template:
    """The template that `text` writes. Raises BadTemplate."""
    if not text.strip():
        raise BadTemplate("is blank: give it a text")
    return Template(tuple(_joined(_pieces(text))))


def _joined(pieces: Iterator[str | Path]) -> Iterator[str | Path]:
    literal = ""
    for piece in pieces:
        if isinstance(piece, str):
            literal += piece
            continue
        if literal:
            yield literal
            literal = ""
        yield piece
    if literal:
        yield literal


def _pieces(text: str) -> Iterator[str | Path]:
    position = 0
    while position < len(text):
        character = text[position]
        if text.startswith(("{{", "}}"), position):
            yield character
            position += 2
        elif character == "}":
            raise BadTemplate(f"{text!r} closes a brace that was not opened: write }}}} for a literal one")
        elif character == "{":
            end = _closing(text, position)
            yield _reference(text, text[position + 1 : end])
            position = end + 1
        else:
            yield character
            position += 1


def _closing(text: str, start: int) -> int:
    """Where the brace that opens at `start` closes; braces inside quoted names don't count."""
    quoted = False
    position = start + 1
    while position < len(text):
        character = text[position]
        if quoted and character == "\\":
            position += 1
        elif character == '"':
            quoted = not quoted
        elif character == "}" and not quoted:
            return position
        position += 1
    raise BadTemplate(f"{text!r} opens a brace that is not closed: write {{{{ for a literal one")


def _reference(text: str, path: str) -> Path:
    if not path.strip():
        raise BadTemplate(f"{text!r} has empty braces: put a path in them, as in {{team.name}}")
    try:
        return parse_path(path)
    except BadPath as error:
        hint = "; there are no format specs here: format with {cel: ...}" if set(path) & set(":!|") else ""
        raise BadTemplate(f"{error}{hint}") from error
