"""A source record as an event, by the format of its source."""

from collections.abc import Callable, Mapping

from bridge.events import Event, Format, Record
from bridge.formats.jsonformat import decode_json

_DECODERS: Mapping[Format, Callable[[Record], Event]] = {"json": decode_json}


def decode(record: Record, encoded: Format) -> Event:
    """The event in a record of that format. Raises Undecodable, which says nothing of what the payload holds."""
    return _DECODERS[encoded](record)
