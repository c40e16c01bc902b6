"""The Kafka that a run has: one node or three, to kill, halt and start again."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Protocol

from waiting import eventually

from bridge.demo.cluster import EmbeddedCluster
from bridge.demo.kafka import EmbeddedKafka

_SETTLED_WITHIN = 60.0


class Brokers(Protocol):
    """Kafka, as far as faults need it. `copies` is the replication of topics."""

    copies: int

    @property
    def bootstrap_servers(self) -> str: ...

    @property
    def nodes(self) -> Sequence[int]: ...

    async def down(self, node: int, *, kill: bool) -> None:
        """End a node, by SIGKILL or in order."""

    async def up(self, node: int) -> None:
        """Start it again, and wait until it serves."""

    async def leader_of(self, topic: str, partition: int) -> int:
        """The node that leads it."""

    async def settled(self, topics: Iterable[str]) -> None:
        """Until every replica of these topics is in sync: before that, another node must not go."""


class Given:
    """A Kafka that somebody else runs: nothing can be done to it."""

    copies = 1
    nodes = ()

    def __init__(self, bootstrap_servers: str) -> None:
        self.bootstrap_servers = bootstrap_servers

    async def down(self, node: int, *, kill: bool) -> None:
        raise AssertionError("this Kafka is not ours to end")

    async def up(self, node: int) -> None:
        raise AssertionError("this Kafka is not ours to start")

    async def leader_of(self, topic: str, partition: int) -> int:
        raise AssertionError("this Kafka has one node")

    async def settled(self, topics: Iterable[str]) -> None:
        """Nothing was unsettled."""


class One:
    """The embedded Kafka with one node."""

    copies = 1
    nodes = (1,)

    def __init__(self, kafka: EmbeddedKafka) -> None:
        self._kafka = kafka
        self.bootstrap_servers = kafka.bootstrap_servers

    async def down(self, node: int, *, kill: bool) -> None:
        await asyncio.to_thread(self._kafka.kill if kill else self._kafka.halt)

    async def up(self, node: int) -> None:
        await asyncio.to_thread(self._kafka.restart)

    async def leader_of(self, topic: str, partition: int) -> int:
        return 1

    async def settled(self, topics: Iterable[str]) -> None:
        """One node is always in sync with itself."""


class Three:
    """The embedded cluster."""

    copies = 3

    def __init__(self, cluster: EmbeddedCluster) -> None:
        self._cluster = cluster
        self.bootstrap_servers = cluster.bootstrap_servers
        self.nodes = cluster.nodes

    async def down(self, node: int, *, kill: bool) -> None:
        await asyncio.to_thread(self._cluster.kill if kill else self._cluster.halt, node)

    async def up(self, node: int) -> None:
        await asyncio.to_thread(self._cluster.restart, node)

    async def leader_of(self, topic: str, partition: int) -> int:
        return await self._cluster.leader_of(topic, partition)

    async def settled(self, topics: Iterable[str]) -> None:
        names = list(topics)

        async def in_sync() -> bool:
            states = [state for name in names for state in await self._cluster.partitions(name)]
            return bool(states) and all(state.in_sync == state.replicas for state in states)

        await eventually(in_sync, within=_SETTLED_WITHIN, every=0.3)


@asynccontextmanager
async def running_brokers(nodes: int) -> AsyncIterator[Brokers]:
    """One node or three, for as long as the context is open."""
    kafka: EmbeddedKafka | EmbeddedCluster = EmbeddedKafka() if nodes == 1 else EmbeddedCluster()
    await asyncio.to_thread(kafka.start)
    try:
        yield One(kafka) if isinstance(kafka, EmbeddedKafka) else Three(kafka)
    finally:
        await asyncio.to_thread(kafka.stop)
