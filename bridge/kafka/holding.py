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
    # Whether the group had gone on without it when it joined last; and what was lost so: others may have that already.
    _out: bool = False
    _forfeited: set[TopicPartition] = field(default_factory=set)

    def joining(self, topics: Collection[str], *, out: bool) -> Joining:
        """What the member says when it joins. `out`: the group does not know it (any more)."""
        self._out = out
        self._said = replace(self._said, topics=frozenset(topics), held=frozenset(self.held))
        return self._said

    def may_commit(self, partition: TopicPartition) -> bool:
        """Whether nobody else can have it: a late commit would set its progress back."""
        return partition in self.held and partition not in self._forfeited

    def ended(self, assigned: Held, generation: int) -> Change:
        """The group gave it these. One that comes back while it is being given up is lost still, and gained later."""
        kept = assigned & self.held - self.leaving
        lost = self.held - assigned - self.leaving
        gained = assigned - self.held
        freed = self._said.held - self.held - assigned
        self._said = replace(self._said, generation=generation)
        self.leaving |= lost
        self.held |= gained
        if self._out:
            self._forfeited |= lost
        return Change(frozenset(kept), gained, frozenset(lost), bool(freed))

    def released(self, partitions: Collection[TopicPartition]) -> bool:
        """These are given up; whether the group must share anew."""
        gone = self.leaving.intersection(partitions)
        self.leaving -= gone
        self.held -= gone
        self._forfeited -= gone
        return bool(gone)
