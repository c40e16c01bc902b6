"""The embedded Kafka: it serves, survives a crash with its data, and never outlives whoever started it."""

import asyncio
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from waiting import eventually

from bridge.demo.kafka import EmbeddedKafka
from bridge.demo.ports import HOST, free_ports
from bridge.errors import BridgeError

_STARTER = """
import sys, time
from bridge.demo.kafka import EmbeddedKafka
kafka = EmbeddedKafka()
kafka.start()
print(kafka.pid, kafka.log.parent, flush=True)
time.sleep(600)
"""


@asynccontextmanager
async def producing(servers: str) -> AsyncIterator[AIOKafkaProducer]:
    producer = AIOKafkaProducer(bootstrap_servers=servers, acks="all")
    await producer.start()
    try:
        yield producer
    finally:
        await producer.stop()


async def create(servers: str, topic: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=servers)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(topic, num_partitions=1, replication_factor=1)])
    finally:
        await admin.close()


async def end_of(servers: str, topic: str) -> int:
    consumer = AIOKafkaConsumer(bootstrap_servers=servers)
    await consumer.start()
    try:
        partition = TopicPartition(topic, 0)
        return int((await consumer.end_offsets([partition]))[partition])
    finally:
        await consumer.stop()


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


async def test_records_survive_a_kill_of_the_broker(own_kafka: EmbeddedKafka, unique: str) -> None:
    servers = own_kafka.bootstrap_servers
    await create(servers, unique)
    async with producing(servers) as producer:
        await producer.send_and_wait(unique, b"x" * 900_000)
    own_kafka.kill()
    own_kafka.restart()
    assert own_kafka.bootstrap_servers == servers
    assert await end_of(servers, unique) == 1


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
async def test_no_java_and_no_folder_is_left_when_the_parent_is_killed() -> None:
    parent = await asyncio.create_subprocess_exec(sys.executable, "-c", _STARTER, stdout=asyncio.subprocess.PIPE)
    assert parent.stdout is not None
    pid, folder = (await parent.stdout.readline()).decode().split()
    assert is_running(int(pid))
    parent.kill()
    await parent.wait()
    await eventually(lambda: not is_running(int(pid)))
    await eventually(lambda: not Path(folder).exists())


async def test_a_port_in_use_is_named(own_kafka: EmbeddedKafka) -> None:
    port = int(own_kafka.bootstrap_servers.rpartition(":")[2])
    with pytest.raises(BridgeError, match=f"port {port} of 127.0.0.1 is in use"):
        EmbeddedKafka(port=port).start()


async def test_a_broker_that_cannot_start_says_why() -> None:
    with pytest.raises(BridgeError, match=r"log\.retention\.bytes"):
        EmbeddedKafka(settings={"log.retention.bytes": "many"}).start()


def test_a_port_taken_meanwhile_is_no_trouble(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        taken.listen()
        offered = iter([[taken.getsockname()[1], *free_ports(1)], free_ports(2)])
        monkeypatch.setattr("bridge.demo.kafka.free_ports", lambda _: next(offered))
        with EmbeddedKafka() as kafka:
            assert kafka.is_running
            assert not kafka.bootstrap_servers.endswith(str(taken.getsockname()[1]))
