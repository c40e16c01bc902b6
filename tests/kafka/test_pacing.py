"""Records that come one by one are read a few at a time."""

import asyncio
import time
from collections.abc import Sequence

from aiokafka import AIOKafkaConsumer
from kafka.cluster import make_topic
from kafka.members import Follower
from waiting import eventually

from bridge.clock import SystemClock
from bridge.kafka import Connection, GroupConsumer, NewRecord, Producer, Record, TopicPartition
from bridge.kafka.pacing import pace_fetches

_RECORDS, _EVERY = 300, 0.001
_PACE, _LONG = 0.005, 60.0
# For the fetches before the first record came, and after the last.
_MORE = 5


class Counting(GroupConsumer):
    """How many fetches brought something: all that one brings is taken at once."""

    fetches = 0

    async def records(self, timeout_ms: int, max_records: int | None = None) -> dict[TopicPartition, Sequence[Record]]:
        del max_records
        found = await super().records(timeout_ms)
        self.fetches += bool(found)
        return found


def consumer_of(kafka: str, topic: str) -> Counting:
    connection = Connection(bootstrap_servers=kafka, session_timeout=6000)
    return Counting(connection, group=topic, topics=[topic], clock=SystemClock(), paced=True)


async def test_records_that_come_one_by_one_share_fetches(kafka: str, unique: str) -> None:
    topic = await make_topic(kafka, unique)
    consumer = consumer_of(kafka, topic)
    async with Producer(Connection(bootstrap_servers=kafka)) as producer, Follower(consumer) as follower:
        await producer.send_all([NewRecord(topic, None, b"first", partition=0)])
        await eventually(lambda: follower.has_read(1))
        before, began = consumer.fetches, time.monotonic()
        for _ in range(_RECORDS):
            await producer.send_all([NewRecord(topic, None, b"x", partition=0)])
            await asyncio.sleep(_EVERY)
        await eventually(lambda: follower.has_read(_RECORDS + 1))
        fetches, seconds = consumer.fetches - before, time.monotonic() - began
    assert fetches <= seconds / _PACE + _MORE


async def test_a_consumer_stops_in_order_while_a_fetch_waits(kafka: str, unique: str) -> None:
    topic = await make_topic(kafka, unique)
    async with Producer(Connection(bootstrap_servers=kafka)) as producer:
        await producer.send_all([NewRecord(topic, None, b"x", partition=0)])
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=kafka, auto_offset_reset="earliest")
    await consumer.start()
    pace_fetches(consumer, _LONG)
    while not await consumer.getmany(timeout_ms=100):
        pass
    await asyncio.sleep(_EVERY)  # the next fetch waits now
    await consumer.stop()  # which else is cancelled with it
