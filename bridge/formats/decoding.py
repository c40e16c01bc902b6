"""A source record as an event, by the format of its source."""

from collections.abc import Callable, Mapping

from bridge.errors import Undecodable
from bridge.events import Event, Format, Record, UnreadableRecord
from bridge.formats.cloudevents import decode_cloudevent
from bridge.formats.jsonformat import decode_json

_DECODERS: Mapping[Format, Callable[[Record], Event]] = {"json": decode_json, "cloudevents": decode_cloudevent}


LARGEST_EVENT = 16 * 1_048_576
"""Bytes of a value. Kafka bounds records as they are compressed; decoded, `[],[],[],...` takes 25 times its bytes."""


def decode(record: Record, encoded: Format) -> Event:
    """The event in a record of that format. Raises Undecodable (Tombstone), which says nothing of what the payload holds."""
    if isinstance(record, UnreadableRecord):
        raise Undecodable(record.why)
    if record.value is not None and len(record.value) > LARGEST_EVENT:
        raise Undecodable(f"the value has {len(record.value)} bytes, more than {LARGEST_EVENT}")
    return _DECODERS[encoded](record)
