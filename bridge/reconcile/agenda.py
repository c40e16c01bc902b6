"""Which triggers of a partition have executions that are followed, and when they are asked about next. Pure.

There may be a million. So only what the ledger does not know is kept, one small object for each; what it asks about is looked
up when its time has come.
"""

import heapq
from dataclasses import dataclass, field

from bridge.ledger.partition import PartitionLedger


@dataclass(slots=True, eq=False)
class Followed:
    """A trigger whose executions are followed. `since` when, and `due` when next: boottime, seconds.

    `asked`: how often the answer was "not yet"; `seen`: when it was last, ms since 1970 UTC, 0 for never. `rarely`: all
    that have not ended are `unresolved`.
    """

    trigger: str
    since: float
    due: float
    rarely: bool
    asked: int = 0
    seen: int = 0

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
    _soon: list[Followed] = field(default_factory=list)
    _rarely: list[Followed] = field(default_factory=list)

    @property
    def unresolved(self) -> int:
        """How many are waited for that are unresolved already."""
        return len(self._rarely)

    def put_off(self, one: Followed) -> None:
        """Let it wait until it is due."""
        heapq.heappush(self._rarely if one.rarely else self._soon, one)

    def drop(self, one: Followed) -> None:
        """Follow it no more."""
        if self.follows(one):
            del self.followed[one.trigger]

    def follows(self, one: Followed) -> bool:
        """Whether it counts still."""
        return self.followed.get(one.trigger) is one

    def next_due(self, *, rarely: bool) -> float | None:
        """When the first of these is due; None when none waits."""
        waiting = self._rarely if rarely else self._soon
        while waiting and not self.follows(waiting[0]):
            heapq.heappop(waiting)
        return waiting[0].due if waiting else None

    def take(self, *, rarely: bool) -> Followed:
        """That one: it waits no more until it is put off again."""
        return heapq.heappop(self._rarely if rarely else self._soon)

    def clear(self) -> None:
        """The partition is not ours any more: let go of everything, whoever still looks at this."""
        for all_of_them in (self.unread, self.followed, self._soon, self._rarely):
            all_of_them.clear()
