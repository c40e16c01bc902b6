"""What the replicas of a test share: triggers, ledger, results and control in memory, and who owns which partition."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from dispatch.memory import MemoryLog

from bridge.clock import Clock
from bridge.kafka.answers import NotAMember
from bridge.kafka.consumer import GroupConsumer
from bridge.kafka.holding import Holding
from bridge.kafka.membership import Member, Partitions
from bridge.kafka.producer import Producer
from bridge.kafka.records import Headers, NewRecord, Record, TopicPartition
from bridge.ledger.log import LogRecord

TRIGGERS, RESULTS, CONTROL = "bridge.triggers", "bridge.results", "bridge.control"


class Broker:
    """The topics, and the offsets that the group committed."""

    def __init__(self, clock: Clock, partitions: int) -> None:
        self.clock = clock
        self.triggers = [MemoryLog(clock) for _ in range(partitions)]
        self.ledger = [MemoryLog(clock) for _ in range(partitions)]
        self.results: list[bytes] = []
        self.control: list[tuple[str, bytes | None]] = []
        self.committed: dict[TopicPartition, int] = {}
        self.listeners: list[Callable[[str, bytes | None], None]] = []
        self.partitions_seen = partitions  # what Kafka tells of the triggers topic

    async def write_control(self, key: str, value: bytes | None) -> None:
        """One record; every replica hears it a turn of the loop later, the writer's too."""
        self.control.append((key, value))
        for listen in self.listeners:
            asyncio.get_running_loop().call_soon(listen, key, value)


class MemoryProducer(Producer):
    """Writes results."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker

    async def send_until_written(self, record: NewRecord) -> None:
        await asyncio.sleep(0)
        assert record.topic == RESULTS
        self._broker.results.append(record.value or b"")


@dataclass(frozen=True, slots=True)
class Read:
    """A record that was read (bridge.kafka.records.Record)."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Headers = ()


@dataclass(slots=True)
class _Position:
    offset: int
    paused: bool = True


class MemoryConsumer(GroupConsumer):
    """A member whose partitions the test gives (`give`). `silent` since then, the group does not answer; `expelled`, it
    has gone on without this member, which does not know it.
    """

    def __init__(self, broker: Broker) -> None:
        self.broker = broker
        self.silent_since: float | None = None
        self.expelled = False
        self._given: Partitions | None = None
        self._assigned: Partitions = frozenset()
        self._places: dict[TopicPartition, _Position] = defaultdict(lambda: _Position(0))
        self._holding = Holding()
        self._joined = False
        self._stirred = asyncio.Event()
        for log in broker.triggers:
            log.watchers.append(self._stirred)

    def give(self, partitions: Collection[int]) -> None:
        """A rebalance: these are the member's from its next read on."""
        self._given = frozenset(TopicPartition(TRIGGERS, number) for number in partitions)
        self._stirred.set()

    @property
    def joined(self) -> bool:
        return self._joined

    @property
    def heard_at(self) -> float | None:
        return self.broker.clock.boottime() if self.silent_since is None else self.silent_since

    def heard_within(self, seconds: float) -> bool:
        return self.heard_at is not None and self.broker.clock.boottime() - self.heard_at < seconds

    async def start(self, member: Member) -> None:
        self._member = member

    async def stop(self) -> None:
        self._joined = False

    async def records(self, timeout_ms: int, max_records: int | None = None) -> dict[TopicPartition, Sequence[Record]]:
        await self._rebalance()
        self._stirred.clear()
        if not (found := self._found(max_records or 1_000)):
            try:
                async with asyncio.timeout(timeout_ms / 1000):
                    await self._stirred.wait()
            except TimeoutError:
                pass
            found = self._found(max_records or 1_000)
        return found

    def _found(self, most: int) -> dict[TopicPartition, Sequence[Record]]:
        found: dict[TopicPartition, Sequence[Record]] = {}
        for where in self._assigned:
            position = self._places[where]
            news = self.broker.triggers[where.partition].records[position.offset :][:most]
            if news and not position.paused:
                found[where] = [_read(where, raw) for raw in news]
                position.offset += len(news)
        return found

    async def _rebalance(self) -> None:
        given, self._given = self._given, None
        if given is None or self._member is None:
            return
        change = self._holding.ended(given, 1)
        self._assigned = given
        for where in given - change.kept:
            self._places[where] = _Position(self.broker.committed.get(where, 0))
        if change.lost:
            self._member.on_lost(change.lost)
        await self._member.on_gained(change.gained)
        self._joined = True

    def release(self, partitions: Collection[TopicPartition]) -> None:
        if self._holding.released(partitions) and self._given is None:
            self._given = self._assigned
        self._stirred.set()

    def may_commit(self, partition: TopicPartition) -> bool:
        return self._holding.may_commit(partition)

    async def commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        if self.expelled:
            raise NotAMember("the group has gone on without this member")
        self.broker.committed.update(offsets)

    async def committed(self, partitions: Collection[TopicPartition]) -> dict[TopicPartition, int | None]:
        return {where: self.broker.committed.get(where) for where in partitions}

    def seek(self, partition: TopicPartition, offset: int) -> None:
        self._places[partition].offset = offset

    def pause(self, partitions: Collection[TopicPartition]) -> None:
        self._pause(partitions, paused=True)

    def resume(self, partitions: Collection[TopicPartition]) -> None:
        self._pause(partitions, paused=False)
        self._stirred.set()

    def _pause(self, partitions: Collection[TopicPartition], *, paused: bool) -> None:
        for where in partitions:
            if where in self._assigned:
                self._places[where].paused = paused

    async def position(self, partition: TopicPartition) -> int:
        return self._places[partition].offset

    def assignment(self) -> Partitions:
        return self._assigned

    def partitions_for(self, topic: str) -> int:
        return self.broker.partitions_seen

    def end_seen(self, partition: TopicPartition) -> int | None:
        return len(self.broker.triggers[partition.partition].records)

    async def beginning_offsets(self, partitions: Collection[TopicPartition]) -> dict[TopicPartition, int]:
        return {where: self.broker.triggers[where.partition].first for where in partitions}


def _read(where: TopicPartition, raw: LogRecord) -> Read:
    return Read(where.topic, where.partition, raw.offset, raw.timestamp, raw.key, raw.value)
