"""The only place that knows every part: builds them, starts the stages, and ends them in order."""

import asyncio
import random
import signal
import socket
from collections.abc import Callable, Collection
from contextlib import AsyncExitStack
from dataclasses import dataclass
from uuid import uuid4

from bridge.budget.budget import Budget
from bridge.budget.moments import Sharing
from bridge.clock import Clock, SystemClock
from bridge.dispatch import building as dispatch
from bridge.dispatch.stage import Dispatch
from bridge.holds.board import Board
from bridge.holds.identity import Identity
from bridge.holds.probing import probe_brands
from bridge.intake import Intake
from bridge.kafka.connection import Connection
from bridge.kafka.consumer import GroupConsumer
from bridge.kafka.control import ControlTopic
from bridge.kafka.hearing import end_when_stuck
from bridge.kafka.log import Appender, KafkaLog, PartitionReader, Readers
from bridge.kafka.producer import Producer
from bridge.kafka.provisioning import OwnTopics, provide_topics
from bridge.kafka.records import TopicPartition
from bridge.kafka.topics import TopicNames
from bridge.outcomes.emitter import Emitter
from bridge.reconcile.judging import Following
from bridge.reconcile.pace import Pace
from bridge.reconcile.stage import Reconcile
from bridge.routing.table import Table
from bridge.settings import Settings
from bridge.settings.planning import topic_plan
from bridge.telemetry import Telemetry, process_registry
from bridge.telemetry.health import serving, watch_loop
from bridge.vendor.client import BrandKeys, VendorClient

# Beyond the dedup window: 5 minutes for event times ahead, the rest for clocks.
_WINDOW_MARGIN = 600_000
# Seconds. A group is silent for as long as a rebalance takes.
_BEYOND_A_REBALANCE = 30.0


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a replica is made with. `accept_forgetting`: see bridge.holds.identity."""

    settings: Settings
    table: Table
    accept_forgetting: bool = False


class Replica:
    """One replica of the service: `run()` until a signal or `stop()`."""

    def __init__(self, surroundings: Surroundings, clock: Clock | None = None) -> None:
        self._settings = surroundings.settings
        self._table = surroundings.table
        self._accept_forgetting = surroundings.accept_forgetting
        self._clock = SystemClock() if clock is None else clock
        self._registry = process_registry()
        self._telemetry = Telemetry(self._registry, self._clock)
        self._names = TopicNames(self._settings.name)
        self._name = f"{socket.gethostname()}/{uuid4().hex[:8]}"
        self._connection = Connection(
            bootstrap_servers=self._settings.kafka.bootstrap_servers,
            client_id=f"{self._settings.name}-{self._name.rpartition('/')[2]}",
            session_timeout=self._settings.kafka.session_timeout,
            rebalance_timeout=self._settings.kafka.rebalance_timeout,
        )
        self._stages: list[Intake | Dispatch] = []
        self._consumers: list[GroupConsumer] = []
        self._main: asyncio.Task[None] | None = None

    def stop(self, reason: str = "asked to stop") -> None:
        """Drain and end; at once when nothing has been started yet."""
        self._telemetry.stopping(reason)
        if self._stages:
            for stage in self._stages:
                stage.stop()
        elif self._main is not None:
            self._main.cancel()

    async def run(self) -> None:
        """Work until stopped. Raises StartupRefused, or the failure of a stage in an ExceptionGroup."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stop, signal.Signals(number).name)
        async with asyncio.TaskGroup() as group:
            self._main = group.create_task(self._serve(), name="main")
        self._telemetry.stopped()

    async def _serve(self) -> None:
        http = self._settings.http
        self._telemetry.routes_loaded(self._table.hash, len(self._table.routes))
        async with AsyncExitStack() as stack:
            port = await stack.enter_async_context(serving(http.host, http.port, self._registry, self._reasons))
            own = await provide_topics(
                self._connection, topic_plan(self._settings, (source.topic for source in self._table.sources.values()))
            )
            for warning in own.warnings:
                self._telemetry.warned(warning)
            intake = await self._intake(stack, own)
            if self._settings.mode == "shadow":
                await self._run_stages(intake, None, port, [])
            else:
                await self._run_live(stack, own, intake, port)

    async def _run_live(self, stack: AsyncExitStack, own: OwnTopics, intake: Intake, port: int) -> None:
        settings = self._settings
        producer = await stack.enter_async_context(Producer(self._connection, max_request_size=own.largest_record))
        control = ControlTopic(self._connection, self._names.control, producer)
        board = Board(self._clock, self._telemetry, control.write)
        identity = Identity(control.write)
        control.listeners = [board.learn, identity.learn]
        consumer = self._consumer("dispatch", [self._names.triggers])
        budget = Budget(
            {name: brand.requests_per_second for name, brand in settings.brands.items()},
            settings.budget.headroom,
            self._clock,
            self._telemetry,
            self._sharing(lambda: consumer.heard_within(settings.kafka.session_timeout / 1000)),
        )
        vendor = await stack.enter_async_context(self._vendor())
        emitter = Emitter(producer, self._names.results, settings.name, self._telemetry)
        reconcile = Reconcile(
            vendor=vendor,
            budget=budget,
            holds=board,
            results=emitter,
            pace=Pace(settings.reconcile.first_poll / 1000, settings.reconcile.max_interval / 1000, random.random),
            following=Following(
                settings.reconcile.deadline, settings.reconcile.grace_404, settings.reconcile.follow_unresolved
            ),
            fresh=lambda: consumer.heard_within(settings.kafka.session_timeout / 1000),
            replica=self._name,
            clock=self._clock,
            telemetry=self._telemetry,
        )
        around = dispatch.Around(consumer, vendor, budget, board, emitter, reconcile)
        stage = await self._dispatch(stack, own, around)
        async with asyncio.TaskGroup() as group:
            following = group.create_task(control.follow(), name="control")
            await control.read_whole.wait()
            await identity.confirm(self._table.identity, own.partitions, accept_forgetting=self._accept_forgetting)
            await board.release_changed_routes(self._table.route_fingerprints)
            kafka = settings.kafka
            session, rebalance = kafka.session_timeout / 1000, kafka.rebalance_timeout / 1000
            patience = session + rebalance + _BEYOND_A_REBALANCE
            beside = [
                group.create_task(end_when_stuck(self._consumers, session, patience, self._clock), name="hearing"),
                group.create_task(budget.run(), name="budget"),
                group.create_task(reconcile.run(), name="reconcile"),
                group.create_task(probe_brands(settings.brands, vendor, budget, board), name="probe"),
                following,
            ]
            await self._run_stages(intake, stage, port, beside)

    async def _run_stages(
        self, intake: Intake, stage: Dispatch | None, port: int, beside: list[asyncio.Task[None]]
    ) -> None:
        self._stages = [intake] if stage is None else [intake, stage]
        async with asyncio.TaskGroup() as group:
            loop_lag = group.create_task(watch_loop(self._telemetry.metrics), name="loop lag")
            self._telemetry.started(
                self._settings.name, self._settings.mode, replica=self._name, port=port, routes=len(self._table.routes)
            )
            async with asyncio.TaskGroup() as stages:
                for one in self._stages:
                    stages.create_task(one.run(), name=type(one).__name__)
            loop_lag.cancel()
        for task in beside:
            task.cancel()

    def _consumer(self, stage: str, topics: Collection[str]) -> GroupConsumer:
        group = f"{self._settings.name}.{stage}"
        self._consumers.append(GroupConsumer(self._connection, group=group, topics=topics, clock=self._clock))
        return self._consumers[-1]

    async def _intake(self, stack: AsyncExitStack, own: OwnTopics) -> Intake:
        # A revoke waits for the writes under way, and the group waits for the revoke so long.
        deadline = self._settings.kafka.rebalance_timeout / 1000
        producer = Producer(self._connection, max_request_size=own.largest_record, deadline=deadline)
        topics = {source.topic for source in self._table.sources.values()}
        return Intake(
            consumer=self._consumer("intake", topics),
            producer=await stack.enter_async_context(producer),
            table=self._table,
            names=self._names,
            own=own,
            shadow=self._settings.mode == "shadow",
            telemetry=self._telemetry,
            clock=self._clock,
        )

    async def _dispatch(self, stack: AsyncExitStack, own: OwnTopics, around: dispatch.Around) -> Dispatch:
        settings = self._settings
        readers = await stack.enter_async_context(Readers(self._connection))
        appender = await stack.enter_async_context(Appender(self._connection, max_batch_size=own.ledger_limit))

        def log(partition: int) -> KafkaLog:
            where = TopicPartition(self._names.ledger, partition)
            return KafkaLog(appender, PartitionReader(readers, where), where)

        def triggers(partition: int) -> PartitionReader:
            return PartitionReader(readers, TopicPartition(self._names.triggers, partition))

        return dispatch.build(
            settings=settings,
            topic=self._names.triggers,
            log=log,
            triggers=triggers,
            around=around,
            # Open executions and parked triggers are found again as long as they may be open.
            window=max(self._table.dedup_window, settings.reconcile.deadline) + _WINDOW_MARGIN,
            longest_limit=self._table.longest_limit,
            fingerprint=self._table.route_fingerprints.get,
            generator={route.name: route.event_generator_id for route in self._table.routes.values()}.get,
            replica=self._name,
            clock=self._clock,
            telemetry=self._telemetry,
        )

    def _reasons(self) -> list[str]:
        """Why this replica is not ready; none when it is."""
        if not self._stages:
            return ["starting: Kafka has not answered yet, or the control topic is not read"]
        return [reason for stage in self._stages for reason in stage.not_ready()]

    def _sharing(self, fresh: Callable[[], bool]) -> Sharing | None:
        """Through Redis, where there is one."""
        budget = self._settings.budget
        if budget.redis_url is None:
            return None
        from bridge.budget.pooling import Pooling  # noqa: PLC0415 - the client takes long to import

        return Pooling(
            budget.redis_url.get_secret_value(),
            name=self._settings.name,
            member=self._name,
            strict=budget.strict,
            fresh=fresh,
            clock=self._clock,
            telemetry=self._telemetry,
        )

    def _vendor(self) -> VendorClient:
        vendor = self._settings.vendor
        return VendorClient(
            vendor.base_url,
            vendor.timeout,
            {
                name: BrandKeys(brand.api_key.get_secret_value(), brand.brand_key.get_secret_value())
                for name, brand in self._settings.brands.items()
            },
            clock=self._clock,
            connections=vendor.connections,
            transport=vendor.transport,
        )
