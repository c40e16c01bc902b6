"""Recorded events: records of a source topic that come from a file, and what a file may hold. Pure."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from bridge.durations import parse_instant
from bridge.errors import BridgeError
from bridge.events import Format, Record
from bridge.formats import REGISTERED

# Those of `kcat -J` beside ours.
_KNOWN = ("value", "payload", "key", "headers", "timestamp", "ts", "topic", "partition", "offset")
_PASSED_OVER = ("tstype", "broker")
_BOM = b"\xef\xbb\xbf"


class NotRecorded(BridgeError):
    """What should be a recorded event is none; the text says where and why."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A record that was kept in a file. `timestamp` is in ms since 1970 UTC; `topic` is empty where nobody said it; `bare`
    where the file holds nothing but the value.
    """

    value: bytes | None
    timestamp: int
    topic: str = ""
    partition: int = 0
    offset: int = 0
    key: bytes | None = None
    headers: Sequence[tuple[str, bytes | None]] = ()
    bare: bool = False


def encoding_of(record: Record, encoded: Format) -> Format:
    """How a record of a source in that format is encoded: one that was recorded in a file is JSON, decoded already, where its
    topic holds what only a schema registry can tell.
    """
    return "json" if isinstance(record, Recorded) and encoded in REGISTERED else encoded


def bare(text: bytes, now: int) -> Recorded:
    """A file's text, or a line of it, that is the event itself: as if it arrived `now` (ms)."""
    return Recorded(text.removeprefix(_BOM), now, bare=True)


def enveloped(text: bytes, where: str, now: int) -> Recorded:
    """An event with what came around it, as `{"value": {...}, "key": ..., "headers": {...}, "timestamp": ..., "topic": ...,
    "partition": ..., "offset": ...}`, all but the value optional, or as `kcat -J` writes it. Raises NotRecorded.

    `timestamp` is in ms since 1970 UTC, or RFC 3339 text; default: `now`.
    """
    try:
        envelope = _envelope(json.loads(text.removeprefix(_BOM)))
        return Recorded(
            value=_value(envelope),
            timestamp=_timestamp(envelope, now),
            topic=_of(str, envelope, "topic", ""),
            partition=_of(int, envelope, "partition", 0),
            offset=_of(int, envelope, "offset", 0),
            key=None if envelope.get("key") is None else _of(str, envelope, "key", "").encode("utf-8", "replace"),
            headers=tuple(_headers(envelope.get("headers"))),
        )
    except (ValueError, TypeError, RecursionError) as error:
        why = f"is not JSON: {error}" if isinstance(error, json.JSONDecodeError | UnicodeDecodeError) else str(error)
        raise NotRecorded(f"{where}: the envelope {why}") from None


def _envelope(read: Any) -> dict[str, Any]:
    if not isinstance(read, dict):
        raise TypeError("is not a JSON object")
    if "value" not in read and "payload" not in read:
        raise ValueError(
            'has no value: write {"value": {...}}, or leave out --envelope when the line is the event itself'
        )
    if unknown := sorted(read.keys() - {*_KNOWN, *_PASSED_OVER}):
        raise ValueError(f"has the unknown key {unknown[0]}; there are {', '.join(_KNOWN)}")
    return read


def _value(envelope: dict[str, Any]) -> bytes | None:
    value = envelope.get("value", envelope.get("payload"))
    if value is None:
        return None  # a tombstone
    # What is a text is the record's own bytes, as kcat has them.
    return value.encode("utf-8", "replace") if isinstance(value, str) else json.dumps(value).encode()


def _timestamp(envelope: dict[str, Any], now: int) -> int:
    given = envelope.get("timestamp", envelope.get("ts"))
    if given is None:
        return now
    if isinstance(given, str):
        return parse_instant(given)
    if not isinstance(given, int) or isinstance(given, bool):
        raise TypeError("has a timestamp that is neither milliseconds since 1970 nor an RFC 3339 text")
    return given


def _of(kind: type[Any], envelope: dict[str, Any], name: str, default: Any) -> Any:
    given = envelope.get(name, default)
    if not isinstance(given, kind) or isinstance(given, bool):
        raise TypeError(f"has no {'text' if kind is str else 'integer'} as its {name}")
    return given


def _headers(given: Any) -> Iterable[tuple[str, bytes | None]]:
    if given is None:
        return
    pairs: Iterable[tuple[Any, Any]]
    if isinstance(given, dict):
        pairs = given.items()
    elif isinstance(given, list) and len(given) % 2 == 0:
        pairs = zip(given[::2], given[1::2], strict=True)
    else:
        raise TypeError("has headers that are no object")
    for name, content in pairs:
        if not isinstance(name, str) or not (content is None or isinstance(content, str)):
            raise TypeError("has a header that is no text")
        yield name, None if content is None else content.encode("utf-8", "replace")
