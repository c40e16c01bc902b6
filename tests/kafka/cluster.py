"""Topics made and read back by the tests themselves, never through what they test."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic


@asynccontextmanager
async def admin(kafka: str) -> AsyncIterator[Any]:
    client = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await client.start()
    try:
        yield client
    finally:
        await client.close()


async def make_topic(
    kafka: str, name: str, partitions: int = 1, settings: Mapping[str, str] | None = None, *, replication: int = 1
) -> str:
    new = NewTopic(name, partitions, replication, topic_configs=dict(settings or {}))
    async with admin(kafka) as client:
        response = await client.create_topics([new])
        assert [code for _, code, *_ in response.topic_errors] == [0], response
    await read_topic(kafka, name)  # waits until the broker knows it
    return name


async def read_topic(kafka: str, name: str) -> list[Any]:
    """All records of a topic, by partition and offset."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=kafka, auto_offset_reset="earliest", max_partition_fetch_bytes=16_000_000
    )
    await consumer.start()
    try:
        await consumer._client._wait_on_metadata(name)
        partitions = [TopicPartition(name, number) for number in sorted(consumer.partitions_for_topic(name))]
        consumer.assign(partitions)
        ends = await consumer.end_offsets(partitions)
        found = []
        for partition in partitions:
            while await consumer.position(partition) < ends[partition]:
                found += (await consumer.getmany(partition, timeout_ms=500)).get(partition, [])
        return found
    finally:
        await consumer.stop()


async def topics_of(kafka: str) -> set[str]:
    """All that there are, but Kafka's own."""
    async with admin(kafka) as client:
        return {name for name in await client.list_topics() if not name.startswith("__")}
