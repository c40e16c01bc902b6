"""Events that no route wants, told by a few fields: in most topics nearly all are."""

from collections.abc import Collection, Hashable, Mapping
from typing import Any

from bridge.routing.templates import LONGEST_KEY


class Unwanted:
    """What `Table.decide` would find of the events of a source, where that needs no more than some fields of the body."""

    def __init__(self, event_id: str, wanted: Mapping[str, Collection[Hashable]]) -> None:
        """`event_id` is the field with the event's id. `wanted`: by field the values that routes ask for."""
        self._event_id = event_id
        self._wanted = tuple(wanted.items())

    def are(self, body: Any) -> bool:
        """True: an event with this body has an id, and no route wants it. False: ask the table."""
        if not isinstance(body, dict):
            return False
        event_id = body.get(self._event_id)
        # As templates.is_key, without a call: it is asked for each event of a topic.
        if not isinstance(event_id, str) or not 0 < len(event_id) <= LONGEST_KEY or event_id.isspace():
            return False
        for field, wanted in self._wanted:
            value = body.get(field)
            if not isinstance(value, str) or value in wanted:
                return False
        return True
