"""Avro: a schema becomes functions that read its binary encoding (Avro 1.12), by the writer's schema alone.

Ours, because payloads may be hostile: of fastavro's reader (1.13) 20,000 bytes of a schema that refers to itself end the
process, five bytes of an array of nulls take seconds and gigabytes, and an index of -1 into an enum is its last symbol.
"""

from collections.abc import Mapping
from typing import Any

import orjson

from bridge.errors import Undecodable
from bridge.formats.avrobytes import (
    Cursor,
    Read,
    read_boolean,
    read_bytes,
    read_double,
    read_float,
    read_int,
    read_long,
    read_null,
    read_string,
)
from bridge.formats.avrological import logical
from bridge.formats.schemas import Reader, Unfit, Written
from bridge.formats.values import octets
from bridge.formats.wire import Framed

_PRIMITIVES: Mapping[str, Read] = {
    "null": read_null,
    "boolean": read_boolean,
    "int": read_int,
    "long": read_long,
    "float": read_float,
    "double": read_double,
    "bytes": read_bytes,
    "string": read_string,
}
_RECORDS = ("record", "error")
_LONGEST_REASON = 200


def avro_reader(schema: Written) -> Reader:
    """The reader of an Avro schema. Raises Unfit."""
    named = _Named()
    try:
        for part in schema.parts:
            named.read(_parsed(part.text), "")
        read = _as_text(named.read(_parsed(schema.text), ""))
    except RecursionError:
        raise Unfit("its types are nested too deeply") from None

    def body(framed: Framed) -> Any:
        cursor = Cursor(framed.payload)
        try:
            value = read(cursor)
        except Undecodable as error:
            raise Undecodable(f"the payload does not fit its schema: {error}"[:_LONGEST_REASON]) from error
        if cursor.at != len(cursor.data):
            raise Undecodable(f"the payload goes on for {len(cursor.data) - cursor.at} bytes after the event")
        return value

    return Reader(schema.kind, body)


def _parsed(text: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        # A primitive's name may stand there without quotes.
        if text in _PRIMITIVES:
            return text
        raise Unfit("it is not JSON") from None


def _as_text(read: Read) -> Read:
    """Bytes that have no logical type are text in base64."""
    return (lambda cursor: octets(read_bytes(cursor))) if read is read_bytes else read


class _Named:
    """The named types that were seen so far, by their full names."""

    def __init__(self) -> None:
        self._types: dict[str, Read] = {}

    def read(self, schema: Any, space: str) -> Read:
        """What reads a schema that stands in this namespace. Raises Unfit."""
        if isinstance(schema, str):
            return self._reference(schema, space)
        if isinstance(schema, list):
            return _union([_as_text(self.read(one, space)) for one in schema])
        if not isinstance(schema, dict):
            raise Unfit("a type in it is neither a name, nor a list, nor an object")
        kind = schema.get("type")
        if kind in ("enum", "fixed") or kind in _RECORDS:
            return self._define(kind, schema, space)
        if kind == "array":
            return _array(_as_text(self.read(schema.get("items"), space)))
        if kind == "map":
            return _map(_as_text(self.read(schema.get("values"), space)))
        return logical(schema, self.read(kind, space))

    def _reference(self, name: str, space: str) -> Read:
        if name in _PRIMITIVES:
            return _PRIMITIVES[name]
        full = name if "." in name or not space else f"{space}.{name}"
        # A name without a namespace may be that of a type that has none.
        found = full if full in self._types else name
        if found not in self._types:
            raise Unfit(f"it refers to the type {full}, which it does not have")
        types = self._types
        # When it is read: a type may refer to itself.
        return lambda cursor: types[found](cursor)  # noqa: PLW0108

    def _define(self, kind: str, schema: Mapping[str, Any], space: str) -> Read:
        name = schema.get("name")
        if not isinstance(name, str) or not name:
            raise Unfit(f"a type {kind} in it has no name")
        given = schema.get("namespace")
        inner = name.rpartition(".")[0] if "." in name else given if isinstance(given, str) else space
        full = name if "." in name or not inner else f"{inner}.{name}"
        if full in self._types:
            raise Unfit(f"it has the type {full} twice")
        self._types[full] = read_null  # so that it may refer to itself
        self._types[full] = read = self._named(kind, schema, inner)
        return read

    def _named(self, kind: str, schema: Mapping[str, Any], space: str) -> Read:
        if kind == "enum":
            return _enum([str(one) for one in _listed(schema, "symbols")])
        if kind == "fixed":
            size = schema.get("size")
            if not isinstance(size, int) or size < 0:
                raise Unfit("a fixed in it has no size")
            plain = _fixed(size)
            special = logical(schema, plain)
            return special if special is not plain else (lambda cursor: octets(plain(cursor)))
        fields = [one for one in _listed(schema, "fields") if isinstance(one, dict)]
        return _record([(str(one.get("name")), _as_text(self.read(one.get("type"), space))) for one in fields])


def _listed(schema: Mapping[str, Any], what: str) -> list[Any]:
    found = schema.get(what)
    if not isinstance(found, list):
        raise Unfit(f"the type {schema.get('name')} in it has no {what}")
    return found


def _record(fields: list[tuple[str, Read]]) -> Read:
    def read(cursor: Cursor) -> dict[str, Any]:
        cursor.down()
        made = {}
        name = ""
        try:
            for name, field in fields:
                made[name] = field(cursor)
        except Undecodable as error:
            raise _within(name, error) from error
        cursor.up()
        return made

    return read


def _within(name: str, error: Undecodable) -> Undecodable:
    """The error with the field in it, named by the schema."""
    text = str(error)
    inner = isinstance(error, _FieldError)
    return _FieldError(f"{name}.{text}" if inner else f"{name}: {text}")


class _FieldError(Undecodable):
    """Begins with the path of a field."""


def _enum(symbols: list[str]) -> Read:
    def read(cursor: Cursor) -> str:
        index = read_int(cursor)
        if not 0 <= index < len(symbols):
            raise Undecodable(f"an enum has no symbol {index}")
        return symbols[index]

    return read


def _fixed(size: int) -> Read:
    return lambda cursor: cursor.take(size)


def _union(branches: list[Read]) -> Read:
    def read(cursor: Cursor) -> Any:
        index = read_int(cursor)
        if not 0 <= index < len(branches):
            raise Undecodable(f"a union has no type {index}")
        return branches[index](cursor)

    return read


def _blocks(cursor: Cursor) -> int:
    """How many items the next block has; 0 is the end."""
    count = read_long(cursor)
    if count < 0:
        read_long(cursor)  # its length in bytes, for who wants to skip it
        count = -count
    cursor.count(count)
    return count


def _array(item: Read) -> Read:
    def read(cursor: Cursor) -> list[Any]:
        cursor.down()
        items: list[Any] = []
        while count := _blocks(cursor):
            items.extend(item(cursor) for _ in range(count))
        cursor.up()
        return items

    return read


def _map(value: Read) -> Read:
    def read(cursor: Cursor) -> dict[str, Any]:
        cursor.down()
        entries: dict[str, Any] = {}
        while count := _blocks(cursor):
            for _ in range(count):
                key = read_string(cursor)
                entries[key] = value(cursor)
        cursor.up()
        return entries

    return read
