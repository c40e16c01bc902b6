"""Paths into an event: `a.b[0]["x.y"]`, `$headers.x`, `$key`, `$ce.type`, `$record.timestamp`."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from bridge.events import Event


class Missing:
    """The one value `MISSING`: what a path reads where the event has nothing. Not the same as null."""

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = Missing()

Segment = str | int

RECORD_FIELDS = ("timestamp", "topic", "partition", "offset")
_ROOTS = ("headers", "key", "ce", "record")
_NAME = re.compile(r"""[^\s.\[\]{}"'$:!|()]+""")
_STEP = re.compile(rf"""\.({_NAME.pattern})|\[(\d{{1,9}})\]|\["((?:[^"\\]|\\["\\])*)"\]""")


# Of a CloudEvents attribute, says its specification.
_ATTRIBUTE = re.compile("[a-z0-9]+")


class BadPath(ValueError):
    """A path that can't be read; the text says why and what a path looks like."""


@dataclass(frozen=True, slots=True)
class Path:
    """A way to one value of an event. `root` is empty for the event's own body, else headers, key, ce or record.

    Two paths are equal when they lead to the same value, however they were written.
    """

    root: str
    segments: tuple[Segment, ...]
    name: str | None = field(init=False, repr=False, compare=False)
    """The field of the body that it reads, where it does no more than that."""

    def __post_init__(self) -> None:
        first = self.segments[0] if not self.root and len(self.segments) == 1 else None
        object.__setattr__(self, "name", first if isinstance(first, str) else None)

    def read(self, event: Event) -> Any:
        """The value there, or MISSING. Names lead into objects only, numbers into lists only."""
        if self.name is not None:  # most paths, and those that every event is asked for
            return event.body.get(self.name, MISSING) if isinstance(event.body, dict) else MISSING
        value = event.body if not self.root else _root(self.root, event)
        for segment in self.segments:
            if isinstance(value, dict):
                value = value.get(segment, MISSING)
            elif isinstance(value, list) and isinstance(segment, int) and segment < len(value):
                value = value[segment]
            else:
                return MISSING
        return value

    def __str__(self) -> str:
        """The shortest way to write it."""
        text = f"${self.root}" if self.root else ""
        for segment in self.segments:
            if isinstance(segment, int):
                text += f"[{segment}]"
            elif _NAME.fullmatch(segment):
                text += f".{segment}" if text else segment
            else:
                quoted = segment.replace("\\", "\\\\").replace('"', '\\"')
                text += f'["{quoted}"]'
        return text


def _root(root: str, event: Event) -> Any:
    if root == "headers":
        return event.headers if isinstance(event.headers, dict) else dict(event.headers)
    if root == "key":
        return MISSING if event.key is None else event.key
    if root == "ce":
        return dict(event.ce)
    return record_of(event)


def record_of(event: Event) -> dict[str, Any]:
    """What `$record` and CEL's `record` hold: where the record lies and its timestamp in ms since 1970 UTC."""
    source = event.source
    return {
        "timestamp": event.timestamp,
        "topic": source.topic,
        "partition": source.partition,
        "offset": source.offset,
    }


def parse_path(text: str) -> Path:
    """The path that `text` writes. Raises BadPath."""
    root, rest = _head(text)
    segments = tuple(_segments(text, rest))
    if not segments and root != "key":
        raise BadPath(f"{text!r} is not a path: write what to read of it, as in {text or 'team'}.name")
    _check_root(text, root, segments)
    return Path(root, segments)


def _head(text: str) -> tuple[str, str]:
    """The root, and the rest of the text as steps that all begin with a dot or a bracket."""
    if text.startswith("$"):
        name = re.match(r"\$(\w*)", text)
        root = name[1] if name else ""
        if root not in _ROOTS:
            raise BadPath(f"{text!r} is not a path: after $ comes headers, key, ce or record")
        return root, text[len(root) + 1 :]
    if not text or text.startswith("["):
        return "", text
    return "", f".{text}"


def _segments(text: str, rest: str) -> Iterator[Segment]:
    position = 0
    while position < len(rest):
        step = _STEP.match(rest, position)
        if step is None:
            raise BadPath(f'{text!r} is not a path: write it as in team.name, goals[0].minute or ["odd name"].x')
        name, index, quoted = step.groups()
        if name is not None:
            yield name
        elif index is not None:
            yield int(index)
        else:
            yield re.sub(r"\\(.)", r"\1", quoted)
        position = step.end()


def _check_root(text: str, root: str, segments: tuple[Segment, ...]) -> None:
    if root == "key" and segments:
        raise BadPath(f"{text!r} is not a path: $key is a text and has no parts")
    if root == "headers" and (len(segments) != 1 or isinstance(segments[0], int)):
        raise BadPath(f"{text!r} is not a path: name one header, as in $headers.source")
    if root == "record" and (len(segments) != 1 or segments[0] not in RECORD_FIELDS):
        raise BadPath(f"{text!r} is not a path: $record has {', '.join(RECORD_FIELDS)}")
    if root == "ce" and not (
        len(segments) == 1 and isinstance(name := segments[0], str) and _ATTRIBUTE.fullmatch(name)
    ):
        raise BadPath(f"{text!r} is not a path: name one attribute, small letters and digits, as in $ce.type")
