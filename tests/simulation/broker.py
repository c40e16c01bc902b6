"""Kafka as far as dispatch, ledger and reconcile can see it: partitions, a group, and acks that get lost.

A frozen or dead replica's requests that were sent before still arrive: that is what makes it hard.
"""

import asyncio
import random
from bisect import bisect_left
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from simulation.loop import NOBODY, REPLICA, VirtualClock, VirtualLoop

from bridge.errors import AppendUncertain, LogTruncated
from bridge.kafka.answers import NoAnswer, NotAMember
from bridge.kafka.consumer import GroupConsumer
from bridge.kafka.holding import Holding
from bridge.kafka.log import PartitionReader
from bridge.kafka.membership import Member, Partitions
from bridge.kafka.producer import Producer
from bridge.kafka.records import Headers, NewRecord, Record, TopicPartition
from bridge.ledger.log import Appended, LogRecord

TRIGGERS, RESULTS = "bridge.triggers", "bridge.results"
_SHORT = (0.0002, 0.004)
_APPEND_DEADLINE = 10.0
# How many results take seconds to be written, as when a partition has no leader.
_SLOW_RESULTS = 0.05
# Retentions, ms: as 7 and 8 days are to a dedup window of one, so these are to that of the simulation.
_TRIGGERS_KEPT, _LEDGER_KEPT = 6_000_000, 7_000_000


@dataclass(slots=True)
class Log:
    """A partition. `kept` (ms): its retention. `trouble`: the probability that the ack of an append is lost, or that it
    takes long.
    """

    clock: VirtualClock
    dice: random.Random
    kept: int
    trouble: float = 0.0
    records: list[LogRecord] = field(default_factory=list)

    @property
    def first(self) -> int:
        """The offset of the first record that retention has not taken."""
        oldest = self.clock.now() - self.kept
        return bisect_left(self.records, oldest, key=lambda raw: raw.timestamp)

    def put(self, key: bytes | None, value: bytes) -> int:
        self.records.append(LogRecord(len(self.records), self.clock.now(), key, value))
        return len(self.records) - 1


async def _on_the_way(dice: random.Random) -> None:
    await asyncio.sleep(dice.uniform(*_SHORT))


def _arrive(loop: VirtualLoop, delay: float, what: Callable[[], None]) -> None:
    """Something that happens at the broker, whatever becomes of who asked for it."""
    token = REPLICA.set(NOBODY)
    try:
        loop.call_later(delay, what)
    finally:
        REPLICA.reset(token)


class Partition:
    """One replica's view of a log (bridge.ledger.log.PartitionLog). Its appends keep their order, as those of an
    idempotent producer do: one that is repeated arrives before the next.
    """

    def __init__(self, log: Log, loop: VirtualLoop) -> None:
        self._log = log
        self._loop = loop
        self._last = 0.0

    async def append(self, records: Sequence[tuple[bytes | None, bytes]]) -> Appended:
        dice, log = self._log.dice, self._log
        delay = dice.uniform(*_SHORT)
        slow = dice.random() < log.trouble
        if slow:
            delay = dice.uniform(0.1, 15.0)
        lost_ack = slow and dice.random() < 0.5
        lost = lost_ack and dice.random() < 0.3
        arrives = max(self._last, self._loop.time() + delay)
        self._last = arrives
        acked: asyncio.Future[Appended] = self._loop.create_future()

        def write() -> None:
            if lost:
                return
            first = Appended(len(log.records), log.clock.now())
            for key, value in records:
                log.put(key, value)
            if not lost_ack:
                self._loop.call_later(dice.uniform(*_SHORT), _resolve, acked, first)

        _arrive(self._loop, arrives - self._loop.time(), write)
        try:
            async with asyncio.timeout(_APPEND_DEADLINE):
                return await acked
        except TimeoutError:
            raise AppendUncertain("no ack in time") from None

    async def read(self, start: int, end: int) -> AsyncIterator[Sequence[LogRecord]]:
        while start < end:
            await _on_the_way(self._log.dice)
            if start < self._log.first:
                raise LogTruncated(f"records from {start} are gone")
            batch = self._log.records[start : min(end, start + self._log.dice.randint(1, 30))]
            start += len(batch)
            yield batch

    async def bounds(self) -> tuple[int, int]:
        await _on_the_way(self._log.dice)
        return self._log.first, len(self._log.records)

    async def offset_at(self, timestamp: int) -> int | None:
        await _on_the_way(self._log.dice)
        kept = self._log.records[self._log.first :]
        return next((raw.offset for raw in kept if raw.timestamp >= timestamp), None)


def _resolve(future: "asyncio.Future[Appended]", value: Appended) -> None:
    if not future.done():
        future.set_result(value)


class Reader(PartitionReader):
    """Reads a partition of the triggers topic."""

    def __init__(self, partition: Partition) -> None:
        self._partition = partition

    def read(self, start: int, end: int) -> AsyncIterator[Sequence[LogRecord]]:
        return self._partition.read(start, end)

    async def bounds(self) -> tuple[int, int]:
        return await self._partition.bounds()


class Results(Producer):
    """The results topic."""

    def __init__(self, topic: "list[bytes]", loop: VirtualLoop, dice: random.Random) -> None:
        self._topic = topic
        self._loop = loop
        self._dice = dice

    async def send_until_written(self, record: NewRecord) -> None:
        """It leaves the replica after a while, and only if that lives then."""
        dice = self._dice
        await asyncio.sleep(dice.uniform(0.5, 3.0) if dice.random() < _SLOW_RESULTS else dice.uniform(*_SHORT))
        delay = dice.uniform(*_SHORT)
        _arrive(self._loop, delay, lambda: self._topic.append(record.value or b""))
        await asyncio.sleep(delay + dice.uniform(*_SHORT))


@dataclass(frozen=True, slots=True)
class Read:
    """A record that was read."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Headers = ()


@dataclass(slots=True)
class Broker:
    """What all replicas share."""

    loop: VirtualLoop
    clock: VirtualClock
    dice: random.Random
    partitions: int
    triggers: list[Log] = field(init=False)
    ledger: list[Log] = field(init=False)
    results: list[bytes] = field(default_factory=list)
    control: list[tuple[str, bytes | None]] = field(default_factory=list)
    committed: dict[TopicPartition, int] = field(default_factory=dict)
    listeners: dict[str, Callable[[str, bytes | None], None]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.triggers = [Log(self.clock, self.dice, _TRIGGERS_KEPT) for _ in range(self.partitions)]
        self.ledger = [Log(self.clock, self.dice, _LEDGER_KEPT) for _ in range(self.partitions)]

    async def write_control(self, key: str, value: bytes | None) -> None:
        await _on_the_way(self.dice)
        self.control.append((key, value))
        for name, listen in self.listeners.items():
            token = REPLICA.set(name)
            self.loop.call_later(self.dice.uniform(*_SHORT), listen, key, value)
            REPLICA.reset(token)


class Consumer(GroupConsumer):
    """A member of the dispatch group. The scenario gives partitions, early, late, or to two at once."""

    def __init__(self, broker: Broker) -> None:
        self.broker = broker
        self.heard = broker.clock.boottime()
        self.expelled = False
        self._given: Partitions | None = None
        self._mine: Partitions = frozenset()
        self._paused: set[TopicPartition] = set()
        self._places: dict[TopicPartition, int] = {}
        self._holding = Holding()
        self._joined = False

    def give(self, numbers: Collection[int]) -> None:
        self._given = frozenset(TopicPartition(TRIGGERS, number) for number in numbers)

    def heard_within(self, seconds: float) -> bool:
        return self.broker.clock.boottime() - self.heard < seconds

    @property
    def heard_at(self) -> float | None:
        return self.heard

    async def start(self, member: Member) -> None:
        self._member = member

    async def stop(self) -> None:
        self._joined = False

    async def records(self, timeout_ms: int, max_records: int | None = None) -> dict[TopicPartition, Sequence[Record]]:
        given, self._given = self._given, None
        if given is not None and self._member is not None:
            await _on_the_way(self.broker.dice)
            change = self._holding.ended(given, 1)
            self._mine = given
            self._paused = (self._paused & change.kept) | (given - change.kept)
            first = await self.beginning_offsets(given)
            for where in given - change.kept:
                self._places[where] = self.broker.committed.get(where, first[where])
            if change.lost:
                self._member.on_lost(change.lost)
            await self._member.on_gained(change.gained)
            self._joined = True
        await asyncio.sleep(self.broker.dice.choice([0.001, 0.01, 0.2]))
        found: dict[TopicPartition, Sequence[Record]] = {}
        for where in self._mine - self._paused:
            start = self._places[where]
            news = self.broker.triggers[where.partition].records[start : start + self.broker.dice.randint(1, 20)]
            if news:
                found[where] = [
                    Read(where.topic, where.partition, raw.offset, raw.timestamp, raw.key, raw.value) for raw in news
                ]
                self._places[where] = start + len(news)
        return dict(sorted(found.items()))

    def release(self, partitions: Collection[TopicPartition]) -> None:
        if self._holding.released(partitions) and self._given is None:
            self._given = self._mine  # the group shares anew

    @property
    def held(self) -> set[int]:
        """What it has, and what it has not given up yet."""
        return {where.partition for where in self._holding.held}

    def may_commit(self, partition: TopicPartition) -> bool:
        return self._holding.may_commit(partition)

    async def commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        await _on_the_way(self.broker.dice)
        if self.expelled:
            raise NotAMember("expelled")
        if self.broker.dice.random() < 0.02:
            raise NoAnswer("lost")
        self.broker.committed.update(offsets)

    async def committed(self, partitions: Collection[TopicPartition]) -> dict[TopicPartition, int | None]:
        await _on_the_way(self.broker.dice)
        return {where: self.broker.committed.get(where) for where in partitions}

    def seek(self, partition: TopicPartition, offset: int) -> None:
        if partition not in self._mine:
            raise NotAMember("not ours")
        self._places[partition] = offset

    def pause(self, partitions: Collection[TopicPartition]) -> None:
        self._paused |= set(partitions)

    def resume(self, partitions: Collection[TopicPartition]) -> None:
        self._paused -= set(partitions)

    async def position(self, partition: TopicPartition) -> int:
        if partition not in self._mine:
            raise NotAMember("not ours")
        return self._places[partition]

    def assignment(self) -> Partitions:
        return self._mine

    def partitions_for(self, topic: str) -> int:
        return self.broker.partitions

    def end_seen(self, partition: TopicPartition) -> int | None:
        return len(self.broker.triggers[partition.partition].records)

    async def beginning_offsets(self, partitions: Collection[TopicPartition]) -> dict[TopicPartition, int]:
        return {where: self.broker.triggers[where.partition].first for where in partitions}
