"""One brand's way from waiting to calling: who is next, how many are worth preparing, and what keeps them waiting."""

import asyncio
from collections import defaultdict
from collections.abc import Callable

from bridge.budget.budget import Budget
from bridge.clock import Clock
from bridge.dispatch.calling import Calling
from bridge.dispatch.cooling import Cooling
from bridge.dispatch.partition import OwnedPartition
from bridge.dispatch.waiting import Waiting
from bridge.dispatch.work import State, Work
from bridge.holds.board import Board
from bridge.holds.model import Reason
from bridge.waking import woken

# Intents that are written as one batch: so many may be in doubt for each partition when a replica is killed.
_WAVE = 16
# Holds end by themselves at a time; nobody tells.
_LONGEST_SLEEP = 1.0
# While the group is silent, as in every rebalance after a crash: nobody tells when it speaks again, and it matters.
_LOOK_AGAIN = 0.1


class Pump:
    """Takes the brand's works, most urgent first, and starts their attempts in `group`."""

    def __init__(
        self,
        brand: str,
        *,
        budget: Budget,
        holds: Board,
        cooling: Cooling,
        calling: Calling,
        owner: Callable[[int], OwnedPartition | None],
        clock: Clock,
    ) -> None:
        """`owner`: the partition of that number, if it is ours now."""
        self.brand = brand
        self.waiting = Waiting()
        self._budget = budget
        self._holds = holds
        self._cooling = cooling
        self._calling = calling
        self._owner = owner
        self._clock = clock
        self._wake = holds.watch()
        self._full = False  # whether it sleeps until a call has its answer

    def add(self, work: Work) -> None:
        """A work that waits for its first attempt since it was read."""
        self.waiting.add(work)
        self._wake.set()

    def again(self, work: Work, not_before: float) -> None:
        """A work that waits for another attempt."""
        if work.state is not State.GONE:
            self.waiting.again(work, not_before)
            self._wake.set()

    def done(self, work: Work) -> None:
        """The work has an end; the next of its order may go."""
        self.waiting.done(work)
        self._wake.set()

    def landed(self) -> None:
        """A call has its answer, or never will: another may leave."""
        if self._full:
            self._wake.set()

    async def run(self, group: asyncio.TaskGroup) -> None:
        """Until cancelled."""
        while True:
            self._wake.clear()
            self._full = False
            self.waiting.unhold(self._held)
            if (pause := self._pause()) > 0:
                await woken(self._wake, pause)
                continue
            room = await self._budget.room(self.brand)
            for partition, works in self._next(min(room, _WAVE)).items():
                self._budget.prepare(self.brand, len(works))
                group.create_task(self._calling.wave(partition, works), name=f"wave {self.brand}")

    def _pause(self) -> float:
        """Seconds until it makes sense to look again; 0: now."""
        if not self._calling.may_call():
            return _LOOK_AGAIN
        now = self._clock.boottime()
        if not self.waiting.ready(now):
            at = self.waiting.next_at()
            return _LONGEST_SLEEP if at is None else min(_LONGEST_SLEEP, at - now)
        hold = self._holds.on_brand(self.brand)
        if hold is not None and not (hold.reason is Reason.FORBIDDEN and self._cooling.probe_due(self.brand)):
            left = _LONGEST_SLEEP if hold.until is None else (hold.until - self._clock.now()) / 1000
            return min(_LONGEST_SLEEP, max(left, 0.001))
        self._full = self._calling.full(self.brand)
        if self._full:
            return _LONGEST_SLEEP  # `landed` wakes it
        return max(0.0, self._cooling.opens_at(self.brand) - now)

    def _next(self, most: int) -> dict[OwnedPartition, list[Work]]:
        hold = self._holds.on_brand(self.brand)
        most = self._cooling.most(self.brand, most if hold is None else 1)
        works = self.waiting.take(most, self._clock.boottime(), self._held)
        if works:
            self._cooling.tried(self.brand)
        if hold is not None and works:
            self._cooling.probe_with(self.brand, works[0])
        waves: dict[OwnedPartition, list[Work]] = defaultdict(list)
        for work in works:
            partition = self._owner(work.partition)
            # What a partition leaves behind when it is given up or lost is not called: its successor reads it again. Nor
            # may a new attempt begin then: released, tried again and released, it would never come to its end.
            if partition is not None and partition.working and partition.works.get(work.trigger.id) is work:
                waves[partition].append(work)
        return waves

    def _held(self, route: str) -> bool:
        return self._holds.on_route(route) is not None
