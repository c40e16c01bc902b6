"""Reading single records again, from topics that are somebody else's."""

import pytest
from aiokafka import AIOKafkaProducer
from kafka.cluster import make_topic
from waiting import eventually

from bridge.errors import KafkaTrouble
from bridge.events import Source
from bridge.kafka import Connection
from bridge.kafka.archive import Archive
from bridge.kafka.originals import records_at


async def publish(kafka: str, topic: str) -> None:
    """A record, one in a transaction, whose end takes an offset, too."""
    async with AIOKafkaProducer(bootstrap_servers=kafka) as producer:
        await producer.send_and_wait(topic, b"plain", key=b"k", headers=[("trace", b"1")], timestamp_ms=5)
    async with (
        AIOKafkaProducer(bootstrap_servers=kafka, transactional_id=topic) as producer,
        producer.transaction(),
    ):
        await producer.send_and_wait(topic, b"in a transaction")


async def test_what_is_there_comes_whole_and_what_is_not_is_left_out(kafka: str, unique: str) -> None:
    await make_topic(kafka, unique, settings={"retention.ms": "-1"})  # a record of 1970 would be deleted within seconds
    await publish(kafka, unique)
    places = [Source(unique, 0, offset) for offset in range(4)] + [Source(unique, 7, 0)]
    async with Archive(Connection(bootstrap_servers=kafka)) as archive:

        async def all_written() -> bool:
            (topic,) = await archive.snapshots(unique)
            return topic.bounds == {0: (0, 3)}  # the broker writes a transaction's end a moment later

        assert await eventually(all_written)
        found = await records_at(archive, places)
    assert {place.offset: record.value for place, record in found.items()} == {0: b"plain", 1: b"in a transaction"}
    plain = found[places[0]]
    assert (plain.key, plain.timestamp, list(plain.headers)) == (b"k", 5, [("trace", b"1")])


async def test_a_topic_that_is_gone_is_told_and_not_made(kafka: str, unique: str) -> None:
    async with Archive(Connection(bootstrap_servers=kafka)) as archive:
        for _ in range(2):
            with pytest.raises(KafkaTrouble, match=f"no topic {unique}"):
                await records_at(archive, [Source(unique, 0, 0)])
