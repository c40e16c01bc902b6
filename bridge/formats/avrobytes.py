"""The primitive types of Avro's binary encoding (Avro 1.12, Binary Encoding), with every bound checked."""

import struct
from collections.abc import Callable
from typing import Any

from bridge.errors import Undecodable
from bridge.formats.bounds import DEEPEST, too_deep
from bridge.formats.values import number

_LONG_BYTES = 10
_FLOAT, _DOUBLE = struct.Struct("<f"), struct.Struct("<d")
# Items that take no bytes (nulls, say) are read in such numbers beside those that do.
_FREE_ITEMS = 1000


class Cursor:
    """A place in a payload: `at` is the next byte. `read` functions move it, and raise Undecodable."""

    __slots__ = ("_depth", "_items", "at", "data")

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0
        self._depth = 0
        # An array can say that it holds 2**62 items of no bytes each.
        self._items = len(data) + _FREE_ITEMS

    def down(self) -> None:
        """Into a record, an array or a map: a schema that refers to itself lets a payload be as deep as it is long."""
        self._depth += 1
        if self._depth > DEEPEST:
            raise too_deep()

    def up(self) -> None:
        """Out of it again."""
        self._depth -= 1

    def count(self, items: int) -> None:
        """So many items follow."""
        self._items -= items
        if self._items < 0:
            raise Undecodable("it says that it has more items than bytes")

    def take(self, length: int) -> bytes:
        """So many bytes."""
        end = self.at + length
        if length < 0 or end > len(self.data):
            raise _ended()
        taken = self.data[self.at : end]
        self.at = end
        return taken


Read = Callable[[Cursor], Any]


def _ended() -> Undecodable:
    return Undecodable("the payload ends within it")


def read_null(_: Cursor) -> None:
    """Takes no bytes."""


def read_boolean(cursor: Cursor) -> bool:
    """One byte, 0 or 1."""
    (byte,) = cursor.take(1)
    if byte > 1:
        raise Undecodable(f"a boolean has the byte {byte}")
    return byte == 1


def read_long(cursor: Cursor) -> int:
    """A zigzag varint of at most 64 bits."""
    data, at, value = cursor.data, cursor.at, 0
    for position, byte in enumerate(data[at : at + _LONG_BYTES]):
        value |= (byte & 0x7F) << (7 * position)
        if byte < 0x80:  # noqa: PLR2004 - the last one of a varint
            if value >= 1 << 64:
                break
            cursor.at = at + position + 1
            return (value >> 1) ^ -(value & 1)
    if len(data) - at < _LONG_BYTES:
        raise _ended()
    raise Undecodable("a number needs more than 64 bits")


def read_int(cursor: Cursor) -> int:
    """As a long, of at most 32 bits."""
    value = read_long(cursor)
    if not -(1 << 31) <= value < 1 << 31:
        raise Undecodable("an int needs more than 32 bits")
    return value


def read_float(cursor: Cursor) -> float | str:
    """Four bytes."""
    return number(_FLOAT.unpack(cursor.take(4))[0])


def read_double(cursor: Cursor) -> float | str:
    """Eight bytes."""
    return number(_DOUBLE.unpack(cursor.take(8))[0])


def read_bytes(cursor: Cursor) -> bytes:
    """A length, and so many bytes."""
    return cursor.take(read_long(cursor))


def read_string(cursor: Cursor) -> str:
    """As bytes, in UTF-8."""
    try:
        return read_bytes(cursor).decode()
    except UnicodeDecodeError as error:
        raise Undecodable("a text is not UTF-8") from error
