"""A compacted topic as a table: read whole, then followed."""

import asyncio
from collections.abc import Callable
from typing import Any

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError

from bridge.errors import KafkaTrouble
from bridge.kafka.connection import Connection, IsolationLevel, start_when_reachable, stop_within_deadline
from bridge.kafka.records import Record, TopicPartition

_POLL_MS = 500
_RETRY_PAUSE = 0.5


class CompactedTopic:
    """`listen` is called with each record of the topic, in the order of its partition. When partitions are added all are
    read again.
    """

    def __init__(
        self,
        connection: Connection,
        topic: str,
        listen: Callable[[Record], None],
        isolation_level: IsolationLevel = "read_uncommitted",
    ) -> None:
        self._connection = connection
        self._isolation_level = isolation_level
        self._topic = topic
        self._listen = listen
        self.read_whole = asyncio.Event()

    async def follow(self) -> None:
        """Read what is there, set `read_whole`, and go on reading until cancelled. Waits for Kafka; raises KafkaTrouble when
        it has no such topic at the start.
        """
        consumer = AIOKafkaConsumer(
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            isolation_level=self._isolation_level,
            max_partition_fetch_bytes=self._connection.fetch_partition_bytes,
            **self._connection.client_options(),
            **self._connection.reading_options(),
        )
        await start_when_reachable(consumer, self._connection)
        try:
            # All are listed: asking for one by its name may create it.
            if self._topic not in await _answered(consumer.topics):
                raise KafkaTrouble(f"there is no topic {self._topic} at {self._connection.bootstrap_servers}")
            consumer.subscribe(topics=[self._topic])
            ends: dict[TopicPartition, int] = {}
            while True:
                for records in (await consumer.getmany(timeout_ms=_POLL_MS)).values():
                    for record in records:
                        self._listen(record)
                if self.read_whole.is_set():
                    continue
                if not ends and consumer.assignment():
                    ends = await _answered(lambda: consumer.end_offsets(consumer.assignment()))
                # Compaction leaves holes, so it is the position that tells, not the last record.
                if ends and all([await consumer.position(where) >= end for where, end in ends.items()]):
                    self.read_whole.set()
        finally:
            await stop_within_deadline(consumer)


async def _answered(request: Callable[[], Any]) -> Any:
    while True:
        try:
            return await request()
        except KafkaError as error:
            if not error.retriable:
                raise
            await asyncio.sleep(_RETRY_PAUSE)
