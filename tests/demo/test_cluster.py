"""The embedded cluster: a node that is killed or halted takes nothing with it."""

from collections.abc import Iterator

import pytest
from aiokafka import AIOKafkaProducer
from kafka.cluster import make_topic, read_topic
from waiting import eventually

from bridge.demo.cluster import EmbeddedCluster
from bridge.errors import BridgeError

pytestmark = pytest.mark.slow


@pytest.fixture
def cluster() -> Iterator[EmbeddedCluster]:
    with EmbeddedCluster() as running:
        yield running


async def test_what_was_acknowledged_survives_its_leader_and_every_node_in_turn(
    cluster: EmbeddedCluster, unique: str
) -> None:
    servers = cluster.bootstrap_servers
    assert len(servers.split(",")) == len(cluster.nodes) == 3
    await make_topic(servers, unique, 1, {"min.insync.replicas": "2"}, replication=3)
    with pytest.raises(BridgeError, match=f"no partition 7 of topic {unique}"):
        await cluster.leader_of(unique, 7)

    async def all_in_sync() -> bool:
        (state,) = await cluster.partitions(unique)
        return state.leader in state.in_sync == state.replicas == set(cluster.nodes)

    producer = AIOKafkaProducer(bootstrap_servers=servers, acks="all", enable_idempotence=True)
    await producer.start()
    try:
        await producer.send_and_wait(unique, b"before")
        killed = await cluster.leader_of(unique, 0)
        cluster.kill(killed)
        assert not cluster.is_running(killed)
        await producer.send_and_wait(unique, b"without its leader")
        assert await cluster.leader_of(unique, 0) != killed
        cluster.restart(killed)
        await eventually(all_in_sync, within=30)
        for node in cluster.nodes:
            cluster.halt(node)
            await producer.send_and_wait(unique, f"without {node}".encode())
            cluster.restart(node)
            await eventually(all_in_sync, within=30)
    finally:
        await producer.stop()
    assert [record.offset for record in await read_topic(servers, unique)] == list(range(5))
