"""A source record as an event, by the format of its source."""

from bridge.errors import Undecodable
from bridge.events import Event, Format, Record
from bridge.formats.bounds import is_too_deep, too_deep
from bridge.formats.jsonformat import decode_json, event_of
from bridge.formats.schemas import REGISTERED, NoSchemas, Schemas
from bridge.formats.wire import framed

_NO_SCHEMAS = NoSchemas()


def decode(record: Record, encoded: Format, schemas: Schemas = _NO_SCHEMAS) -> Event:
    """The event in a record of that format. Raises Undecodable, which says nothing of what the payload holds, and
    SchemaNeeded when it was written by a schema that `schemas` does not know yet.
    """
    if encoded == "json":
        return decode_json(record)
    wire = framed(record, message=encoded == "protobuf")
    reader = schemas.reader(wire.schema, record.timestamp)
    if reader.kind != REGISTERED[encoded]:
        raise Undecodable(f"schema {wire.schema} is of the type {reader.kind}, and the source's format is {encoded}")
    try:
        body = reader.body(wire)
    except Undecodable as error:
        raise Undecodable(f"schema {wire.schema}: {error}") from error
    if not isinstance(body, dict):
        raise Undecodable(f"schema {wire.schema}: the value is no record")
    if encoded == "json-schema":
        return event_of(record, body)
    if is_too_deep(body):
        raise too_deep()
    return event_of(record, body)
