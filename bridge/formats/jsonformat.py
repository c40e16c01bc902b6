"""A source record as an event, or the reason why it is none. Nothing of the payload is in a reason."""

import json
import re
from typing import Any

import orjson

from bridge.errors import Undecodable
from bridge.events import Event, Record, Source
from bridge.formats.bounds import DEEPEST, is_too_deep, too_deep

_LONGEST_REASON = 200
# orjson turns an integer that needs more than 64 bits into the nearest float, silently. Only such a run of digits can
# be one, so the slow look is for the few records that have it.
_MANY_DIGITS = re.compile(rb"[0-9]{19}")
_SMALLEST, _LARGEST = -(2**63), 2**64 - 1


def decode_json(record: Record) -> Event:
    """The event in a record whose value is a JSON object in UTF-8. Raises Undecodable."""
    if record.value is None:
        raise Undecodable("the record has no value (a tombstone)")
    return event_of(record, json_object(record.value))


def json_object(value: bytes) -> dict[str, Any]:
    """The JSON object in UTF-8 that a value is. Raises Undecodable."""
    if not value:
        raise Undecodable("the record's value is empty")
    try:
        body = orjson.loads(value)
    except orjson.JSONDecodeError as error:
        raise Undecodable(f"the value is not JSON in UTF-8: {error}"[:_LONGEST_REASON]) from error
    if not isinstance(body, dict):
        raise Undecodable(f"the value is {_KINDS.get(type(body), 'a number')}, not a JSON object")
    if value.count(b"{") + value.count(b"[") > DEEPEST and is_too_deep(body):
        raise too_deep()
    if _MANY_DIGITS.search(value):
        _refuse_large_integers(value)
    return body


def event_of(record: Record, body: Any) -> Event:
    """The event that a record holds, whose value is decoded to `body`."""
    return Event(
        body=body,
        source=Source(record.topic, record.partition, record.offset),
        timestamp=record.timestamp,
        key=None if record.key is None else record.key.decode("utf-8", "replace"),
        headers={name: (content or b"").decode("utf-8", "replace") for name, content in record.headers},
    )


_KINDS = {list: "a list", str: "a text", bool: "true or false", type(None): "null"}


def _refuse_large_integers(value: bytes) -> None:
    def checked(digits: str) -> int:
        # More digits than any 64-bit number has: int() of thousands of them would take long, or refuse.
        if len(digits) > len(str(_SMALLEST)) or not _SMALLEST <= int(digits) <= _LARGEST:
            raise Undecodable("the value holds an integer that needs more than 64 bits: send it as text")
        return 0

    json.loads(value, parse_int=checked)
