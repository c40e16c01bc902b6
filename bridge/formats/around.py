"""What came around the payload of a record, as the routing table sees it."""

from collections.abc import Mapping
from typing import Any

from bridge.events import Event, Record, Source

# Nobody writes into it: an event never changes.
_NONE: Mapping[str, Any] = {}


def event_of(record: Record, body: Any, ce: Mapping[str, Any] = _NONE) -> Event:
    """The event whose payload in `record` is `body`. `ce`: CloudEvents attributes."""
    return Event(
        body=body,
        source=Source(record.topic, record.partition, record.offset),
        timestamp=record.timestamp,
        key=None if record.key is None else record.key.decode("utf-8", "replace"),
        headers={
            name if name.isascii() else _readable(name): (content or b"").decode("utf-8", "replace")
            for name, content in record.headers
        }
        if record.headers
        else _NONE,
        ce=ce,
    )


def _readable(name: str) -> str:
    """A header's name; bytes that are not UTF-8 came as halves of surrogate pairs (bridge.kafka.headernames)."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
