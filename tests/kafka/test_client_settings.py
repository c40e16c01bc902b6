"""What operators set of the clients arrives where it counts: at the broker, and in what another client reads."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from aiokafka.protocol.fetch import FetchRequest
from kafka.cluster import admin, make_topic
from kafka.members import Follower
from waiting import eventually

from bridge.clock import SystemClock
from bridge.configfile import parse
from bridge.kafka import GroupConsumer, NewRecord, Producer, TopicPartition
from bridge.kafka.connection import Connection
from bridge.kafka.log import Appender
from bridge.settings import settings_of
from bridge.settings.connecting import connection_of

# Byte 22 of a batch holds its codec in the lowest three bits (Kafka's record batch, version 2).
_CODEC_AT, _CODECS = 22, ("none", "gzip", "snappy", "lz4", "zstd")


def connection(text: str) -> Connection:
    settings = settings_of(parse(text, "bridge.yaml", {}), {})
    return connection_of(settings, "one")


async def codec_of(kafka: str, topic: str) -> str:
    """How the first batch of a topic is compressed."""
    async with admin(kafka) as client:
        await client._client.fetch_all_metadata()
        fetch = FetchRequest(500, 1, 10_000_000, 0, [(topic, [(0, 0, 10_000_000)])])
        response = await client._send_request(fetch)
    ((_, ((*_, batches),)),) = response.topics
    return _CODECS[batches[_CODEC_AT] & 7]


@pytest.mark.parametrize("codec", _CODECS)
async def test_own_topics_are_compressed_as_set(kafka: str, unique: str, codec: str) -> None:
    reached = connection(f"kafka: {{bootstrap_servers: '{kafka}', compression: {codec}}}")
    written, appended = f"{unique}-w", f"{unique}-a"
    for topic in (written, appended):
        await make_topic(kafka, topic)
    async with Producer(reached) as producer:
        await producer.send_all([NewRecord(written, b"k", b"value " * 100, partition=0)])
    async with Appender(reached, max_batch_size=100_000) as appender:
        await appender.append(TopicPartition(appended, 0), [(b"k", b"value " * 100)])
    assert [await codec_of(kafka, topic) for topic in (written, appended)] == [codec, codec]


async def members_of(kafka: str, group: str) -> list[Mapping[str, Any]]:
    async with admin(kafka) as client:
        (response,) = await client.describe_consumer_groups([group])
    return [dict(zip(("id", "client"), member, strict=False)) for member in response.groups[0][5]]


@pytest.mark.parametrize(("set_to", "seen"), [("client_id: quota.me", "quota.me"), ("", "bridge-one")])
async def test_the_broker_knows_clients_by_their_id(kafka: str, unique: str, set_to: str, seen: str) -> None:
    await make_topic(kafka, unique)
    reached = connection(f"kafka: {{bootstrap_servers: '{kafka}', {set_to}}}")
    async with Follower(GroupConsumer(reached, group=unique, topics=[unique], clock=SystemClock())) as follower:
        await eventually(lambda: follower.consumer.joined)
        assert [member["client"] for member in await members_of(kafka, unique)] == [seen]


async def test_a_member_that_reads_nothing_for_the_poll_interval_leaves(kafka: str, unique: str) -> None:
    """Although its heartbeats go on."""
    await make_topic(kafka, unique)
    reached = replace(connection(f"kafka: {{bootstrap_servers: '{kafka}'}}"), max_poll_interval=500)
    consumer = GroupConsumer(reached, group=unique, topics=[unique], clock=SystemClock())
    await consumer.start(Follower(consumer))
    try:
        await eventually(lambda: consumer.joined)
        await eventually(lambda: _is_empty(kafka, unique))
    finally:
        await consumer.stop()


async def _is_empty(kafka: str, group: str) -> bool:
    return await members_of(kafka, group) == []


@pytest.mark.parametrize(
    ("fetch", "expected"),
    [("", 10), ("max_partition_bytes: 3000", 2), ("max_bytes: 3000", 2), ("max_partition_bytes: 1024", 1)],
)
async def test_an_answer_holds_no_more_bytes_than_set(kafka: str, unique: str, fetch: str, expected: int) -> None:
    """Of ten records, of a little more than 1,000 bytes each, in batches of their own."""
    await make_topic(kafka, unique)
    reached = connection(f"kafka: {{bootstrap_servers: '{kafka}', fetch: {{{fetch}}}}}")
    async with Producer(reached) as producer:
        for _ in range(10):
            await producer.send_all([NewRecord(unique, None, b"x" * 1000, partition=0)])
    consumer = GroupConsumer(reached, group=unique, topics=[unique], clock=SystemClock())
    await consumer.start(Follower(consumer))
    try:
        batch = await eventually(lambda: consumer.records(500))
        assert [len(records) for records in batch.values()] == [expected]
    finally:
        await consumer.stop()


def test_every_setting_reaches_the_clients() -> None:
    reached = connection(
        """
        name: eu
        kafka:
          bootstrap_servers: "a:1"
          session_timeout: 7s
          rebalance_timeout: 40s
          max_poll_interval: 50s
          request_timeout: 51s
          metadata_max_age: 9s
          fetch: {max_bytes: 2000000, max_partition_bytes: 30000, max_wait: 70ms}
        """
    )
    given = reached.client_options()
    assert {name: given[name] for name in ("bootstrap_servers", "client_id", "metadata_max_age_ms")} == {
        "bootstrap_servers": "a:1",
        "client_id": "eu-one",
        "metadata_max_age_ms": 9_000,
    }
    assert given["request_timeout_ms"] == 51_000
    assert reached.reading_options() == {"fetch_max_bytes": 2_000_000, "fetch_max_wait_ms": 70}
    assert reached.fetch_partition_bytes == 30_000
    assert reached.group_options() == {
        "session_timeout_ms": 7_000,
        "heartbeat_interval_ms": 700,
        "rebalance_timeout_ms": 40_000,
        "max_poll_interval_ms": 50_000,
    }
    assert connection("kafka: {rebalance_timeout: 1m}").client_options()["request_timeout_ms"] == 70_000
