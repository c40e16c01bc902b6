"""The control topic: a small compacted table that every replica reads whole and follows."""

import asyncio
from collections.abc import Callable, Sequence

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError

from bridge.kafka.connection import Connection, start_when_reachable, stop_within_deadline
from bridge.kafka.producer import Producer
from bridge.kafka.records import NewRecord, TopicPartition

_POLL_MS = 500
_RETRY_PAUSE = 0.5
# A hold must reach the other replicas in milliseconds: the broker answers a fetch as soon as there is a record.
_FETCH_WAIT_MS = 500


class ControlTopic:
    """Each of `listeners` is called with key and value of each record, in order; a value of None deletes the key."""

    def __init__(self, connection: Connection, topic: str, producer: Producer) -> None:
        self._connection = connection
        self._where = TopicPartition(topic, 0)
        self._producer = producer
        self.listeners: Sequence[Callable[[str, bytes | None], None]] = ()
        self.read_whole = asyncio.Event()

    async def write(self, key: str, value: bytes | None) -> None:
        """Tell every replica, however long Kafka is away. Raises KafkaTrouble when it does not take the record."""
        await self._producer.send_until_written(NewRecord(self._where.topic, key.encode(), value, partition=0))

    async def follow(self) -> None:
        """Read what is there, set `read_whole`, and go on reading until cancelled."""
        consumer = AIOKafkaConsumer(
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            fetch_max_wait_ms=_FETCH_WAIT_MS,
            **self._connection.client_options(),
        )
        await start_when_reachable(consumer, self._connection)
        try:
            first, end = await self._bounds(consumer)
            consumer.assign([self._where])
            # At once: without a position aiokafka would look for a committed one, and without a group it waits for ever.
            consumer.seek(self._where, first)
            while True:
                for record in (await consumer.getmany(timeout_ms=_POLL_MS)).get(self._where, ()):
                    if record.key is not None:
                        for listen in self.listeners:
                            listen(record.key.decode("utf-8", "replace"), record.value)
                # Compaction leaves holes, so it is the position that tells, not the last record.
                if not self.read_whole.is_set() and await consumer.position(self._where) >= end:
                    self.read_whole.set()
        finally:
            await stop_within_deadline(consumer)

    async def _bounds(self, consumer: AIOKafkaConsumer) -> tuple[int, int]:
        while True:
            try:
                first = await consumer.beginning_offsets([self._where])
                end = await consumer.end_offsets([self._where])
            except KafkaError as error:
                if not error.retriable:
                    raise
                await asyncio.sleep(_RETRY_PAUSE)
            else:
                return first[self._where], end[self._where]
