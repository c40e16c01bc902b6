"""Intake on a real Kafka with a real routing table, and what it wrote, read back independently."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka import TopicPartition as Partition
from aiokafka.errors import GroupCoordinatorNotAvailableError
from kafka.cluster import admin, make_topic, read_topic
from prometheus_client import CollectorRegistry
from waiting import eventually

from bridge.clock import SystemClock
from bridge.durations import format_instant
from bridge.intake import Intake, KnownSchemas
from bridge.kafka import Connection, GroupConsumer, OwnTopics, Producer, TopicNames, TopicPlan, provide_topics
from bridge.routing import load_table
from bridge.routing.table import Table
from bridge.telemetry import Telemetry
from bridge.triggers import Trigger

ROUTES = """
version: 1
sources:
  matches:
    topic: {topic}
    format: {format}
    event_id: id
    event_time: occurred_at
    order_by: match.id
    start: {start}
defaults: {{expires_after: {expires_after}, dedup_window: 24h}}
generators:
  goal-scored:
    brand: acme
    id: 11111111-2222-3333-4444-555555555555
    context: {{team: string, minute: integer, note: {{type: string, required: false}}, extra: {{type: object, required: false}}}}
lookups:
  teams: {{file: teams.csv, key: id, value: topic_key}}
routes:
  - name: goal
    source: matches
    match: {{type: goal}}
    generator: goal-scored
    topic_key: {{lookup: teams, key: "{{team.id}}"}}
    context: {{team: "{{team.name}}", minute: "{{minute}}", note: "{{note}}", extra: "{{extra}}"}}
  - name: silent
    source: matches
    match: {{type: whistle}}
    mode: shadow
    generator: goal-scored
    topic_key: whistles
    context: {{team: "{{team.name}}", minute: "{{minute}}"}}
"""


def goal(number: int, **changes: Any) -> dict[str, Any]:
    """An event that is a goal, but for what is changed; a change to None takes the field out."""
    event = {
        "id": f"e{number}",
        "type": "goal",
        "occurred_at": format_instant(SystemClock().now()),
        "match": {"id": f"m{number % 7}"},
        "team": {"id": "GER", "name": "Germany"},
        "minute": 12,
    }
    return {name: value for name, value in (event | changes).items() if value is not None}


async def until(condition: Callable[[], bool | Awaitable[bool]]) -> None:
    """Until Kafka says so."""
    await eventually(condition, every=0.1)


@dataclass
class Workbench:
    """A service of its own on the shared Kafka: its names, its source topic, its table."""

    kafka: str
    service: str
    folder: Path
    partitions: int = 3
    registry: CollectorRegistry = field(default_factory=CollectorRegistry)
    telemetry: Telemetry = field(init=False)
    table: Table = field(init=False)
    own: OwnTopics = field(init=False)

    def __post_init__(self) -> None:
        self.telemetry = Telemetry(self.registry, SystemClock())

    @property
    def topic(self) -> str:
        return f"{self.service}-source"

    @property
    def connection(self) -> Connection:
        return Connection(bootstrap_servers=self.kafka, session_timeout=3000, metadata_max_age=1000)

    async def set_up(
        self,
        *,
        start: str = "expiry",
        expires_after: str = "10m",
        settings: Mapping[str, str] | None = None,
    ) -> None:
        await make_topic(self.kafka, self.topic, self.partitions, settings)
        self.load(start=start, expires_after=expires_after)
        await self.provide()

    async def provide(self, max_message_bytes: int = 1_048_576) -> None:
        plan = TopicPlan(
            names=TopicNames(self.service),
            partitions=4,
            replication=1,
            max_message_bytes=max_message_bytes,
            sources=frozenset([self.topic]),
        )
        self.own = await provide_topics(self.connection, plan)

    def load(self, *, start: str = "expiry", expires_after: str = "10m", encoded: str = "json") -> None:
        (self.folder / "teams.csv").write_text("id,topic_key\nGER,00000000-abcd\nARG,00000000-beef\n")
        routes = self.folder / "routes.yaml"
        routes.write_text(ROUTES.format(topic=self.topic, start=start, expires_after=expires_after, format=encoded))
        self.table = load_table(routes, {})

    async def publish(self, *records: Mapping[str, Any]) -> None:
        """Records as aiokafka's send() takes them, without the topic."""
        producer = AIOKafkaProducer(bootstrap_servers=self.kafka, max_request_size=8_000_000)
        await producer.start()
        try:
            for record in records:
                await producer.send(self.topic, **record)
            await producer.flush()
        finally:
            await producer.stop()

    @asynccontextmanager
    async def running(self, *, shadow: bool = False, schemas: KnownSchemas | None = None) -> AsyncIterator[Intake]:
        """An intake at work until the end of the block."""
        clock = SystemClock()
        consumer = GroupConsumer(
            self.connection,
            group=f"{self.service}.intake",
            topics=[self.topic],
            clock=clock,
            isolation_level="read_committed",
        )
        async with Producer(self.connection, max_request_size=self.own.largest_record) as producer:
            intake = Intake(
                consumer=consumer,
                producer=producer,
                table=self.table,
                names=TopicNames(self.service),
                own=self.own,
                shadow=shadow,
                telemetry=self.telemetry,
                clock=clock,
                schemas=schemas,
            )
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(intake.run())
                try:
                    yield intake
                finally:
                    intake.stop()

    async def triggers(self) -> list[Trigger]:
        return [Trigger.decode(record.value) for record in await self.trigger_records()]

    async def trigger_records(self) -> list[Any]:
        return await read_topic(self.kafka, f"{self.service}.triggers")

    async def dead_letters(self) -> list[Any]:
        return await read_topic(self.kafka, f"{self.service}.dead-letters")

    def counted(self) -> Counter[str]:
        """What telemetry counted for the source, by decision."""
        found: Counter[str] = Counter()
        for family in self.registry.collect():
            for sample in family.samples:
                if sample.name == "bridge_events_total":
                    found[sample.labels["decision"]] += int(sample.value)
        return found

    async def caught_up(self) -> bool:
        """Has the group committed all that is in the source topic? Asked from Kafka, not from intake."""
        ends: Counter[int] = Counter()
        for record in await read_topic(self.kafka, self.topic):
            ends[record.partition] = record.offset + 1
        done = await self.committed()
        return all(done.get(partition) == end for partition, end in ends.items())

    async def work_off(self, *, shadow: bool = False) -> None:
        """Run intake until all that is in the source topic is committed."""
        async with self.running(shadow=shadow):
            await until(self.caught_up)

    async def has_committed(self) -> bool:
        """Has the group committed anything for each partition?"""
        return len(await self.committed()) == self.partitions

    async def committed(self) -> dict[int, int]:
        """The group's committed offsets by partition, as Kafka tells them."""
        async with admin(self.kafka) as client:
            try:
                found = await client.list_consumer_group_offsets(f"{self.service}.intake")
            except GroupCoordinatorNotAvailableError:
                return {}  # a new broker has not made its offsets topic yet
        return {partition.partition: at.offset for partition, at in found.items() if at.offset >= 0}

    async def reset_offsets(self) -> None:
        """What `kafka-consumer-groups.sh --reset-offsets --to-earliest` does."""
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self.kafka, group_id=f"{self.service}.intake", enable_auto_commit=False
        )
        await consumer.start()
        try:
            beginning = {Partition(self.topic, number): 0 for number in range(self.partitions)}
            consumer.assign(list(beginning))
            await consumer.commit(beginning)
        finally:
            await consumer.stop()
