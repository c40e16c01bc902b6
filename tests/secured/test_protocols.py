"""Each way to secure a connection, against a real broker that demands it: every client of ours goes through."""

import asyncio

import pytest
from kafka.cluster import make_topic, read_topic
from kafka.members import Follower
from secured.acls import allow
from secured.broker import USER, SecuredKafka
from waiting import eventually

from bridge.clock import SystemClock
from bridge.kafka import GroupConsumer, NewRecord, Producer, Record, TopicPartition
from bridge.kafka.archive import Archive
from bridge.kafka.authorization import require
from bridge.kafka.compacted import CompactedTopic
from bridge.kafka.connection import Connection
from bridge.kafka.credentials import Credentials
from bridge.kafka.log import Appender
from bridge.kafka.rights import Kind, Operation, Resource, Right
from bridge.kafka.security import Security

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

WAYS = [
    ("SCRAM", "SCRAM-SHA-256"),
    ("SCRAM", "SCRAM-SHA-512"),
    ("CLEAR", "SCRAM-SHA-256"),
    ("PLAIN", "PLAIN"),
    ("OAUTH", "OAUTHBEARER"),
    ("MUTUAL", "none"),
]


def right(operation: Operation, kind: Kind, name: str) -> Right:
    return Right(operation, Resource(kind, name), "a test")


async def topic_of(secured: SecuredKafka, name: str) -> list[Right]:
    await make_topic(secured.plain, name)
    rights = [
        right(Operation.READ, Kind.TOPIC, name),
        right(Operation.WRITE, Kind.TOPIC, name),
        right(Operation.READ, Kind.GROUP, name),
    ]
    await allow(secured.plain, f"User:{USER}", rights)
    return rights


def connection(secured: SecuredKafka, listener: str, security: Security, **changes: object) -> Connection:
    return Connection(
        bootstrap_servers=secured.at(listener),
        credentials=Credentials(security),
        metadata_max_age=1_000,
        **changes,  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(("listener", "mechanism"), WAYS)
async def test_every_client_speaks_every_protocol(
    secured: SecuredKafka, unique: str, listener: str, mechanism: str
) -> None:
    rights = await topic_of(secured, unique)
    reached = connection(secured, listener, secured.security(listener, mechanism=mechanism))
    await require(reached, rights)
    async with Producer(reached) as producer:
        await producer.send_all([NewRecord(unique, b"k", b"v", partition=0)])
    async with Appender(reached, max_batch_size=100_000) as appender:
        await appender.append(TopicPartition(unique, 0), [(b"k", b"w")])
    async with Archive(reached) as archive:
        (snapshot,) = await archive.snapshots(unique)
        assert [record.value async for batch in snapshot.read(0, 0, 2) for record in batch] == [b"v", b"w"]
    await followed(reached, unique)
    await consumed(reached, unique)
    assert [record.value for record in await read_topic(secured.plain, unique)] == [b"v", b"w"]
    if listener != "MUTUAL":
        assert reached.credentials.principal == f"User:{USER}"


async def followed(reached: Connection, topic: str) -> None:
    seen: list[Record] = []
    async with asyncio.TaskGroup() as group:
        compacted = CompactedTopic(reached, topic, seen.append)
        task = group.create_task(compacted.follow())
        await compacted.read_whole.wait()
        task.cancel()
    assert [record.value for record in seen] == [b"v", b"w"]


async def consumed(reached: Connection, topic: str) -> None:
    async with Follower(GroupConsumer(reached, group=topic, topics=[topic], clock=SystemClock())) as follower:
        await eventually(lambda: follower.has_read(2))
        await follower.consumer.commit(follower.positions())
