"""What a context is made of: texts with references, computed values, looked-up values, constants, nested."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bridge.events import Event
from bridge.routing.expressions import Expression
from bridge.routing.lookups import Lookup
from bridge.routing.refusals import Absent, NoEntry, Refusal, shown, type_name
from bridge.routing.templates import Template
from bridge.routing.written import WrittenNumber, WrittenTime


@dataclass(frozen=True, slots=True)
class Constant:
    """The same for every event."""

    constant: Any

    def value(self, event: Event) -> Any:
        """The constant."""
        return self.constant


@dataclass(frozen=True, slots=True)
class LookedUp:
    """The entry of a lookup under a key that the event gives."""

    lookup: Lookup
    key: Template

    def value(self, event: Event) -> Any:
        """The entry. Raises Refusal; NoEntry when the lookup has none."""
        return self.entry(self.key.key(event))

    def __str__(self) -> str:
        """As written, whatever the spelling: two that mean the same are equal."""
        return f"{self.lookup.name}/{self.key}"

    def entry(self, key: str) -> Any:
        """The entry under `key`. Raises NoEntry."""
        if key not in self.lookup.entries:
            raise NoEntry(self.lookup.name, key)
        return self.lookup.entries[key]

    def topic_key(self, key: str) -> str:
        """The entry under `key`, to be sent to. Raises NoEntry; Refusal for one that is no topic key."""
        entry = self.entry(key)
        if isinstance(entry, bool | float):
            raise Refusal(no_topic_key(self.lookup.name, key, entry))
        return str(entry)


@dataclass(frozen=True, slots=True)
class Members:
    """A nested object. Members named in `optional` are left out when the event lacks them."""

    members: Mapping[str, "Value"]
    optional: frozenset[str] = frozenset()

    def value(self, event: Event) -> Any:
        """The object, each member of it made. Raises Refusal; Absent when nothing is left of it."""
        made: dict[str, Any] = {}
        for name, member in self.members.items():
            try:
                made[name] = member.value(event)
            except (Absent, NoEntry):
                if name not in self.optional:
                    raise
        if not made:
            raise Absent(f"the event has none of {', '.join(self.members)}")
        return made


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    items: tuple["Value", ...]

    def value(self, event: Event) -> Any:
        """The list, each item of it made. Raises Refusal."""
        return [item.value(event) for item in self.items]


def no_topic_key(lookup: str, key: str, entry: bool | float) -> str:
    """What is wrong with an entry of a lookup that a topic key is made of."""
    return f"lookup {lookup} holds {type_name(entry)} {shown(entry)} for {shown(key)}: a topic key is a text"


Value = Template | Expression | Constant | LookedUp | WrittenTime | WrittenNumber | Members | Items
