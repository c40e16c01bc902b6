"""A service of a test's own: names, table and source topic, a vendor, and replicas that come and go."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, STDOUT
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from canary import CANARY, Canary, no_leaks
from kafka.cluster import admin, make_topic
from service.account import Account, read_account
from service.replica import Replica, until
from service.story import TEAMS_CSV, event, keys_of, table, vendor

from bridge.simulator import Simulator, SimulatorConfig

PARTITIONS = 4
TALKATIVE = ("-c", "from bridge.cli import main; from bridge.telemetry import logs; logs._AGAIN = 0.0; main()")
"""A replica that keeps nothing back of what libraries say again and again: at the debug level that would be most of it."""
SOURCE_PARTITIONS = 3


@dataclass
class Service:
    """Make one with `running_service`."""

    kafka: str
    name: str
    folder: Path
    vendor: Simulator
    brands: tuple[str, ...]
    partitions: int = PARTITIONS
    replicas: list[Replica] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    """By other verbs."""

    @property
    def source(self) -> str:
        return f"{self.name}-source"

    def routes(self) -> dict[str, Any]:
        """The table that `configure` writes when it is given none."""
        return table(self.source, brands=self.brands)

    def configure(self, routes: Mapping[str, Any] | None = None, *, settings: Mapping[str, Any] | None = None) -> None:
        """Write the files that the next replicas will read. JSON is YAML."""
        settings = self.settings() if settings is None else settings
        routes = self.routes() if routes is None else routes
        (self.folder / "routes.yaml").write_bytes(orjson.dumps(routes, option=orjson.OPT_INDENT_2))
        (self.folder / "teams.csv").write_text(TEAMS_CSV)
        (self.folder / "bridge.yaml").write_bytes(orjson.dumps(settings, option=orjson.OPT_INDENT_2))

    def launch(self, name: str, *options: str, program: Sequence[str] = ("-m", "bridge"), **settings: str) -> Replica:
        """A replica with settings by environment, as in BRIDGE__MODE="shadow"; it has only just been started.

        `program`: what Python runs, for a replica that is tampered with.
        """
        arguments = [*self._config, "--routes", self.folder / "routes.yaml", *options]
        log = self.folder / f"replica-{len(self.replicas)}-{name}.log"
        replica = Replica(name, arguments, self._environ | settings, log, program)
        self.replicas.append(replica)
        return replica

    async def verb(self, *words: str, code: int = 0, **settings: str) -> str:
        """What another verb of the bridge says when it ends with this exit code."""
        environ = self._environ | settings
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bridge", *words, *self._config, env=environ, stdout=PIPE, stderr=STDOUT
        )
        output, _ = await process.communicate()
        self.said.append(output.decode())
        assert process.returncode == code, self.said[-1]
        return self.said[-1]

    def leaks(self, canary: Canary = CANARY) -> list[str]:
        """Where replicas and verbs showed a secret: in logs, on their ports, in what they said."""
        shown = [(f"what a verb said ({number})", text) for number, text in enumerate(self.said)]
        for number, replica in enumerate(self.replicas):
            shown.append((f"the log of replica {replica.name} ({number})", replica.output))
            shown.extend((f"the port of replica {replica.name} ({number})", text) for text in replica.heard)
        return [leak for where, text in shown for leak in canary.found_in(where, text)]

    async def start(
        self, name: str, *options: str, program: Sequence[str] = ("-m", "bridge"), **settings: str
    ) -> Replica:
        """A replica that is ready."""
        replica = self.launch(name, *options, program=program, **settings)
        await replica.ready()
        return replica

    async def publish(self, *events: Any) -> None:
        """Events as JSON, or bytes as they are, each acknowledged."""
        await self.publish_records(*({"value": one if isinstance(one, bytes) else orjson.dumps(one)} for one in events))

    async def publish_records(self, *records: Mapping[str, Any]) -> None:
        """Records as aiokafka's send() takes them, without the topic."""
        async with self.producer() as producer:
            for number, record in enumerate(records):
                where: dict[str, Any] = {"partition": number % SOURCE_PARTITIONS, **record}
                await producer.send(self.source, **where)
            await producer.flush()

    async def write(self, topic: str, key: bytes, value: bytes | None) -> None:
        """A record of any topic, acknowledged."""
        async with self.producer() as producer:
            await producer.send_and_wait(topic, value, key=key)

    @asynccontextmanager
    async def flow(self, per_second: float) -> AsyncIterator[list[dict[str, Any]]]:
        """Events, evenly, until the end of the block; those that were published."""
        published: list[dict[str, Any]] = []
        stopping = asyncio.Event()

        async def keep_publishing() -> None:
            async with self.producer() as producer:
                while not stopping.is_set():
                    published.append(event(len(published)))
                    partition = len(published) % SOURCE_PARTITIONS
                    await producer.send(self.source, orjson.dumps(published[-1]), partition=partition)
                    await asyncio.sleep(1 / per_second)
                await producer.flush()

        async with asyncio.TaskGroup() as group:
            group.create_task(keep_publishing())
            try:
                yield published
            finally:
                stopping.set()

    async def account(self) -> Account:
        """What Kafka and the vendor hold now, each read for itself."""
        return await read_account(self.kafka, self.name, self.vendor.executions)

    async def has_outcomes(self, count: int, *, within: float = 30) -> None:
        """Until the results topic tells of that many triggers."""
        await self.until("results", lambda results: len({one["trigger_id"] for one in results}) >= count, within=within)

    async def is_done(self, count: int, *, within: float = 30) -> None:
        """Until that many triggers have an outcome, and nothing is left to read: so that what was called twice shows."""
        await self.has_outcomes(count, within=within)
        await until(lambda: self._is_read("intake", self.source), within=within)
        await until(lambda: self._is_read("dispatch", f"{self.name}.triggers"), within=within)

    async def has_accepted(self, count: int, *, within: float = 30) -> None:
        """Until the ledger tells that the vendor accepted that many calls."""
        await self.until(
            "ledger", lambda records: sum(one["kind"] == "accepted" for one in records) >= count, within=within
        )

    async def until(self, topic: str, condition: Callable[[list[dict[str, Any]]], bool], *, within: float = 30) -> None:
        """Until the records of one of the service's topics are as the condition wants them."""
        seen: list[dict[str, Any]] = []
        async with self._following(topic) as consumer:

            async def all_there() -> bool:
                for records in (await consumer.getmany(timeout_ms=200)).values():
                    seen.extend(orjson.loads(record.value) for record in records)
                assert condition(seen), f"{topic} holds {len(seen)} records, the last: {seen[-1:]}"
                return True

            await until(all_there, within=within)

    async def reset_offsets(self, stage: str, topic: str, partitions: int) -> None:
        """What `kafka-consumer-groups.sh --reset-offsets --to-earliest` does for a group without members."""
        async with self._consumer(group_id=f"{self.name}.{stage}", enable_auto_commit=False) as consumer:
            beginning = {TopicPartition(topic, number): 0 for number in range(partitions)}
            consumer.assign(list(beginning))
            await consumer.commit(beginning)

    @asynccontextmanager
    async def _consumer(self, **options: Any) -> AsyncIterator[Any]:
        consumer = AIOKafkaConsumer(bootstrap_servers=self.kafka, auto_offset_reset="earliest", **options)
        await consumer.start()
        try:
            yield consumer
        finally:
            await consumer.stop()

    async def _is_read(self, stage: str, topic: str) -> bool:
        """Has the group committed all that is in the topic? Asked from Kafka."""
        async with admin(self.kafka) as client:
            committed = await client.list_consumer_group_offsets(f"{self.name}.{stage}")
        async with self._consumer() as consumer:
            numbers = range(SOURCE_PARTITIONS if topic == self.source else self.partitions)
            ends = await consumer.end_offsets([TopicPartition(topic, number) for number in numbers])
        done = {where: at.offset for where, at in committed.items()}
        return all(done.get(where, 0) >= end for where, end in ends.items())

    @asynccontextmanager
    async def producer(self) -> AsyncIterator[Any]:
        """Sends events with `send(topic, value, ...)`."""
        producer = AIOKafkaProducer(
            bootstrap_servers=self.kafka, max_request_size=8_000_000, acks="all", enable_idempotence=True
        )
        await producer.start()
        try:
            yield producer
        finally:
            await producer.stop()

    @asynccontextmanager
    async def _following(self, topic: str) -> AsyncIterator[Any]:
        async with self._consumer() as consumer:
            consumer.assign([TopicPartition(f"{self.name}.{topic}", number) for number in range(self.partitions)])
            await consumer.seek_to_beginning()
            yield consumer

    @property
    def _config(self) -> list[str | Path]:
        return ["--config", self.folder / "bridge.yaml"]

    @property
    def _environ(self) -> dict[str, str]:
        inherited = {key: value for key, value in os.environ.items() if not key.startswith("BRIDGE_")}
        return inherited | {"BRIDGE__NAME": self.name, "BRIDGE_KAFKA__BOOTSTRAP_SERVERS": self.kafka}

    def settings(self) -> dict[str, Any]:
        """The settings that `configure` writes when it is given none."""
        keys = {brand: keys_of(brand) for brand in self.brands}
        return {
            "kafka": {"session_timeout": "3s", "rebalance_timeout": "30s"},
            "vendor": {"base_url": self.vendor.base_url, "timeout": "3s"},
            "brands": {brand: {"api_key": key.api_key, "brand_key": key.brand_key} for brand, key in keys.items()},
            "dispatch": {"drain_timeout": "6s"},
            "reconcile": {"first_poll": "500ms", "max_interval": "1s"},
            "topics": {"partitions": self.partitions, "replication": 1},
            "http": {"host": "127.0.0.1", "port": 0},
        }


@asynccontextmanager
async def running_service(
    kafka: str,
    name: str,
    folder: Path,
    played: SimulatorConfig | None = None,
    *,
    brands: Iterable[str] = ("acme",),
    source_settings: Mapping[str, str] | None = None,
) -> AsyncIterator[Service]:
    """A vendor, a source topic and files; no replica yet. At the end every replica is killed, and none must have shown a
    secret; the logs are shown when the test failed.
    """
    async with Simulator(played or vendor()) as simulator:
        service = Service(kafka, name, folder, simulator, tuple(brands))
        await make_topic(kafka, service.source, SOURCE_PARTITIONS, source_settings)
        service.configure()
        try:
            yield service
        except BaseException:
            sys.stderr.write("".join(replica.tail() for replica in service.replicas))
            raise
        finally:
            for replica in service.replicas:
                await replica.bury()
        no_leaks(service.leaks())
