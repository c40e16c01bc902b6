"""Stage 2, dispatch: triggers in, calls out. The care is in calling.py and in the ledger; this is the loop around it."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from math import inf

from msgspec import structs

from bridge.clock import Clock
from bridge.dispatch import verdicts
from bridge.dispatch.around import Arrival
from bridge.dispatch.arriving import accept
from bridge.dispatch.assignment import Assignment
from bridge.dispatch.pump import Pump
from bridge.dispatch.work import State
from bridge.events import Source
from bridge.kafka.answers import OutOfRange
from bridge.kafka.consumer import GroupConsumer
from bridge.kafka.records import Record, TopicPartition
from bridge.telemetry import Telemetry
from bridge.triggers import Rejected, Trigger

STAGE = "dispatch"
_READ_MS = 200
_READ_RECORDS = 1_000
_COMMIT_EVERY = 1.0
_LOOK_EVERY = 3.0
_SWEEP_EVERY = 0.5
# Reading goes on when so much of the room for waiting triggers is free again.
_RESUME_BELOW = 0.8


@dataclass(frozen=True, slots=True)
class Patience:
    """`park_after`: seconds that a trigger waits in memory before it waits in the ledger. `max_waiting`: triggers in
    memory, not parked, before reading pauses.
    """

    park_after: float
    max_waiting: int


class Dispatch:
    """Runs until `stop()`: then drains, commits and leaves the group."""

    def __init__(
        self,
        *,
        consumer: GroupConsumer,
        assignment: Assignment,
        pumps: Mapping[str, Pump],
        patience: Patience,
        held: Callable[[str, str], bool],
        clock: Clock,
        telemetry: Telemetry,
    ) -> None:
        """`held(brand, route)`: whether a hold keeps the calls of a route waiting."""
        self._consumer = consumer
        self._assignment = assignment
        self._pumps = pumps
        self._patience = patience
        self._held = held
        self._clock = clock
        self._telemetry = telemetry
        self._stopping = asyncio.Event()
        self._paused = False

    def stop(self) -> None:
        """Begin to end."""
        self._stopping.set()

    def not_ready(self) -> list[str]:
        """Why this stage does not work yet, for people."""
        if not self._consumer.joined:
            return ["dispatch is not in its group: it has not joined yet, or Kafka does not answer"]
        return [] if self._assignment.restored else ["dispatch is still reading the ledgers of its partitions"]

    async def run(self) -> None:
        """Read triggers and see to it that each has an end."""
        async with asyncio.TaskGroup() as group:
            ready = asyncio.Event()
            background = group.create_task(self._background(ready), name="dispatch background")
            await ready.wait()
            try:
                await self._consumer.start(self._assignment)
                while not self._stopping.is_set():
                    self._pause_or_resume()
                    await self._read()
                await self._assignment.drain()
            finally:
                await self._consumer.stop()
            background.cancel()

    async def _background(self, ready: asyncio.Event) -> None:
        """What goes on beside reading, for as long as this replica runs."""
        async with asyncio.TaskGroup() as group:
            self._assignment.group = group
            for pump in self._pumps.values():
                group.create_task(pump.run(group), name=f"pump {pump.brand}")
            group.create_task(_every(_COMMIT_EVERY, self._assignment.commit), name="commit")
            group.create_task(_every(_LOOK_EVERY, self._assignment.look_after), name="look after")
            group.create_task(_every(_SWEEP_EVERY, self._sweep), name="sweep")
            ready.set()

    async def _read(self) -> None:
        try:
            batches = await self._consumer.records(_READ_MS, _READ_RECORDS)
        except OutOfRange as gone:
            await self._assignment.start_anew(gone.positions)
            return
        self._telemetry.fetched(STAGE)
        self._telemetry.heartbeat(STAGE, self._consumer.heard_at)
        async with asyncio.TaskGroup() as group:
            for where, records in batches.items():
                partition = self._assignment.partition(where.partition)
                if partition is not None and not partition.closing:
                    group.create_task(accept(partition, [self._arrival(where, record) for record in records]))

    def _arrival(self, where: TopicPartition, record: Record) -> Arrival:
        try:
            trigger = Trigger.decode(record.value or b"")
        except ValueError as error:
            # Not written by a bridge: it has no id, so it can have no outcome either.
            self._telemetry.dead_letter(Source(where.topic, where.partition, record.offset), f"no trigger: {error!r}")
            return Arrival(record.offset, record.timestamp, None)
        if trigger.brand not in self._pumps:
            trigger = structs.replace(
                trigger, verdict=Rejected(f"brand {trigger.brand} is not in the settings (any more)")
            )
        return Arrival(record.offset, record.timestamp, trigger)

    def _pause_or_resume(self) -> None:
        if (
            not self._paused
            and sum(len(owned.partition.works) for owned in self._assignment) < self._patience.max_waiting
        ):
            return  # as nearly always; to tell who of them waits elsewhere takes a look at each
        waiting = sum(owned.partition.in_memory() for owned in self._assignment)
        if waiting >= self._patience.max_waiting:
            self._paused = True
            self._consumer.pause(self._consumer.assignment())  # also those that were opened since
        elif self._paused and waiting < self._patience.max_waiting * _RESUME_BELOW:
            self._paused = False
            self._consumer.resume([self._assignment.where(owned) for owned in self._assignment])

    async def _sweep(self) -> None:
        """End what waited too long; park what waits long. The last check before a call does not depend on this."""
        now, age = self._clock.now(), self._clock.boottime() - self._patience.park_after
        for owned in self._assignment:
            partition = owned.partition
            expired, long = [], []
            for work in partition.works.values():
                if work.state is State.WAITING:
                    if now >= work.trigger.expires_at:
                        expired.append(work)
                    elif work.since <= age and not work.parked:
                        long.append(work)
            for work in expired:
                work.state = State.TAKEN
            await partition.give_up_on(expired, lambda work, standing: verdicts.expired(work, standing, now))
            await partition.park(long, "it waited for long")
            if self._paused:
                waiting = [work for work in partition.works.values() if work.state is State.WAITING]
                await partition.park([work for work in waiting if not work.parked], "too many wait")
            await asyncio.sleep(0)  # with thousands that wait this takes milliseconds, and slots would be missed
        await self._report()

    async def _report(self) -> None:
        oldest: dict[str, int] = {}
        counts = dict.fromkeys(self._pumps, 0)
        held = Counter[str]()
        for owned in self._assignment:
            triggers = [work.trigger for work in owned.partition.works.values()]
            for (brand, route), count in Counter([(one.brand, one.route) for one in triggers]).items():
                counts[brand] = counts.get(brand, 0) + count
                held[brand] += count if self._held(brand, route) else 0
            for one in triggers:
                if one.received < oldest.get(one.brand, inf):
                    oldest[one.brand] = one.received
            fold = owned.partition.ledger.fold
            self._telemetry.ledger_size(owned.partition.ledger.partition, len(fold.remembered), len(fold.items))
            await asyncio.sleep(0)
        for brand, count in counts.items():
            self._telemetry.waiting(brand, count, oldest.get(brand), held[brand])
        self._telemetry.in_flight(sum(owned.partition.in_flight for owned in self._assignment))


async def _every(seconds: float, what: Callable[[], Awaitable[None]]) -> None:
    while True:
        await asyncio.sleep(seconds)
        await what()
