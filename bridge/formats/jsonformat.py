"""A source record as an event, or the reason why it is none. Nothing of the payload is in a reason."""

import json
from typing import Any

import orjson

from bridge.errors import Tombstone, Undecodable
from bridge.events import Event, Record
from bridge.formats.around import event_of
from bridge.formats.bounds import DEEPEST, is_too_deep

_LONGEST_REASON = 200
_SMALLEST, _LARGEST = -(2**63), 2**64 - 1
# What is looked for in a text, as a text of its own: every digit is 0, every opening bracket is [, all else is a blank.
# So two searches for plain bytes do, in a sixth of the time of a regular expression's.
_OUTLINE = bytes.maketrans(
    bytes(range(256)), bytes(48 if chr(byte).isdecimal() else 91 if byte in b"[{" else 32 for byte in range(256))
)
# orjson turns an integer that needs more than 64 bits into the nearest float, silently. Only such a run of digits can
# be one, so the slow look is for the few records that have it.
_MANY_DIGITS = b"0" * 19


def decode_json(record: Record) -> Event:
    """The event in a record whose value is a JSON object in UTF-8. Raises Undecodable, Tombstone."""
    if record.value is None:
        raise Tombstone
    return event_of(record, json_object(record.value))


def json_object(value: bytes) -> dict[str, Any]:
    """The JSON object in UTF-8 that a value is. Raises Undecodable."""
    if not value:
        raise Undecodable("the record's value is empty")
    body = read_json(value, "the value")
    if not isinstance(body, dict):
        raise Undecodable(f"the value is {kind_of(body)}, not a JSON object")
    return body


def read_json(text: bytes, what: str) -> Any:
    """What is written there, as JSON in UTF-8. `what` names it to people. Raises Undecodable."""
    try:
        read = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise Undecodable(f"{what} is not JSON in UTF-8: {error}"[:_LONGEST_REASON]) from error
    outline = text.translate(_OUTLINE)
    if outline.count(b"[") > DEEPEST and is_too_deep(read):
        raise Undecodable(f"{what} is nested deeper than {DEEPEST} levels")
    if _MANY_DIGITS in outline:
        _refuse_large_integers(text, what)
    return read


def kind_of(read: Any) -> str:
    """What a JSON value is, in words."""
    return _KINDS.get(type(read), "a number")


_KINDS = {dict: "an object", list: "a list", str: "a text", bool: "true or false", type(None): "null"}


def _refuse_large_integers(text: bytes, what: str) -> None:
    def checked(digits: str) -> int:
        # More digits than any 64-bit number has: int() of thousands of them would take long, or refuse.
        if len(digits) > len(str(_SMALLEST)) or not _SMALLEST <= int(digits) <= _LARGEST:
            raise Undecodable(f"{what} holds an integer that needs more than 64 bits: send it as text")
        return 0

    json.loads(text, parse_int=checked)
