"""Avro's logical types (Avro 1.12, Logical Types). One that is not known, or does not fit, is the type below it."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from bridge.formats.avrobytes import Read, read_bytes, read_int, read_long
from bridge.formats.values import clock, day, decimal, moment, span

_MOMENTS = {
    "timestamp-millis": (3, "Z"),
    "timestamp-micros": (6, "Z"),
    "timestamp-nanos": (9, "Z"),
    "local-timestamp-millis": (3, ""),
    "local-timestamp-micros": (6, ""),
    "local-timestamp-nanos": (9, ""),
}
_DURATION_BYTES, _UUID_BYTES = 12, 16
_LARGEST_SCALE = 300


def logical(schema: Mapping[str, Any], read: Read) -> Read:
    """What reads a type that may be a logical one; `read` reads the type below."""
    name = schema.get("logicalType")
    if not isinstance(name, str):
        return read
    if read is read_long:
        return _of_long(name, read)
    if read is read_int:
        return _of_int(name, read)
    if name == "decimal" and (read is read_bytes or schema.get("type") == "fixed"):
        return _decimal(schema, read)
    if schema.get("type") == "fixed":
        return _of_fixed(name, schema["size"], read)
    return read


def _of_long(name: Any, read: Read) -> Read:
    if name in _MOMENTS:
        digits, zone = _MOMENTS[name]
        return lambda cursor: moment(read(cursor), digits, zone)
    return (lambda cursor: clock(read(cursor), 6)) if name == "time-micros" else read


def _of_int(name: Any, read: Read) -> Read:
    if name == "date":
        return lambda cursor: day(read(cursor))
    return (lambda cursor: clock(read(cursor), 3)) if name == "time-millis" else read


def _decimal(schema: Mapping[str, Any], read: Read) -> Read:
    scale = schema.get("scale", 0)
    if not isinstance(scale, int) or not 0 <= scale <= _LARGEST_SCALE:
        return read
    return lambda cursor: decimal(read(cursor), scale)


def _of_fixed(name: Any, size: int, read: Read) -> Read:
    if name == "uuid" and size == _UUID_BYTES:
        return lambda cursor: str(UUID(bytes=read(cursor)))
    return (lambda cursor: span(read(cursor))) if name == "duration" and size == _DURATION_BYTES else read
