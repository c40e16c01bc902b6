"""What a schema says of a source's events, so that a wrong reference is found before any event."""

from bridge.routing.eventschemas.files import load_event_schema
from bridge.routing.eventschemas.model import EventSchema

__all__ = ["EventSchema", "load_event_schema"]
