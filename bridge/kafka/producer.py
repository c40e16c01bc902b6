"""Writing records, each waited for until every in-sync replica has it."""

import asyncio
from collections.abc import Iterable, Sequence
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Any, Self

from aiokafka.errors import KafkaError
from aiokafka.partitioner import DefaultPartitioner

from bridge.errors import AppendUncertain, KafkaTrouble
from bridge.kafka.connection import Connection, open_producer, running
from bridge.kafka.headernames import AnyBatch, writable
from bridge.kafka.records import NewRecord

Ack = asyncio.Future[Any]

_choose_partition = DefaultPartitioner()


class Producer:
    """An idempotent producer, as an async context: entering waits for Kafka.

    After any error it is not to be trusted any more (see `open_producer`): let the process end.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        linger: int = 0,
        max_request_size: int = 1_048_576,
        deadline: float = 30.0,
    ) -> None:
        """`linger` in milliseconds, `max_request_size` (the largest record) in bytes, `deadline` of `send_all` in seconds."""
        self._connection = connection
        self._linger = linger
        self._max_request_size = max_request_size
        self._client: Any = None
        self._deadline = deadline
        self._exit = AsyncExitStack()

    async def __aenter__(self) -> Self:
        self._client = open_producer(self._connection, linger=self._linger, max_request_size=self._max_request_size)
        await self._exit.enter_async_context(running(self._client, self._connection))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._exit.aclose()

    async def send(self, record: NewRecord) -> Ack:
        """Queue a record, waiting for room; the answer resolves when it is written, or fails with aiokafka's error.

        Records of one partition are written in the order of the calls. Raises KafkaTrouble when it can't be queued.
        """
        try:
            if (record.key is None and record.value is None) or not writable(record.headers):
                return await self._send_alone(record)
            ack: Ack = await self._client.send(
                record.topic,
                record.value,
                key=record.key,
                partition=record.partition,
                headers=list(record.headers),
            )
        except KafkaError as error:
            raise KafkaTrouble(f"cannot write to {record.topic}: {error}") from error
        return ack

    async def _send_alone(self, record: NewRecord) -> Ack:
        """A record that Kafka takes and aiokafka's send() does not: without key and value, or with an odd header name."""
        partition = record.partition
        if partition is None:
            partitions = sorted(await self._client.partitions_for(record.topic))
            partition = _choose_partition(record.key, partitions, partitions)
        batch = AnyBatch()
        batch.append(timestamp=None, key=record.key, value=record.value, headers=record.headers)
        batch.close()
        ack: Ack = await self._client.send_batch(batch, record.topic, partition=partition)
        return ack

    async def send_until_written(self, record: NewRecord) -> None:
        """Write a record that does no harm when it is there twice, however long Kafka is away. Raises KafkaTrouble."""
        while True:
            try:
                await self.send_all([record])
            except AppendUncertain:
                continue
            return

    async def send_all(self, records: Iterable[NewRecord]) -> None:
        """Write them all, and return when all are acknowledged.

        Raises AppendUncertain when that takes longer than the deadline (they may have been written, or may yet be),
        KafkaTrouble when a record is refused.
        """
        acks: list[Ack] = []
        try:
            async with asyncio.timeout(self._deadline):
                for record in records:
                    acks.append(await self.send(record))  # noqa: PERF401 - the count is told when the deadline passes
                if acks:
                    await asyncio.wait(acks, return_when=asyncio.FIRST_EXCEPTION)
        except TimeoutError:
            raise AppendUncertain(
                f"Kafka did not acknowledge {len(acks)} records within {self._deadline:.0f} s: they may have been written"
            ) from None
        _raise_first_failure(acks)


def _raise_first_failure(acks: Sequence[Ack]) -> None:
    failures = [error for ack in acks if ack.done() and (error := ack.exception()) is not None]
    if failures:
        raise KafkaTrouble(f"Kafka refused {len(failures)} of {len(acks)} records: {failures[0]}") from failures[0]
