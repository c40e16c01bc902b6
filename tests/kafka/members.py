"""Members of a consumer group, and records, as tests need them."""

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Self

from bridge.kafka import GroupConsumer, Headers, Partitions, Record, TopicPartition


@dataclass(frozen=True)
class Read:
    """A record that was read, made up."""

    value: bytes | None
    key: bytes | None = None
    headers: Headers = ()
    topic: str = "matches"
    partition: int = 3
    offset: int = 17
    timestamp: int = 1_770_000_000_000


class Follower:
    """Reads all that its consumer gets, from the beginning, and keeps it. Commits only when told to."""

    def __init__(self, consumer: GroupConsumer, *, paused: Collection[TopicPartition] = (), begin: int = 0) -> None:
        self.consumer = consumer
        self.read: list[Record] = []
        self.gained: list[Partitions] = []
        self.lost: list[Partitions] = []
        self.fail_on_lost: Exception | None = None
        self.fail_on_gained: Exception | None = None
        # Whether it gives up what it loses at once; else the test does.
        self.releases = True
        self._paused = frozenset(paused)
        self._begin = begin
        self._stopping = False
        self._tasks = asyncio.TaskGroup()

    async def __aenter__(self) -> Self:
        await self._tasks.__aenter__()
        await self.consumer.start(self)
        self._tasks.create_task(self._follow())
        return self

    async def __aexit__(self, *error: object) -> None:
        self._stopping = True
        try:
            await self._tasks.__aexit__(None, None, None)
        finally:
            await self.consumer.stop()

    async def _follow(self) -> None:
        while not self._stopping:
            for records in (await self.consumer.records(100, max_records=7)).values():
                self.read.extend(records)

    def values(self) -> list[bytes | None]:
        return [record.value for record in self.read]

    def has_read(self, count: int) -> bool:
        return len(self.read) >= count

    def positions(self) -> dict[TopicPartition, int]:
        return {TopicPartition(record.topic, record.partition): record.offset + 1 for record in self.read}

    async def commit(self) -> None:
        await self.consumer.commit(self.positions())

    def on_lost(self, partitions: Partitions) -> None:
        self.lost.append(partitions)
        if self.fail_on_lost is not None:
            raise self.fail_on_lost
        if self.releases:
            self.consumer.release(partitions)

    async def first_offsets(self, partitions: Partitions) -> Mapping[TopicPartition, int]:
        return dict.fromkeys(partitions, self._begin)

    async def on_gained(self, partitions: Partitions) -> None:
        self.gained.append(partitions)
        if self.fail_on_gained is not None:
            raise self.fail_on_gained
        self.consumer.resume(partitions - self._paused)
