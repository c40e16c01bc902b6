"""Topic partitions as logs with contiguous offsets: what the ledger is written to and read from."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from itertools import chain
from types import TracebackType
from typing import Any, Self

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError, KafkaTimeoutError, OffsetOutOfRangeError

from bridge.errors import AppendUncertain, LogTruncated
from bridge.kafka.connection import (
    Connection,
    IsolationLevel,
    open_producer,
    running,
    start_when_reachable,
    stop_within_deadline,
)
from bridge.kafka.records import TopicPartition
from bridge.kafka.unfolding import plain
from bridge.ledger.log import Appended, LogRecord

_APPEND_DEADLINE = 10.0
_POLL_MS = 200
_FETCH_BYTES = 4 * 1024 * 1024
_RETRY_PAUSE = 0.2
# So many turns of the loop until the client has asked for the next records: the broker looks for them meanwhile.
_TURNS = 4


class Readers:
    """Consumers without a group, kept for the next read: opening one costs a few round trips."""

    def __init__(self, connection: Connection, isolation_level: IsolationLevel = "read_uncommitted") -> None:
        self._connection = connection
        self._isolation_level = isolation_level
        self._idle: list[AIOKafkaConsumer] = []
        self._all: list[AIOKafkaConsumer] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for consumer in self._all:
            await stop_within_deadline(consumer)

    @asynccontextmanager
    async def reader(self) -> AsyncIterator[Any]:
        """A started consumer, nobody else's meanwhile."""
        consumer = self._idle.pop() if self._idle else await self._open()
        try:
            yield consumer
        finally:
            consumer.unsubscribe()
            self._idle.append(consumer)

    async def _open(self) -> AIOKafkaConsumer:
        consumer = AIOKafkaConsumer(
            enable_auto_commit=False,
            auto_offset_reset="none",
            max_partition_fetch_bytes=max(_FETCH_BYTES, self._connection.fetch_partition_bytes),
            isolation_level=self._isolation_level,
            key_deserializer=plain,
            **self._connection.client_options(),
            **self._connection.reading_options(),
        )
        # Before it has started: who is cancelled meanwhile leaves connections, which somebody must close.
        self._all.append(consumer)
        await start_when_reachable(consumer, self._connection)
        return consumer


class PartitionReader:
    """Reads one partition by offsets and times. Waits for Kafka where it is away."""

    def __init__(self, readers: Readers, where: TopicPartition) -> None:
        self._readers = readers
        self._where = where

    async def read(self, start: int, end: int) -> AsyncIterator[Sequence[LogRecord]]:
        """The records from `start` up to, not with, `end`, in batches. Raises LogTruncated when one of them is gone."""
        if start >= end:
            return
        async with self._readers.reader() as consumer:
            consumer.assign([self._where])
            consumer.seek(self._where, start)
            while start < end:
                records = await self._next(consumer)
                batch = _within(records, start, end)
                if not records:
                    continue
                if not batch or batch[0].offset != start or batch[-1].offset - start + 1 != len(batch):
                    raise LogTruncated(f"{self._where}: records from offset {start} are missing")
                start = batch[-1].offset + 1
                for _ in range(_TURNS if start < end else 0):
                    await asyncio.sleep(0)
                yield batch

    async def _next(self, consumer: Any) -> Sequence[Any]:
        try:
            found: Sequence[Any] = (await consumer.getmany(timeout_ms=_POLL_MS)).get(self._where, ())
        except OffsetOutOfRangeError as error:
            raise LogTruncated(f"{self._where}: offset {error} is no longer kept") from error
        return list(chain.from_iterable(found)) if found and type(found[0]) is list else found

    async def bounds(self) -> tuple[int, int]:
        """The offset of the first record that is kept, and the one after the last that can be read."""
        while True:
            try:
                async with self._readers.reader() as consumer:
                    first = await consumer.beginning_offsets([self._where])
                    end = await consumer.end_offsets([self._where])
                    return first[self._where], end[self._where]
            except KafkaError as error:
                if not (error.retriable or isinstance(error, KafkaTimeoutError)):
                    raise
                await asyncio.sleep(_RETRY_PAUSE)

    async def offset_at(self, timestamp: int) -> int | None:
        """The first offset whose record has the broker's time `timestamp` (ms) or later; None when there is none."""
        while True:
            try:
                async with self._readers.reader() as consumer:
                    found = await consumer.offsets_for_times({self._where: max(timestamp, 0)})
            except KafkaError as error:
                if not (error.retriable or isinstance(error, KafkaTimeoutError)):
                    raise
                await asyncio.sleep(_RETRY_PAUSE)
            else:
                place = found[self._where]
                return None if place is None else int(place.offset)


def _within(records: Sequence[Any], start: int, end: int) -> Sequence[LogRecord]:
    if records and type(records[0]) is LogRecord and start <= records[0].offset and records[-1].offset < end:
        return records
    return [LogRecord(r.offset, r.timestamp, r.key, r.value) for r in records if start <= r.offset < end]


@dataclass(frozen=True, slots=True)
class KafkaLog:
    """A partition of the ledger topic (see bridge.ledger.log.PartitionLog)."""

    appender: "Appender"
    reader: PartitionReader
    where: TopicPartition

    async def append(self, records: Sequence[tuple[bytes | None, bytes]]) -> Appended:
        """See PartitionLog.append."""
        return await self.appender.append(self.where, records)

    def read(self, start: int, end: int) -> AsyncIterator[Sequence[LogRecord]]:
        """See PartitionLog.read."""
        return self.reader.read(start, end)

    async def bounds(self) -> tuple[int, int]:
        """See PartitionLog.bounds."""
        return await self.reader.bounds()

    async def offset_at(self, timestamp: int) -> int | None:
        """See PartitionLog.offset_at."""
        return await self.reader.offset_at(timestamp)


class Appender:
    """An idempotent producer that appends whole batches; `deadline` (seconds) bounds the wait for an ack."""

    def __init__(self, connection: Connection, *, max_batch_size: int, deadline: float = _APPEND_DEADLINE) -> None:
        self._connection = connection
        self._client = open_producer(
            connection, max_batch_size=max_batch_size, max_request_size=max_batch_size + 65_536
        )
        self._deadline = deadline
        self._exit = AsyncExitStack()

    async def __aenter__(self) -> Self:
        await self._exit.enter_async_context(running(self._client, self._connection))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._exit.aclose()

    async def append(self, where: TopicPartition, records: Sequence[tuple[bytes | None, bytes]]) -> Appended:
        """Append the records as one batch. One append at a time for each partition.

        Raises AppendUncertain after the deadline, LogTruncated on any other failure: after a record that the topic
        refuses, every later append of this producer would fail with OutOfOrderSequence.
        """
        batch = self._client.create_batch()
        for key, value in records:
            if batch.append(timestamp=None, key=key, value=value) is None:
                raise LogTruncated(f"{where}: {len(records)} records do not fit into one batch: this is a bug")
        batch.close()
        try:
            async with asyncio.timeout(self._deadline):
                # Its acknowledgement is shielded: after the deadline the batch is sent all the same.
                ack = await (await self._client.send_batch(batch, where.topic, partition=where.partition))
        except (TimeoutError, KafkaTimeoutError):
            raise AppendUncertain(
                f"{where}: no ack of {len(records)} records within {self._deadline:.0f} s: they may have been written"
            ) from None
        except KafkaError as error:
            raise LogTruncated(f"{where}: the append failed for good: {error!r}") from error
        if ack.offset < 0:
            raise LogTruncated(f"{where}: the broker no longer knows where it wrote the batch")
        return Appended(ack.offset, ack.timestamp)
