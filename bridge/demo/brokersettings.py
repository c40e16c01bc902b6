"""The settings of the embedded Kafka: one small node that is broker and controller, quick in what tests wait for."""

from pathlib import Path

_SETTINGS = {
    "process.roles": "broker,controller",
    "controller.listener.names": "CONTROLLER",
    "inter.broker.listener.name": "PLAINTEXT",
    # As production should have it: a mistyped topic is an error, not a new topic.
    "auto.create.topics.enable": "false",
    "message.max.bytes": "10485760",
    "replica.fetch.max.bytes": "10485760",
    # One node holds everything once.
    "offsets.topic.replication.factor": "1",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
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


def broker_settings(*, node: int, host: str, port: int, controller_port: int, data: Path) -> dict[str, str]:
    """The node's server.properties. `data` is its folder; the ports are those it listens on at `host`."""
    return _SETTINGS | {
        "node.id": str(node),
        "listeners": f"PLAINTEXT://{host}:{port},CONTROLLER://{host}:{controller_port}",
        "advertised.listeners": f"PLAINTEXT://{host}:{port}",
        "controller.quorum.voters": f"{node}@{host}:{controller_port}",
        "log.dirs": str(data),
    }
