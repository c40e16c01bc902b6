"""Confluent's wire format: which schema a record was written by, and where its payload begins.

The id stands before the payload, or in a header (https://docs.confluent.io/platform/current/schema-registry/fundamentals/serdes-develop/index.html#wire-format):
a magic byte 0 and four bytes of an id, or a magic byte 1 and the sixteen bytes of a GUID. Of Protobuf follows which of
the messages in the schema it is, as numbers in zigzag varints. Confluent's own reader of this takes numbers of any length.
"""

from dataclasses import dataclass
from uuid import UUID

from bridge.errors import Tombstone, Undecodable
from bridge.events import Record

SchemaId = int | UUID
"""The number of a schema in its registry, or its GUID."""

HEADER = "__value_schema_id"
_NUMBER, _GUID = 0, 1
_LENGTHS = {_NUMBER: 5, _GUID: 17}
_LARGEST_ID = 2**31 - 1
# Messages within messages. Each number is an index into a schema.
_DEEPEST_MESSAGE = 32
_LARGEST_INDEX = 2**16
_VARINT_BYTES = 3


@dataclass(frozen=True, slots=True)
class Framed:
    """A record's payload, the schema that it was written by, and which of its messages (Protobuf) it is."""

    schema: SchemaId
    payload: bytes
    message: tuple[int, ...] = ()


def framed(record: Record, *, message: bool) -> Framed:
    """What the wire format says of a record; `message`: whether it says which message it is. Raises Undecodable, Tombstone."""
    value = record.value
    if value is None:
        raise Tombstone
    header = next((content for name, content in reversed(record.headers) if name == HEADER), None)
    if header is None:
        schema, at = _schema(value, "the value")
        indexes, at = _indexes(value, at) if message else ((), at)
        return Framed(schema, value[at:], indexes)
    where = f"the header {HEADER}"
    schema, at = _schema(header, where)
    indexes, at = _indexes(header, at) if message else ((), at)
    if at != len(header):
        raise Undecodable(f"{where} is longer than what says a schema")
    return Framed(schema, value, indexes)


def _schema(data: bytes, where: str) -> tuple[SchemaId, int]:
    if not data:
        raise Undecodable(f"{where} is empty")
    length = _LENGTHS.get(data[0])
    if length is None:
        raise Undecodable(
            f"{where} begins with the byte {data[0]}, which is not that of a schema registry's wire format (0 or 1)"
        )
    if len(data) < length:
        raise Undecodable(f"{where} ends within the id of its schema")
    if data[0] == _GUID:
        return UUID(bytes=data[1:length]), length
    number = int.from_bytes(data[1:length])
    if number > _LARGEST_ID:
        raise Undecodable(f"{where} names schema {number}, which no registry has")
    return number, length


def _indexes(data: bytes, at: int) -> tuple[tuple[int, ...], int]:
    count, at = _varint(data, at)
    if count == 0:  # short for the first message
        return (0,), at
    if not 0 < count <= _DEEPEST_MESSAGE:
        raise Undecodable("the indexes of its message are not of the wire format")
    found = []
    for _ in range(count):
        index, at = _varint(data, at)
        found.append(index)
    return tuple(found), at


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for position, byte in enumerate(data[at : at + _VARINT_BYTES]):
        value |= (byte & 0x7F) << (7 * position)
        if byte < 0x80:  # noqa: PLR2004 - the last one of a varint
            number = (value >> 1) ^ -(value & 1)
            if not 0 <= number < _LARGEST_INDEX:
                break
            return number, at + position + 1
    raise Undecodable("the indexes of its message are not of the wire format")
