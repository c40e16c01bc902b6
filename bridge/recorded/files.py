"""Recorded events in files: one event, or one a line; `-` is the standard input."""

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import orjson

from bridge.recorded.records import NotRecorded, Recorded, bare, enveloped

STDIN = "-"
LARGEST = 64 * 1_048_576
"""Bytes of one event; no topic holds a larger one."""
_LINE = re.compile(r"(?P<file>.+):(?P<line>[1-9][0-9]*)")


def one_event(name: str, now: int, *, envelope: bool) -> Recorded:
    """The event in the file, or in line n of it when `name` ends in `:n`. Raises NotRecorded, also for several events."""
    numbered = _LINE.fullmatch(name)
    if numbered is None or Path(name).exists():
        return _whole(name, now, envelope=envelope)
    wanted = int(numbered["line"])
    for number, where, line in _lines(numbered["file"]):
        if number == wanted and line.strip():
            return _read(line, where, now, envelope=envelope)
    raise NotRecorded(f"{numbered['file']} has no event in line {wanted}")


def events(name: str, now: int, *, envelope: bool) -> Iterator[tuple[str, Recorded]]:
    """The event of each line, with its place. Raises NotRecorded at a line that holds none."""
    for _, where, line in _lines(name):
        if line.strip():
            yield where, _read(line, where, now, envelope=envelope)


def _whole(name: str, now: int, *, envelope: bool) -> Recorded:
    with _opened(name) as stream:
        text = stream.read(LARGEST + 1)
    if len(text) > LARGEST:
        raise NotRecorded(f"{_shown(name)} is larger than an event can be: {name}:1 is its first line")
    if not text.strip():
        raise NotRecorded(f"{_shown(name)} is empty: write an event into it, as JSON")
    if (several := _events_in(text)) > 1:
        which = f"name one by its line, as in {name}:1" if name != STDIN else "give one"
        raise NotRecorded(f"{_shown(name)} holds {several} events: {which}")
    return _read(text, _shown(name), now, envelope=envelope)


def _events_in(text: bytes) -> int:
    """How many, if it holds one a line: a single event may well be written over several lines."""
    lines = [line for line in text.splitlines() if line.strip()]
    try:
        return sum(isinstance(orjson.loads(line), dict) for line in lines[:1000])
    except orjson.JSONDecodeError:
        return 1


def _read(text: bytes, where: str, now: int, *, envelope: bool) -> Recorded:
    return enveloped(text, where, now) if envelope else bare(text.strip(), now)


def _lines(name: str) -> Iterator[tuple[int, str, bytes]]:
    with _opened(name) as stream:
        number = 0
        while line := stream.readline(LARGEST + 1):
            number += 1
            where = f"{_shown(name)}:{number}"
            if len(line) > LARGEST:
                raise NotRecorded(f"{where}: the line is larger than an event can be: write one event a line")
            yield number, where, line


@contextmanager
def _opened(name: str) -> Iterator[BinaryIO]:
    if name == STDIN:
        yield sys.stdin.buffer
        return
    try:
        with Path(name).open("rb") as stream:
            yield stream
    except OSError as error:
        raise NotRecorded(f"can't read {name}: {error.strerror}") from error


def _shown(name: str) -> str:
    return "the standard input" if name == STDIN else name
