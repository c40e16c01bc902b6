"""What `supersede_by` means for triggers of which the ledger tells. Pure: no clock, no I/O.

Triggers of one *key* (brand, route, topic key, supersede_by value) replace one another: the newer one, by its place on the
triggers topic, the older ones that wait. The fold keeps what is open; this keeps which of that is of one key, and which of it
a newer one was called after, whatever is forgotten of that newer one since: a late fact must not make an older one go on.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from bridge.ledger.item import InFlight, Item, Waiting
from bridge.ledger.records import About, Intent
from bridge.triggers import Trigger

Key = tuple[str, str, str, str]


def key_of(one: Trigger | About) -> Key | None:
    """What it shares with those that it replaces, or that replace it. None for a route that does not say so, and for a
    repetition: a person asked for that one.
    """
    if one.supersede_by is None or one.repeats is not None:
        return None
    return one.brand, one.route, one.topic_key, one.supersede_by


@dataclass(slots=True)
class Rivals:
    """The items of a fold that may have to be called, by their key."""

    _items: dict[Key, dict[str, Item]] = field(default_factory=dict)

    def follow(self, trigger: str, item: Item) -> None:
        """The fold has learned of this trigger. One that can't wait any more, whatever is heard of it, is nobody's rival: it
        may be packed, and another object the next time.
        """
        key = key_of(item.about)
        if key is None:
            return
        if item.called_for_good():
            self.remove(trigger, item)
        else:
            self._items.setdefault(key, {})[trigger] = item

    def remove(self, trigger: str, item: Item) -> None:
        """The fold keeps it no more."""
        key = key_of(item.about)
        if key is None or key not in self._items:
            return
        self._items[key].pop(trigger, None)
        if not self._items[key]:
            del self._items[key]

    def began(self, intent: Intent) -> None:
        """An attempt that counts: no older trigger of its key may be called any more."""
        key = key_of(intent.about)
        for item in {} if key is None else self._items.get(key, {}).values():
            if item.about.offset < intent.about.offset:
                item.overtaken_by = intent.about.event_id

    def not_ended_before(self, trigger: Trigger, offset: int) -> Iterator[str]:
        """Ids of the older ones of the trigger's key that are being called, or may be called again."""
        key = key_of(trigger)
        for one, item in {} if key is None else self._items.get(key, {}).items():
            if item.about.offset < offset and isinstance(item.standing(), InFlight | Waiting):
                yield one
