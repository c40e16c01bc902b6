"""The settings of the embedded Kafka: small nodes that are broker and controller, quick in what tests wait for."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_SETTINGS = {
    "process.roles": "broker,controller",
    "controller.listener.names": "CONTROLLER",
    "inter.broker.listener.name": "PLAINTEXT",
    # As production should have it: a mistyped topic is an error, not a new topic.
    "auto.create.topics.enable": "false",
    "message.max.bytes": "10485760",
    "replica.fetch.max.bytes": "10485760",
    # Quick: a group forms at once, a dead member is missed soon, deletions and compactions don't wait.
    "group.initial.rebalance.delay.ms": "0",
    "group.min.session.timeout.ms": "1000",
    "broker.session.timeout.ms": "3000",
    "broker.heartbeat.interval.ms": "500",
    "log.initial.task.delay.ms": "1000",
    "log.retention.check.interval.ms": "2000",
    "log.cleaner.backoff.ms": "2000",
    "log.segment.delete.delay.ms": "2000",
    # Small: many topics with little in them, in a heap of 512 MB.
    "offsets.topic.num.partitions": "4",
    "transaction.state.log.num.partitions": "1",
    "share.coordinator.state.topic.num.partitions": "1",
    "log.index.size.max.bytes": "1048576",
    "log.cleaner.dedupe.buffer.size": "16777216",
    "num.network.threads": "2",
    "num.io.threads": "4",
    "background.threads": "2",
}
_MOST_COPIES = 3


@dataclass(frozen=True, slots=True)
class Place:
    """A node of a cluster, and the two ports that it listens on."""

    node: int
    port: int
    controller_port: int


def broker_settings(place: Place, cluster: Sequence[Place], *, host: str, data: Path) -> dict[str, str]:
    """The server.properties of one node of the cluster. `data` is its folder; all ports are at `host`."""
    voters = ",".join(f"{one.node}@{host}:{one.controller_port}" for one in cluster)
    return (
        _SETTINGS
        | _copies(len(cluster))
        | {
            "node.id": str(place.node),
            "listeners": f"PLAINTEXT://{host}:{place.port},CONTROLLER://{host}:{place.controller_port}",
            "advertised.listeners": f"PLAINTEXT://{host}:{place.port}",
            "controller.quorum.voters": voters,
            "log.dirs": str(data),
        }
    )


def _copies(nodes: int) -> dict[str, str]:
    """Kafka's own topics three times, two of them for an ack, as far as there are nodes."""
    copies = min(nodes, _MOST_COPIES)
    in_sync = str(max(copies - 1, 1))
    return {"min.insync.replicas": in_sync} | {
        name: value
        for topic in ("share.coordinator.state.topic", "transaction.state.log", "offsets.topic")
        for name, value in ((f"{topic}.replication.factor", str(copies)), (f"{topic}.min.isr", in_sync))
        # The offsets have no setting of their own.
        if name != "offsets.topic.min.isr"
    }
