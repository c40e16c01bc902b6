"""The parts of a replica, built from its settings."""

import random
from collections.abc import Callable, Collection, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

from pydantic import SecretStr

from bridge.app.tables import Tables
from bridge.budget.budget import Budget
from bridge.budget.moments import Sharing
from bridge.clock import Clock
from bridge.dispatch import building as dispatch
from bridge.dispatch.stage import Dispatch
from bridge.holds.board import Board
from bridge.intake import Intake, KnownSchemas
from bridge.kafka.connection import Connection, IsolationLevel
from bridge.kafka.consumer import GroupConsumer
from bridge.kafka.log import Appender, KafkaLog, PartitionReader, Readers
from bridge.kafka.producer import Producer
from bridge.kafka.provisioning import OwnTopics
from bridge.kafka.records import TopicPartition
from bridge.kafka.topics import TopicNames
from bridge.outcomes.emitter import Emitter
from bridge.provisioning.provisioner import Endpoint, Provisioner
from bridge.provisioning.request import RequestTemplate
from bridge.reconcile.judging import Following
from bridge.reconcile.pace import Pace
from bridge.reconcile.stage import Reconcile
from bridge.registry.looking import registry
from bridge.reloading.secrets import Secrets
from bridge.routing.paths import parse_path
from bridge.settings import Settings
from bridge.settings.connecting import keys_of
from bridge.telemetry import Telemetry
from bridge.vendor.client import VendorClient

# Beyond the dedup window: 5 minutes for event times ahead, the rest for clocks.
_WINDOW_MARGIN = 600_000


@dataclass(slots=True)
class Parts:
    """Builds them. `replica` is this one's name; `stack` ends what must be ended; `memory` and `limit` (ms): how long the
    ledgers remember what was called, and count calls, for as long as this replica runs.
    """

    secrets: Secrets
    tables: Tables
    connection: Connection
    replica: str
    stack: AsyncExitStack
    clock: Clock
    telemetry: Telemetry
    consumers: list[GroupConsumer] = field(default_factory=list)
    memory: int = field(init=False)
    limit: int = field(init=False)

    def __post_init__(self) -> None:
        # Open executions and parked triggers are found again as long as they may be open.
        self.memory = max(self.tables.current.dedup_window, self.settings.reconcile.deadline)
        self.limit = self.tables.current.longest_limit

    @property
    def settings(self) -> Settings:
        """Those in force. Of what is a secret, only what is taken from `secrets` follows its changes."""
        return self.secrets.settings

    @property
    def names(self) -> TopicNames:
        """Of the own topics."""
        return TopicNames(self.settings.name)

    def consumer(
        self, stage: str, topics: Collection[str], level: IsolationLevel = "read_uncommitted", *, paced: bool = False
    ) -> GroupConsumer:
        """A member of the stage's group (see GroupConsumer)."""
        group = f"{self.settings.name}.{stage}"
        consumer = GroupConsumer(
            self.connection,
            group=group,
            topics=topics,
            clock=self.clock,
            isolation_level=level,
            paced=paced,
        )
        self.consumers.append(consumer)
        return consumer

    async def schemas(self) -> KnownSchemas | None:
        """The schema registry, where there is one."""
        settings = self.settings.registry
        if settings is None:
            return None
        # Those in force then: credentials may change while it runs.
        opened = registry(lambda: self.settings.registry or settings, self.clock, self.telemetry)
        return await self.stack.enter_async_context(opened.running())

    async def intake(self, own: OwnTopics) -> Intake:
        """Stage 1."""
        # The loop stands still while it writes: Kafka's patience with it (max_poll_interval) is longer.
        deadline = self.settings.kafka.rebalance_timeout / 1000
        producer = Producer(self.connection, max_request_size=own.largest_record, deadline=deadline)
        table = self.tables.current
        topics = {source.topic for source in table.sources.values()}
        return Intake(
            # What it reads together goes through all stages together: dispatch need not wait for more.
            consumer=self.consumer("intake", topics, "read_committed", paced=True),
            producer=await self.stack.enter_async_context(producer),
            table=table,
            names=self.names,
            own=own,
            shadow=self.settings.mode == "shadow",
            telemetry=self.telemetry,
            clock=self.clock,
            schemas=await self.schemas(),
        )

    async def dispatch(self, own: OwnTopics, around: dispatch.Around) -> Dispatch:
        """Stage 2."""
        readers = await self.stack.enter_async_context(Readers(self.connection))
        appender = await self.stack.enter_async_context(Appender(self.connection, max_batch_size=own.ledger_limit))

        def log(partition: int) -> KafkaLog:
            where = TopicPartition(self.names.ledger, partition)
            return KafkaLog(appender, PartitionReader(readers, where), where)

        def triggers(partition: int) -> PartitionReader:
            return PartitionReader(readers, TopicPartition(self.names.triggers, partition))

        return dispatch.build(
            settings=self.settings,
            topic=self.names.triggers,
            log=log,
            triggers=triggers,
            around=around,
            window=self.memory + _WINDOW_MARGIN,
            longest_limit=self.limit,
            fingerprint=self.tables.fingerprint_of,
            generator=self.tables.generator_of,
            replica=self.replica,
            clock=self.clock,
            telemetry=self.telemetry,
        )

    def reconcile(
        self, vendor: VendorClient, budget: Budget, holds: Board, results: Emitter, fresh: Callable[[], bool]
    ) -> Reconcile:
        """Stage 3. `fresh()`: whether the group has answered within the session timeout."""
        settings = self.settings.reconcile
        return Reconcile(
            vendor=vendor,
            budget=budget,
            holds=holds,
            results=results,
            pace=Pace(settings.first_poll / 1000, settings.max_interval / 1000, random.random),
            following=Following(settings.deadline, settings.grace_404, settings.follow_unresolved),
            fresh=fresh,
            replica=self.replica,
            clock=self.clock,
            telemetry=self.telemetry,
        )

    def budget(self, fresh: Callable[[], bool]) -> Budget:
        """Of every brand. `fresh()`: whether the group has answered within the session timeout."""
        return Budget(
            {name: brand.requests_per_second for name, brand in self.settings.brands.items()},
            self.settings.budget.headroom,
            self.clock,
            self.telemetry,
            self._sharing(fresh),
        )

    def _sharing(self, fresh: Callable[[], bool]) -> Sharing | None:
        """Through Redis, where there is one."""
        budget = self.settings.budget
        if budget.redis_url is None:
            return None
        from bridge.budget.pooling import Pooling  # noqa: PLC0415 - the client takes long to import

        pooling = Pooling(
            budget.redis_url.get_secret_value(),
            name=self.settings.name,
            member=self.replica,
            strict=budget.strict,
            fresh=fresh,
            clock=self.clock,
            telemetry=self.telemetry,
        )

        def take(settings: Settings) -> None:
            if settings.budget.redis_url is not None:
                pooling.replace_url(settings.budget.redis_url.get_secret_value())

        self.secrets.use(("budget", "redis_url"), take)
        return pooling

    async def topics(self) -> Provisioner | None:
        """Who makes topics that are missing."""
        settings = self.settings.provisioner
        if settings is None:
            return None
        endpoint = Endpoint(
            settings.url,
            _revealed(settings.headers),
            RequestTemplate(settings.body),
            parse_path(settings.topic_key),
            settings.timeout / 1000,
            settings.patience / 1000,
        )
        provisioner = await self.stack.enter_async_context(Provisioner(endpoint, self.clock))

        def take(settings: Settings) -> None:
            if settings.provisioner is not None:
                provisioner.replace_headers(_revealed(settings.provisioner.headers))

        self.secrets.use(("provisioner", "headers"), take)
        return provisioner

    async def vendor(self) -> VendorClient:
        """The vendor's client, with the keys of every brand."""
        vendor = self.settings.vendor
        client = VendorClient(
            vendor.base_url,
            vendor.timeout,
            keys_of(self.settings.brands),
            clock=self.clock,
            connections=vendor.connections,
            transport=vendor.transport,
            propagate=self.settings.tracing.enabled and self.settings.tracing.propagate_to_vendor,
        )
        await self.stack.enter_async_context(client)

        def take(settings: Settings) -> None:
            for name, keys in keys_of(settings.brands).items():
                client.replace_keys(name, keys)

        self.secrets.use(("brands",), take)
        return client


def _revealed(secrets: Mapping[str, SecretStr]) -> dict[str, str]:
    return {name: secret.get_secret_value() for name, secret in secrets.items()}
