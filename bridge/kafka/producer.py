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


class Writing:
    """Records on their way to Kafka, which has until `until` (by the loop's clock) to acknowledge them."""

    def __init__(self, acks: Sequence[Ack], until: float, deadline: float) -> None:
        """`deadline`: the seconds that this was, to people."""
        self._acks = acks
        self._until = until
        self._deadline = deadline

    @property
    def ended(self) -> bool:
        """Whether `acknowledged()` will not wait."""
        return all(ack.done() for ack in self._acks) or asyncio.get_running_loop().time() >= self._until

    async def acknowledged(self) -> None:
        """Until all are. Raises AppendUncertain, KafkaTrouble as `Producer.send_all` does."""
        if not all(ack.done() for ack in self._acks):
            try:
                async with asyncio.timeout_at(self._until):
                    await asyncio.wait(self._acks, return_when=asyncio.FIRST_EXCEPTION)
            except TimeoutError:
                raise _uncertain(len(self._acks), self._deadline) from None
        failures = [error for ack in self._acks if ack.done() and (error := ack.exception()) is not None]
        if failures:
            raise KafkaTrouble(
                f"Kafka refused {len(failures)} of {len(self._acks)} records: {failures[0]}"
            ) from failures[0]


def _uncertain(records: int, deadline: float) -> AppendUncertain:
    return AppendUncertain(
        f"Kafka did not acknowledge {records} records within {deadline:.0f} s: they may have been written"
    )


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
        await (await self.begin(records)).acknowledged()

    async def begin(self, records: Iterable[NewRecord]) -> Writing:
        """Queue them all, waiting for room. The deadline of their acks counts from here.

        Raises AppendUncertain when even the queueing takes longer than that, KafkaTrouble when one can't be queued.
        """
        acks: list[Ack] = []
        until = asyncio.get_running_loop().time() + self._deadline
        try:
            async with asyncio.timeout_at(until):
                for record in records:
                    acks.append(await self.send(record))  # noqa: PERF401 - the count is told when the deadline passes
        except TimeoutError:
            raise _uncertain(len(acks), self._deadline) from None
        return Writing(acks, until, self._deadline)
