"""Reading the demo's topics from outside the bridge, to count what really lies there."""

from collections.abc import Collection, Mapping
from typing import Any

import orjson
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from bridge.clock import Clock
from bridge.demo.progress import Progress
from bridge.demo.verdict import SeenOutcome
from bridge.kafka import Connection, GroupConsumer, Partitions, Record, TopicPartition
from bridge.kafka.topics import TopicNames

NAMES = TopicNames("bridge")
_POLL_MS = 200


async def create_source_topics(connection: Connection, topics: Collection[str], partitions: int) -> None:
    """What the teams that own the events would have done."""
    # The bridge itself makes only its own topics, so this is the demo's business and not in bridge.kafka.
    admin = AIOKafkaAdminClient(bootstrap_servers=connection.bootstrap_servers)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(topic, partitions, replication_factor=1) for topic in topics])
    finally:
        await admin.close()


class Watcher:
    """A reader of the source topics and of the bridge's own, with a group of its own. Counts into `progress`."""

    def __init__(self, connection: Connection, sources: Collection[str], progress: Progress, clock: Clock) -> None:
        topics = [*sources, NAMES.triggers, NAMES.results, NAMES.dead_letters]
        self._consumer = GroupConsumer(connection, group="demo-watcher", topics=topics, clock=clock)
        self._progress = progress
        self._stopping = False
        self._read: dict[TopicPartition, int] = {}

    async def run(self) -> None:
        """Read until `stop`."""
        await self._consumer.start(self)
        try:
            while not self._stopping:
                for partition, records in (await self._consumer.records(_POLL_MS)).items():
                    for record in records:
                        self._count(record)
                    self._read[partition] = records[-1].offset + 1
        finally:
            await self._consumer.stop()

    def stop(self) -> None:
        """Let `run` return soon."""
        self._stopping = True

    def on_lost(self, partitions: Partitions) -> None:
        """Nothing to give up."""
        self._consumer.release(partitions)

    async def first_offsets(self, partitions: Partitions) -> Mapping[TopicPartition, int]:
        """Everything from the beginning, also in a topic that appears later."""
        return dict.fromkeys(partitions, 0)

    async def on_gained(self, partitions: Partitions) -> None:
        """Go on where it stopped, if it stopped here: each record counts once."""
        for partition in partitions:
            self._consumer.seek(partition, self._read.get(partition, 0))
        self._consumer.resume(partitions)

    def _count(self, record: Record) -> None:
        self._progress.records[record.topic] += 1
        if record.topic == NAMES.triggers and record.key is not None:
            self._progress.trigger_ids.add(record.key.decode())
        elif record.topic == NAMES.results and record.value is not None:
            self._progress.add_outcome(_outcome(orjson.loads(record.value)))


def _outcome(value: Mapping[str, Any]) -> SeenOutcome:
    return SeenOutcome(
        trigger_id=value["trigger_id"],
        revision=value["revision"],
        outcome=value["outcome"],
        reason=value["reason"],
        event_id=value["event_id"],
        generator=value["event_generator_id"],
        topic_key=value["topic_key"],
        execution_id=value["execution_id"],
    )
