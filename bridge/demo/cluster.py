"""Three nodes of a real Kafka on this machine, for what needs replicas: leaders that change, brokers restarted in turn."""

import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from aiokafka.admin import AIOKafkaAdminClient

from bridge.demo.brokersettings import Place, broker_settings
from bridge.demo.node import KafkaNode
from bridge.demo.ports import HOST, free_ports
from bridge.errors import BridgeError

_NODES = 3


@dataclass(frozen=True, slots=True)
class PartitionState:
    """Who leads a partition (-1: nobody), which nodes hold it, and which of them are in sync."""

    partition: int
    leader: int
    replicas: frozenset[int]
    in_sync: frozenset[int]


class EmbeddedCluster:
    """Three nodes, each broker and controller; Kafka's own topics have three replicas, of which two must be in sync.

    In a temporary folder that `stop` removes, or that goes when this process dies. `settings` override the nodes' own.
    """

    def __init__(
        self, *, settings: Mapping[str, str] | None = None, announce: Callable[[str], None] = lambda _: None
    ) -> None:
        self._settings = dict(settings or {})
        self._announce = announce
        self._folder: Path | None = None
        self._nodes: dict[int, KafkaNode] = {}
        self._places: list[Place] = []

    @property
    def bootstrap_servers(self) -> str:
        """`host:port` of all nodes, with commas between; the same over restarts."""
        if not self._places:
            raise BridgeError("Kafka has not been started")
        return ",".join(f"{HOST}:{place.port}" for place in self._places)

    @property
    def nodes(self) -> Sequence[int]:
        """The ids of all nodes."""
        return tuple(self._nodes)

    def start(self, timeout: float = 90.0) -> None:
        """Start all and wait until they serve. Raises BridgeError with the end of a log when one doesn't in `timeout` s."""
        self._folder = folder = Path(tempfile.mkdtemp(prefix="campaign-bridge-kafka-"))
        ports = free_ports(2 * _NODES)
        self._places = [Place(number + 1, ports[2 * number], ports[2 * number + 1]) for number in range(_NODES)]
        try:
            for place in self._places:
                node = KafkaNode(folder / str(place.node), announce=self._announce, scratch=folder)
                node.configure(broker_settings(place, self._places, host=HOST, data=node.data) | self._settings)
                self._nodes[place.node] = node
            with ThreadPoolExecutor(_NODES) as each:
                list(each.map(KafkaNode.format, self._nodes.values()))
            for node in self._nodes.values():
                node.launch()  # none serves before a majority runs
            for node in self._nodes.values():
                node.wait(timeout)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End all of them and remove their folder. Fine to call twice."""
        with ThreadPoolExecutor(_NODES) as each:
            list(each.map(KafkaNode.halt, self._nodes.values()))
        self._nodes.clear()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    def kill(self, node: int) -> None:
        """SIGKILL one node: its data stays for `restart`. Returns when it is dead."""
        self._nodes[node].kill()

    def halt(self, node: int) -> None:
        """End one node cleanly, its leaderships handed over; the data stays for `restart`."""
        self._nodes[node].halt()

    def restart(self, node: int, timeout: float = 60.0) -> None:
        """Start one node again with the same ports and data, after `halt` or `kill`, or halting it first."""
        self._nodes[node].halt()
        self._nodes[node].launch()
        self._nodes[node].wait(timeout)

    def is_running(self, node: int) -> bool:
        """Whether the node's process lives."""
        return self._nodes[node].is_running

    async def partitions(self, topic: str) -> list[PartitionState]:
        """How each partition of a topic stands, as Kafka says; empty while the topic is not known."""
        client = AIOKafkaAdminClient(bootstrap_servers=self.bootstrap_servers)
        await client.start()
        try:
            described = await client.describe_topics([topic])
        finally:
            await client.close()
        return [
            PartitionState(one["partition"], one["leader"], frozenset(one["replicas"]), frozenset(one["isr"]))
            for found in described
            for one in sorted(found["partitions"], key=lambda one: int(one["partition"]))
        ]

    async def leader_of(self, topic: str, partition: int) -> int:
        """The node that leads a partition; -1 while nobody does. Raises BridgeError for a partition that doesn't exist."""
        for state in await self.partitions(topic):
            if state.partition == partition:
                return state.leader
        raise BridgeError(f"Kafka knows no partition {partition} of topic {topic}")

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
