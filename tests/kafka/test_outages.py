"""Kafka goes away and comes back: on a broker of the test's own."""

import pytest
from kafka.cluster import make_topic, read_topic
from kafka.members import Follower
from waiting import eventually

from bridge.clock import SystemClock
from bridge.demo.kafka import EmbeddedKafka
from bridge.errors import AppendUncertain
from bridge.kafka import Connection, GroupConsumer, NewRecord, Producer


async def test_a_member_lives_through_a_restart_of_kafka_and_a_write_meanwhile_is_an_error(
    own_kafka: EmbeddedKafka, unique: str
) -> None:
    servers = own_kafka.bootstrap_servers
    topic = await make_topic(servers, unique, partitions=2)
    connection = Connection(bootstrap_servers=servers, session_timeout=2000)
    consumer = GroupConsumer(connection, group=unique, topics=[topic], clock=SystemClock())
    async with Producer(connection, deadline=1) as producer, Follower(consumer) as follower:
        await producer.send_all([NewRecord(topic, None, b"before", partition=0)])
        await eventually(lambda: follower.values() == [b"before"])
        own_kafka.kill()
        with pytest.raises(AppendUncertain, match="1 records within 1 s"):
            await producer.send_all([NewRecord(topic, None, b"meanwhile", partition=0)])
        own_kafka.restart()
        await eventually(lambda: b"meanwhile" in follower.values(), within=60)
        await eventually(lambda: consumer.joined, within=60)
    assert [record.value for record in await read_topic(servers, topic)] == [b"before", b"meanwhile"]
