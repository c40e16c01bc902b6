"""A compacted topic as a table: read whole, then followed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import NewPartitions
from kafka.cluster import admin, make_topic
from waiting import eventually

from bridge.errors import KafkaTrouble
from bridge.kafka import Connection
from bridge.kafka.compacted import CompactedTopic


@asynccontextmanager
async def writing(kafka: str) -> AsyncIterator[Any]:
    async with AIOKafkaProducer(bootstrap_servers=kafka, acks="all") as producer:
        yield producer


async def test_all_that_is_there_comes_before_it_is_called_whole_and_then_what_is_written(
    kafka: str, unique: str
) -> None:
    await make_topic(kafka, unique, 3, {"cleanup.policy": "compact"})
    got: list[bytes] = []
    topic = CompactedTopic(Connection(bootstrap_servers=kafka), unique, lambda record: got.append(record.key or b""))
    async with writing(kafka) as producer, asyncio.TaskGroup() as group:
        for number in range(20):
            await producer.send_and_wait(unique, b"value", key=b"%d" % number, partition=number % 3)
        task = group.create_task(topic.follow())
        await topic.read_whole.wait()
        assert sorted(got, key=int) == [b"%d" % number for number in range(20)]
        await producer.send_and_wait(unique, b"value", key=b"later", partition=1)
        await eventually(lambda: got[-1] == b"later")
        task.cancel()


async def test_an_empty_topic_is_whole_and_one_that_does_not_exist_is_told_and_not_made(
    kafka: str, unique: str
) -> None:
    for _ in range(2):
        with pytest.raises(KafkaTrouble, match=f"there is no topic {unique} at"):
            await CompactedTopic(Connection(bootstrap_servers=kafka), unique, lambda _: None).follow()
    await make_topic(kafka, unique, 2)
    topic = CompactedTopic(Connection(bootstrap_servers=kafka), unique, lambda _: None)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(topic.follow())
        await topic.read_whole.wait()
        task.cancel()


async def test_partitions_that_are_added_are_read_too(kafka: str, unique: str) -> None:
    await make_topic(kafka, unique, 1)
    got: set[bytes] = set()
    connection = Connection(bootstrap_servers=kafka, metadata_max_age=500)
    topic = CompactedTopic(connection, unique, lambda record: got.add(record.key or b""))
    async with asyncio.TaskGroup() as group:
        task = group.create_task(topic.follow())
        await topic.read_whole.wait()
        async with admin(kafka) as client:
            await client.create_partitions({unique: NewPartitions(2)})
        async with writing(kafka) as producer:
            await producer.send_and_wait(unique, b"value", key=b"new", partition=1)
        await eventually(lambda: got == {b"new"})
        task.cancel()
