"""All that services wrote to their own topics, to the last byte."""

import asyncio
from collections.abc import Collection

from aiokafka import AIOKafkaConsumer, TopicPartition
from canary import CANARY, Canary


async def leaks_in_topics(kafka: str, names: Collection[str], canary: Canary = CANARY) -> list[str]:
    """Where own topics of these services hold a secret: in keys, values or headers."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=kafka, auto_offset_reset="earliest", max_partition_fetch_bytes=16_000_000
    )
    await consumer.start()
    try:
        await consumer._client.force_metadata_update()
        topics = [topic for topic in await consumer.topics() if topic.partition(".")[0] in names and "." in topic]
        for topic in topics:
            await consumer._client._wait_on_metadata(topic)
        places = [TopicPartition(topic, number) for topic in topics for number in consumer.partitions_for_topic(topic)]
        return await _leaks(consumer, places, canary) if places else []
    finally:
        await consumer.stop()


async def _leaks(consumer: AIOKafkaConsumer, places: Collection[TopicPartition], canary: Canary) -> list[str]:
    """All at once: one after the other each would wait for the answers of the one before."""
    found: list[str] = []
    ends = await consumer.end_offsets(places)
    left = {where for where, end in ends.items() if end}
    consumer.assign(list(left))
    while left:
        for where, records in (await consumer.getmany(timeout_ms=500)).items():
            for record in records:
                parts = [record.key or b"", record.value or b""]
                parts += [part for name, content in record.headers for part in (_bytes(name), content or b"")]
                for part in parts:
                    found += canary.found_in(f"{where.topic}/{where.partition}/{record.offset}", part)
        left = {where for where in left if await consumer.position(where) < ends[where]}
    return found


def topics_without_secrets(kafka: str, names: Collection[str]) -> list[str]:
    """As `leaks_in_topics`, for who has no event loop."""
    return asyncio.run(leaks_in_topics(kafka, names))


def _bytes(name: str) -> bytes:
    """Names that are not UTF-8 are read with their bytes escaped (bridge.kafka.headernames)."""
    return name.encode("utf-8", "surrogateescape")
