"""A source record as an event, by the format of its source."""

from collections.abc import Callable, Mapping

from bridge.errors import Undecodable
from bridge.events import Event, Format, Record, UnreadableRecord
from bridge.formats.around import event_of
from bridge.formats.bounds import LARGEST_EVENT, is_too_deep, too_deep
from bridge.formats.cloudevents import decode_cloudevent
from bridge.formats.jsonformat import decode_json
from bridge.formats.schemas import NO_SCHEMAS, REGISTERED, Schemas
from bridge.formats.wire import framed

_DECODERS: Mapping[Format, Callable[[Record], Event]] = {"json": decode_json, "cloudevents": decode_cloudevent}


def decode(record: Record, encoded: Format, schemas: Schemas = NO_SCHEMAS) -> Event:
    """The event in a record of that format. Raises Undecodable (Tombstone), which says nothing of what the payload holds, and
    SchemaNeeded when it was written by a schema that `schemas` does not know yet.
    """
    value = record.value
    if value is None:
        if isinstance(record, UnreadableRecord):
            raise Undecodable(record.why)
    elif len(value) > LARGEST_EVENT:
        raise Undecodable(f"the value has {len(value)} bytes, more than {LARGEST_EVENT}")
    plain = _DECODERS.get(encoded)
    if plain is not None:
        return plain(record)
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
    # JSON has been looked at already, with its text.
    if encoded != "json-schema" and is_too_deep(body):
        raise too_deep()
    return event_of(record, body)
