"""Which triggers of a partition have executions that are followed, and when they are asked about next. Pure.

There may be a million. So only what the ledger does not know is kept, one small object for each; what it asks about is looked
up when its time has come.
"""

import heapq
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cache
from typing import NamedTuple

from msgspec import Struct

from bridge.ledger.partition import PartitionLedger


class Kind(NamedTuple):
    """Those that wait for one another: of a brand, because it is its budget that they wait for; and those that are asked about
    `rarely` apart, because there may be very many.
    """

    brand: str
    rarely: bool


@cache
def kind_of(brand: str, *, rarely: bool) -> Kind:
    """The one that a million share."""
    return Kind(brand, rarely)


class Followed(Struct, eq=False, gc=False):
    """A trigger whose executions are followed. `kind`: whom it waits with. `since` when, and `due` when next: boottime, seconds.

    `asked`: how often the answer was "not yet"; `seen`: when it was last, ms since 1970 UTC, 0 for never.
    """

    trigger: str
    kind: Kind
    since: float
    due: float = 0.0
    asked: int = 0
    seen: int = 0

    @property
    def rarely(self) -> bool:
        """Whether all that have not ended are `unresolved`."""
        return self.kind.rarely

    def __lt__(self, other: "Followed") -> bool:
        return self.due < other.due


@dataclass(slots=True, eq=False)
class Agenda:
    """Of one partition, for as long as it is ours. `unread`: triggers that were in the ledger when it was opened, and that
    were not looked at yet.
    """

    ledger: PartitionLedger
    unread: list[str]
    followed: dict[str, Followed] = field(default_factory=dict)
    _waiting: defaultdict[Kind, list[Followed]] = field(default_factory=lambda: defaultdict(list))

    @property
    def unresolved(self) -> int:
        """How many are waited for that are unresolved already."""
        return sum(len(waiting) for kind, waiting in self._waiting.items() if kind.rarely)

    def put_off(self, one: Followed) -> bool:
        """Let it wait until it is due. Whether it is the next one now."""
        waiting = self._waiting[one.kind]
        heapq.heappush(waiting, one)
        return waiting[0] is one

    def drop(self, one: Followed) -> None:
        """Follow it no more."""
        if self.follows(one):
            del self.followed[one.trigger]

    def follows(self, one: Followed) -> bool:
        """Whether it counts still."""
        return self.followed.get(one.trigger) is one

    def next_due(self, kind: Kind) -> float | None:
        """When the first of these is due; None when none waits."""
        waiting = self._waiting[kind]
        while waiting and not self.follows(waiting[0]):
            heapq.heappop(waiting)
        return waiting[0].due if waiting else None

    def take(self, kind: Kind) -> Followed:
        """That one: it waits no more until it is put off again."""
        return heapq.heappop(self._waiting[kind])

    def clear(self) -> None:
        """The partition is not ours any more: let go of everything, whoever still looks at this."""
        for all_of_them in (self.unread, self.followed, self._waiting):
            all_of_them.clear()


class Agendas(dict[int, Agenda]):
    """Those of all partitions that are ours, by their numbers."""

    @property
    def followed(self) -> int:
        """Triggers whose executions are followed."""
        return sum(len(agenda.followed) for agenda in self.values())

    @property
    def unresolved(self) -> int:
        """How many are waited for that are unresolved already."""
        return sum(agenda.unresolved for agenda in self.values())

    def next_due(self, *kinds: Kind) -> float | None:
        """When the first of these is due; None when none waits."""
        dues = (agenda.next_due(kind) for agenda in self.values() for kind in kinds)
        return min((due for due in dues if due is not None), default=None)

    def first(self, kind: Kind, now: float) -> Agenda | None:
        """The partition with the one that has been due for longest at `now`."""
        dues = [(due, agenda) for agenda in self.values() if (due := agenda.next_due(kind)) is not None and due <= now]
        return min(dues, key=lambda one: one[0])[1] if dues else None
