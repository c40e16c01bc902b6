"""Stage 3, reconcile: open executions are asked about until they end, and their outcomes written.

What is open stands in the ledger; this stage keeps only when to ask next. An execution's end: result first, then ledger.
"""

import asyncio
import heapq
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from itertools import count
from typing import Protocol

from bridge.budget.budget import Budget, Lane
from bridge.clock import Clock
from bridge.holds.board import Board
from bridge.holds.model import Hold, brand_scope
from bridge.ledger.item import End, Item, rank_of
from bridge.ledger.partition import PartitionLedger
from bridge.ledger.records import Accepted, Ended
from bridge.reconcile.judging import END_NAMES, Following, HoldBrand, NotYet, judge, overdue
from bridge.reconcile.pace import Pace
from bridge.telemetry import Telemetry
from bridge.vendor.answers import StatusAnswer

# Polls under way at once; more would only wait for slots.
_AT_ONCE = 64
_LONGEST_SLEEP = 1.0
# After a long downtime the deadline of an execution has passed before anybody asked: so long it is followed all the same.
_LEAST_FOLLOWED = 60.0


class Vendor(Protocol):
    """The vendor's status endpoint."""

    async def status(self, brand: str, execution_id: str) -> StatusAnswer:
        """How an execution stands; never raises for what network or vendor do."""


class Results(Protocol):
    """Where outcomes go."""

    async def emit(self, trigger: str, item: Item, end: End) -> None:
        """Write the result of the end, and wait until it is acknowledged."""


@dataclass(slots=True, eq=False)
class _Open:
    """An execution that is followed, `since` when (boottime, seconds). `asked`: how often."""

    ledger: PartitionLedger
    trigger: str
    accepted: Accepted
    since: float
    asked: int = 0


class Reconcile:
    """A follower (bridge.dispatch.around.Follower) of the partitions that dispatch owns. `run()` polls until cancelled."""

    def __init__(
        self,
        *,
        vendor: Vendor,
        budget: Budget,
        holds: Board,
        results: Results,
        pace: Pace,
        following: Following,
        fresh: Callable[[], bool],
        replica: str,
        clock: Clock,
        telemetry: Telemetry,
    ) -> None:
        """`fresh()`: whether the group has answered within the session timeout; else another replica may poll."""
        self._vendor = vendor
        self._budget = budget
        self._holds = holds
        self._results = results
        self._pace = pace
        self._following = following
        self._fresh = fresh
        self._replica = replica
        self._clock = clock
        self._telemetry = telemetry
        self._ledgers: dict[int, PartitionLedger] = {}
        self._open: dict[tuple[int, str, str], _Open] = {}  # by partition, trigger and execution id
        self._due: list[tuple[float, int, _Open]] = []
        self._sequence = count()
        self._wake = asyncio.Event()
        self._one_at_a_time = asyncio.Lock()
        self._under_way = asyncio.Semaphore(_AT_ONCE)

    def opened(self, ledger: PartitionLedger) -> None:
        """Follow what is open in this partition."""
        self._ledgers[ledger.partition] = ledger
        self.changed(ledger.partition, set(ledger.fold.items))

    def changed(self, partition: int, triggers: set[str]) -> None:
        """Follow the executions of these triggers that are not followed yet."""
        ledger = self._ledgers.get(partition)
        if ledger is None:
            return
        for trigger in triggers:
            item = ledger.fold.items.get(trigger)
            for accepted in () if item is None else item.open_executions():
                self._follow(ledger, trigger, accepted)

    def closed(self, partition: int) -> None:
        """Another replica follows the executions of this partition."""
        self._ledgers.pop(partition, None)
        for key in [key for key in self._open if key[0] == partition]:
            del self._open[key]

    def _follow(self, ledger: PartitionLedger, trigger: str, accepted: Accepted) -> None:
        key = (ledger.partition, trigger, accepted.execution_id)
        if key not in self._open:
            self._open[key] = one = _Open(ledger, trigger, accepted, self._clock.boottime())
            since = (self._clock.now() - accepted.at) / 1000
            self._later(one, max(0.0, self._pace.first_wait(accepted.about.event_generator_id) - since))

    def _later(self, one: _Open, seconds: float) -> None:
        heapq.heappush(self._due, (self._clock.boottime() + seconds, next(self._sequence), one))
        self._wake.set()

    async def run(self) -> None:
        """Ask about each execution when its time has come."""
        async with asyncio.TaskGroup() as group:
            while True:
                self._wake.clear()
                now = self._clock.boottime()
                while self._due and self._due[0][0] <= now:
                    one = heapq.heappop(self._due)[2]
                    if self._followed(one):
                        await self._under_way.acquire()
                        group.create_task(self._ask(one), name="poll")
                self._telemetry.open_executions(len(self._open))
                pause = min(_LONGEST_SLEEP, self._due[0][0] - now) if self._due else _LONGEST_SLEEP
                await self._sleep(pause)

    async def _sleep(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(max(0.0, seconds)):
                await self._wake.wait()
        except TimeoutError:
            return

    def _followed(self, one: _Open) -> bool:
        return self._open.get((one.ledger.partition, one.trigger, one.accepted.execution_id)) is one

    async def _ask(self, one: _Open) -> None:
        try:
            ended = await self._step(one)
        finally:
            self._under_way.release()
        if not self._followed(one):
            return
        if ended is None:
            self._later(one, self._pace.next_wait(max(one.asked, 1)))
        else:
            await self._end(one, ended)

    async def _step(self, one: _Open) -> Ended | None:
        brand = one.accepted.about.brand
        late = self._overdue(one)
        if not self._budget.knows(brand) or not self._may_ask(brand):
            return late
        if late is not None and one.asked:
            return late  # before it waits for a slot, which may take long when calls use them all
        await self._budget.slot(brand, Lane.POLL)
        if not self._may_ask(brand):
            return late  # what came while it waited for the slot: many do, while calls use them all
        answer = await self._vendor.status(brand, one.accepted.execution_id)
        self._telemetry.poll_ended(brand, END_NAMES[type(answer)])
        one.asked += 1
        now = self._clock.now()
        match judge(one.accepted, answer, now, self._following):
            case Ended() as ended:
                return ended
            case HoldBrand(reason, detail, until):
                await self._holds.hold(Hold(brand_scope(brand), reason, detail, self._replica, now, until))
            case NotYet():
                pass
        return self._overdue(one)

    def _may_ask(self, brand: str) -> bool:
        return self._holds.on_polls(brand) is None and self._fresh()

    def _overdue(self, one: _Open) -> Ended | None:
        if self._clock.boottime() - one.since < _LEAST_FOLLOWED:
            return None
        return overdue(one.accepted, self._clock.now(), self._following)

    async def _end(self, one: _Open, ended: Ended) -> None:
        """The outcome: result first, then ledger; a repetition after a crash has the same id."""
        if ended.outcome in _REAL_ENDS:
            self._pace.learn(ended.about.event_generator_id, (ended.at - ended.accepted) / 1000)
        item = one.ledger.fold.items.get(one.trigger)
        # Two executions of one trigger (a resend that turned out needless) are told of one after the other: else each
        # might take the other's result for written, or both write the same revision.
        several = item is not None and len(item.attempts) > 1
        async with self._one_at_a_time if several else nullcontext():
            if item is not None and item.improved_by(ended):
                await self._results.emit(one.trigger, item, ended)
            await one.ledger.note(ended)
        one.ledger.fold.settle(one.trigger, rank_of(ended))
        self._open.pop((one.ledger.partition, one.trigger, one.accepted.execution_id), None)


_REAL_ENDS = ("published", "failed")
