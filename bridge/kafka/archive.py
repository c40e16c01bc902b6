"""What own topics hold at a moment, read without a group: by tools that look at a running service from outside.

Ends are taken at the start, so that reading ends although the topics grow; and everything has a deadline, because somebody
waits for the answer.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any, Self, TypeVar

from aiokafka.errors import KafkaError

from bridge.errors import KafkaTrouble
from bridge.kafka.authorization import Admin
from bridge.kafka.connection import Connection, running
from bridge.kafka.log import PartitionReader, Readers
from bridge.kafka.records import TopicPartition
from bridge.ledger.log import LogRecord

T = TypeVar("T")

_DEADLINE = 15.0
_RETRY_PAUSE = 0.2


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A topic as it was when this was taken. `bounds`: by partition the first offset kept, and the one after the last."""

    topic: str
    bounds: Mapping[int, tuple[int, int]]
    _archive: "Archive"

    async def offset_at(self, partition: int, time: int) -> int:
        """The first offset whose record has this time (ms) or a later one; the end where there is none."""
        first, end = self.bounds[partition]
        found = await self._archive.answered(self._reader(partition).offset_at(time))
        return end if found is None else max(first, min(found, end))

    async def forgotten_before(self, partition: int, retention: int, now: int) -> int:
        """The time (ms) before which retention may have deleted records; 0 when none ever were. `retention` is ms: what is
        younger and gone was deleted by somebody, and is missed.
        """
        first, end = self.bounds[partition]
        if first == 0:
            return 0
        async for batch in self.read(partition, first, min(first + 1, end)):
            return min(batch[0].timestamp, now - retention)
        return now - retention

    async def read(self, partition: int, start: int, end: int) -> AsyncIterator[Sequence[LogRecord]]:
        """The records from `start` up to, not with, `end`, in batches. Raises KafkaTrouble, LogTruncated too."""
        async with aclosing(self._reader(partition).read(start, end)) as batches:  # type: ignore[type-var]  # a generator
            while (batch := await self._archive.answered(anext(batches, None))) is not None:
                yield batch

    async def renewed(self) -> "Snapshot":
        """The same partitions as they are now."""
        bounds = {number: await self._archive.answered(self._reader(number).bounds()) for number in self.bounds}
        return replace(self, bounds=bounds)

    def _reader(self, partition: int) -> PartitionReader:
        return PartitionReader(self._archive.readers, TopicPartition(self.topic, partition))


class Archive:
    """Makes snapshots. To be entered before; raises KafkaTrouble when Kafka does not answer within 15 s."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.readers = Readers(connection)
        self.committed_readers = Readers(connection, "read_committed")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.readers.__aexit__(None, None, None)
        await self.committed_readers.__aexit__(None, None, None)

    async def committed(self, group: str, topic: str) -> dict[int, int]:
        """By partition of the topic how far the group is; without those of which it never said."""
        found = await self._asked(lambda admin: admin.list_consumer_group_offsets(group))
        return {where.partition: at.offset for where, at in found.items() if where.topic == topic and at.offset >= 0}

    async def snapshots(self, *topics: str) -> list[Snapshot]:
        """The topics, one after the other in this order. Raises KafkaTrouble when one does not exist."""
        # All are listed: asking for one by its name may create it.
        listed = {one["topic"]: one for one in await self._asked(lambda admin: admin.describe_topics())}
        if missing := [topic for topic in topics if topic not in listed or not listed[topic]["partitions"]]:
            raise KafkaTrouble(
                f"no topic {', '.join(missing)} at {self._connection.bootstrap_servers}: is this the service's Kafka and its "
                "name, and has it been started once?"
            )
        return [await self._snapshot(topic, len(listed[topic]["partitions"])) for topic in topics]

    async def _snapshot(self, topic: str, partitions: int) -> Snapshot:
        bounds = {}
        for number in range(partitions):
            reader = PartitionReader(self.readers, TopicPartition(topic, number))
            bounds[number] = await self.answered(reader.bounds())
        return Snapshot(topic, bounds, self)

    async def answered(self, asked: Awaitable[T]) -> T:
        """Kafka's answer."""
        try:
            async with asyncio.timeout(_DEADLINE):
                return await asked
        except TimeoutError:
            refusal = self._connection.credentials.refusal
            raise KafkaTrouble(
                f"Kafka at {self._connection.bootstrap_servers} does not answer within {_DEADLINE:.0f} s"
                + ("" if refusal is None else f": {refusal}")
            ) from None
        except KafkaError as error:
            raise KafkaTrouble(f"Kafka at {self._connection.bootstrap_servers} refuses: {error!r}") from error

    async def _asked(self, request: Callable[[Any], Awaitable[T]]) -> T:
        async def ask() -> T:
            async with self._admin() as admin:
                while True:
                    try:
                        return await request(admin)
                    except KafkaError as error:
                        # Before any group was made there is no coordinator yet.
                        if not error.retriable:
                            raise
                        await asyncio.sleep(_RETRY_PAUSE)

        return await self.answered(ask())

    @asynccontextmanager
    async def _admin(self) -> AsyncIterator[Any]:
        async with running(Admin(**self._connection.client_options()), self._connection) as admin:
            yield admin
