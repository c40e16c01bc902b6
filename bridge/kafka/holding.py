"""What a member of a group has, over its rebalances: pure."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace

from bridge.kafka.records import TopicPartition
from bridge.kafka.sharing import Held, Joining


@dataclass(frozen=True, slots=True)
class Change:
    """What a rebalance means for a member. `again`: the group must share anew, for it does not know of all that is free."""

    kept: Held
    gained: Held
    lost: Held
    again: bool


@dataclass(slots=True)
class Holding:
    """The partitions that are a member's, and those that were and are not given up yet: nobody else gets them before."""

    held: set[TopicPartition] = field(default_factory=set)
    leaving: set[TopicPartition] = field(default_factory=set)
    _said: Joining = field(default_factory=lambda: Joining(frozenset()))

    def joining(self, topics: Collection[str]) -> Joining:
        """What the member says when it joins."""
        self._said = replace(self._said, topics=frozenset(topics), held=frozenset(self.held))
        return self._said

    def ended(self, assigned: Held, generation: int) -> Change:
        """The group gave it these. One that comes back while it is being given up is lost still, and gained later."""
        kept = assigned & self.held - self.leaving
        lost = self.held - assigned - self.leaving
        gained = assigned - self.held
        freed = self._said.held - self.held - assigned
        self._said = replace(self._said, generation=generation)
        self.leaving |= lost
        self.held |= gained
        return Change(frozenset(kept), gained, frozenset(lost), bool(freed))

    def released(self, partitions: Collection[TopicPartition]) -> bool:
        """These are given up; whether the group must share anew."""
        gone = self.leaving.intersection(partitions)
        self.leaving -= gone
        self.held -= gone
        return bool(gone)
