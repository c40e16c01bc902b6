"""The control topic: a small compacted table that every replica reads whole and follows."""

import asyncio
from collections.abc import Callable, Sequence

from bridge.kafka.compacted import CompactedTopic
from bridge.kafka.connection import Connection
from bridge.kafka.producer import Producer
from bridge.kafka.records import NewRecord, Record


class ControlTopic:
    """Each of `listeners` is called with key and value of each record, in order; a value of None deletes the key."""

    def __init__(self, connection: Connection, topic: str, producer: Producer) -> None:
        self._name = topic
        self._topic = CompactedTopic(connection, topic, self._listen)
        self._producer = producer
        self.listeners: Sequence[Callable[[str, bytes | None], None]] = ()

    @property
    def read_whole(self) -> asyncio.Event:
        """Set when all that was there has been read."""
        return self._topic.read_whole

    async def write(self, key: str, value: bytes | None) -> None:
        """Tell every replica, however long Kafka is away. Raises KafkaTrouble when it does not take the record."""
        await self._producer.send_until_written(NewRecord(self._name, key.encode(), value, partition=0))

    async def follow(self) -> None:
        """Read what is there, set `read_whole`, and go on reading until cancelled. Raises KafkaTrouble without the topic."""
        await self._topic.follow()

    def _listen(self, record: Record) -> None:
        if record.key is not None:
            for listen in self.listeners:
                listen(record.key.decode("utf-8", "replace"), record.value)
