"""Ledger partitions on a real Kafka, as the service writes and reads them."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from kafka.cluster import make_topic

from bridge.kafka.connection import Connection
from bridge.kafka.log import Appender, KafkaLog, PartitionReader, Readers
from bridge.kafka.records import TopicPartition
from bridge.ledger.log import LogRecord

_MOST = 2_000_000


@dataclass(frozen=True, slots=True)
class Replica:
    """One process's producer and readers."""

    appender: Appender
    readers: Readers
    topic: str

    def log(self, partition: int = 0) -> KafkaLog:
        where = TopicPartition(self.topic, partition)
        return KafkaLog(self.appender, PartitionReader(self.readers, where), where)


@asynccontextmanager
async def replicas(
    servers: str,
    topic: str,
    count: int = 1,
    *,
    partitions: int = 1,
    deadline: float = 10.0,
    max_message_bytes: int = _MOST,
) -> AsyncIterator[list[Replica]]:
    """Replicas on a new topic."""
    settings = {"message.timestamp.type": "LogAppendTime", "max.message.bytes": str(max_message_bytes)}
    await make_topic(servers, topic, partitions, settings)
    connection = Connection(bootstrap_servers=servers)
    async with AsyncExitStack() as until_the_end:
        made = []
        for _ in range(count):
            appender = Appender(connection, max_batch_size=1_000_000, deadline=deadline)
            await until_the_end.enter_async_context(appender)
            readers = await until_the_end.enter_async_context(Readers(connection))
            made.append(Replica(appender, readers, topic))
        yield made


@asynccontextmanager
async def replica(
    servers: str, topic: str, *, deadline: float = 10.0, max_message_bytes: int = _MOST
) -> AsyncIterator[Replica]:
    """One replica on a new topic with one partition."""
    async with replicas(servers, topic, deadline=deadline, max_message_bytes=max_message_bytes) as made:
        yield made[0]


async def read(log: KafkaLog, start: int, end: int) -> list[LogRecord]:
    """All of them."""
    return [raw async for batch in log.read(start, end) for raw in batch]
