"""One owned partition of triggers: what is read from it, what the ledger says of it, and what is finished."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field

from bridge.clock import Clock
from bridge.dispatch.around import Arrival, Results
from bridge.dispatch.missing import MissingTopics
from bridge.dispatch.progress import Progress
from bridge.dispatch.rivalry import Rivalry
from bridge.dispatch.verdicts import superseded
from bridge.dispatch.work import State, Work
from bridge.errors import AppendUncertain, LedgerLost
from bridge.ledger.item import New, Waiting, rank_of
from bridge.ledger.partition import PartitionLedger
from bridge.ledger.records import Attempt, Decision, Dropped, Parked, Reported
from bridge.ledger.repeating import Kinship, kinship
from bridge.telemetry import Telemetry
from bridge.triggers import Trigger


@dataclass(slots=True, eq=False)
class OwnedPartition:
    """From its opening to its closing; a partition that comes back is opened anew.

    `enqueue`: give a piece of work to its brand's queue. `withdraw`: take it out. `fetch`: read a trigger again by its
    offset, None when the topic no longer keeps it. `ours`: nonces of the attempts that this process is making.
    """

    ledger: PartitionLedger
    results: Results
    clock: Clock
    telemetry: Telemetry
    enqueue: Callable[[Work], None]
    withdraw: Callable[[Work], None]
    fetch: Callable[[int], Awaitable[Arrival | None]]
    ours: set[str]
    progress: Progress
    missing: MissingTopics
    works: dict[str, Work] = field(default_factory=dict)
    rivalry: Rivalry = field(init=False)
    closing: bool = False
    in_flight: int = 0
    # Triggers whose standing must be looked at again: bridge.dispatch.takeover does.
    news: set[str] = field(default_factory=set)
    news_came: asyncio.Event = field(default_factory=asyncio.Event)
    _idle: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.rivalry = Rivalry(self.ledger.fold, self.progress)

    @property
    def working(self) -> bool:
        """Whether attempts may begin: it is ours, and not being given up."""
        return self.ledger.owned and not self.closing

    async def welcome(self, work: Work) -> None:
        """A work that could not be called before: let it wait for its turn."""
        work.since = self.clock.boottime()
        self.add(work)
        await self.supersede([work])
        if work.state is State.WAITING:
            self.queue(work)

    async def drop(self, drops: Sequence[Dropped]) -> None:
        """Ends without a call: ledger, result, progress."""
        if drops and await self.decide(*drops):
            await self.finish_all([drop.id for drop in drops])

    async def give_up_on(self, works: Sequence[Work], verdict: Callable[[Work, New | Waiting], Dropped]) -> None:
        """End these without a call, or another one, but for those that have an end already."""
        known = [(work, self.not_ended(work)) for work in works]
        await self.drop([verdict(work, standing) for work, standing in known if standing is not None])

    async def supersede(self, works: Iterable[Work]) -> None:
        """End what waits and is replaced by a newer one, of all that share a supersede_by value with these."""
        now = self.clock.now()
        replaced = self.rivalry.replaced(works, now)
        for work in replaced:
            work.state = State.TAKEN
        await self.give_up_on(list(replaced), lambda work, standing: superseded(work, standing, replaced[work], now))

    async def decide(self, *decisions: Decision) -> bool:
        """Write decisions until they count. False when the partition is no longer ours: its new owner decides."""
        while True:
            try:
                await self.ledger.decide(*decisions)
            except AppendUncertain:
                continue  # repeating one is harmless: of two equal ones the first counts
            except LedgerLost:
                # Ours again after a new claim, or lost for good: then somebody else has read what there is.
                if not self.ledger.owned:
                    return False
            else:
                return True

    async def finish(self, trigger: str) -> None:
        """The trigger has an end in the ledger: write its result where one is due, and move on."""
        await self.write_due_result(trigger)
        work = self.works.pop(trigger, None)
        if work is not None:
            work.state = State.GONE
            self.rivalry.remove(work)
            self.withdraw(work)
            for offset in work.offsets:
                self.progress.finish(offset)

    async def finish_all(self, triggers: Iterable[str]) -> None:
        """`finish` for many at once: their results share a batch."""
        async with asyncio.TaskGroup() as group:
            for trigger in triggers:
                group.create_task(self.finish(trigger))

    async def park(self, works: Sequence[Work], why: str) -> None:
        """Let them wait in the ledger, so that the partition can go on."""
        if not works or not await self.decide(
            *(Parked(work.trigger.id, work.trigger, work.offset, why) for work in works)
        ):
            return
        for work in works:
            if work.state is State.GONE:
                await self.write_due_result(work.trigger.id)  # it ended while the record was written
            else:
                work.parked = True
                self.finish_if_parked(work)

    def queue(self, work: Work) -> None:
        """Let it wait for its turn; not when the partition is being given up: its successor reads it again."""
        if not self.closing:
            self.enqueue(work)

    def add(self, work: Work) -> None:
        """This work is this partition's from here on."""
        self.works[work.trigger.id] = work
        self.rivalry.add(work)

    def in_memory(self) -> int:
        """Triggers that wait here alone: those that are parked wait in the ledger, too."""
        return len(self.works) - sum([work.parked for work in self.works.values()])

    async def write_due_result(self, trigger: str) -> None:
        """Write the result that is, or may be, still to write; once more does no harm."""
        item = self.ledger.fold.items.get(trigger)
        if item is None or item.open_executions():
            return  # nothing more is to come, or something is
        end = item.result_due()
        if end is not None:
            await self.results.emit(trigger, item, end)
            if item.parked is not None:
                await self.ledger.note(Reported(trigger))
        self.ledger.fold.settle(trigger, 0 if end is None else rank_of(end))

    def finish_if_parked(self, work: Work) -> None:
        """A parked trigger waits in the ledger: its place on the topic is done with."""
        if work.parked:
            for offset in work.offsets:
                self.progress.finish(offset)
            work.offsets.clear()

    def reconsider(self, trigger: str) -> None:
        """Have the trigger's standing looked at again soon."""
        self.news.add(trigger)
        self.news_came.set()

    def not_ended(self, work: Work) -> New | Waiting | None:
        """Look at the ledger once more before an attempt or an end. None: it is called, or has an end, by late news; what
        follows from that is left to `reconsider`.
        """
        standing = self.ledger.fold.standing(work.trigger.id)
        if isinstance(standing, New | Waiting):
            return standing
        work.state = State.WATCHED
        self.reconsider(work.trigger.id)
        return None

    def kinship(self, trigger: Trigger) -> Kinship:
        """Whether what it repeats, or what repeats it, lets it be called, by what is known now."""
        return kinship(trigger, self.ledger.fold, self.works.__contains__)

    def ended_otherwise(self, trigger: str, nonce: str) -> bool:
        """Whether another attempt than this one forbids the call, by what the ledger says now."""
        item = self.ledger.fold.items.get(trigger)
        return item is None or not isinstance(item.standing(without=nonce), New | Waiting)

    def began(self, attempt: Attempt) -> None:
        """This process makes the attempt from here on."""
        self.ours.add(attempt.nonce)
        self.in_flight += 1

    def ended(self, attempt: Attempt) -> None:
        """The attempt has its end, and so has what follows from it."""
        self.ours.discard(attempt.nonce)
        self.in_flight -= 1
        if self.in_flight == 0:
            self._idle.set()

    async def drained(self) -> None:
        """Wait until no attempt is under way."""
        while self.in_flight:
            self._idle.clear()
            await self._idle.wait()
