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
# Every digit as 0, all else as a blank: so a search for plain bytes does, in a sixth of the time of a regular expression's.
_DIGITS = bytes(48 if byte in b"0123456789" else 32 for byte in range(256))
_MANY_DIGITS = b"0" * 19
# Of a run of 19 bytes, every fourth.
_FOURTHS = b"0" * 4
_LIST = ord("[")
# The least bytes of a level: `{"":` and `}`, `[` and `]`.
_OBJECT_BYTES, _LIST_BYTES = 5, 2


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
    if may_be_too_deep(text) and is_too_deep(read):
        raise Undecodable(f"{what} is nested deeper than {DEEPEST} levels")
    if has_many_digits(text):
        _refuse_large_integers(text, what)
    return read


def may_be_too_deep(text: bytes) -> bool:
    """False for JSON of at most `DEEPEST` levels, but for some that has more brackets than so."""
    if len(text) <= (_LIST_BYTES if _LIST in text else _OBJECT_BYTES) * DEEPEST:
        return False
    return text.count(b"[") + text.count(b"{") > DEEPEST


def has_many_digits(text: bytes) -> bool:
    """Whether there are 19 in a row: without, no integer needs more than 64 bits.

    orjson turns one that does into the nearest float, silently: the slow look for it is for the few records that have so many.
    """
    return (
        text[::4].translate(_DIGITS).find(_FOURTHS) >= 0  # of a quarter of it, since nearly none has
        and text.translate(_DIGITS).find(_MANY_DIGITS) >= 0
    )


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
