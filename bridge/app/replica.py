"""One replica: its life from start to end."""

import asyncio
import signal
import socket
from contextlib import AsyncExitStack
from dataclasses import dataclass
from uuid import uuid4

from bridge.app.parts import Parts
from bridge.app.tables import Confirming, Tables
from bridge.app.tracing import begin_tracing, revealed
from bridge.clock import Clock, SystemClock
from bridge.dispatch.building import Around
from bridge.dispatch.stage import Dispatch
from bridge.holds.board import Board
from bridge.holds.easing import ease_brands
from bridge.holds.identity import Identity
from bridge.holds.probing import probe_brands
from bridge.intake import Intake
from bridge.kafka.control import ControlTopic
from bridge.kafka.hearing import end_when_stuck
from bridge.kafka.producer import Producer
from bridge.kafka.provisioning import OwnTopics, provide_topics
from bridge.kafka.rights import rights_of
from bridge.outcomes.emitter import Emitter
from bridge.reloading.secrets import Secrets
from bridge.routing.table import Table
from bridge.settings import Settings
from bridge.settings.connecting import connection_of
from bridge.settings.planning import topic_plan
from bridge.settings.securing import security_of
from bridge.telemetry import Telemetry, process_registry
from bridge.telemetry.health import serving, watch_loop
from bridge.telemetry.memory import memory_limit

# Seconds. A group is silent for as long as a rebalance takes.
_BEYOND_A_REBALANCE = 30.0


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a replica is made with. `accept_forgetting`: see bridge.holds.identity."""

    secrets: Secrets
    tables: Tables
    accept_forgetting: bool = False


class Replica:
    """One replica of the service: `run()` until a signal or `stop()`."""

    def __init__(self, surroundings: Surroundings, clock: Clock | None = None) -> None:
        self._secrets = surroundings.secrets
        self._settings = self._secrets.settings
        self._tables = surroundings.tables
        self._accept_forgetting = surroundings.accept_forgetting
        self._clock = SystemClock() if clock is None else clock
        self._registry = process_registry()
        self._telemetry = Telemetry(self._registry, self._clock)
        self._telemetry.memory_limited(memory_limit())
        self._name = f"{socket.gethostname()}/{uuid4().hex[:8]}"
        self._connection = connection_of(self._settings, self._name.rpartition("/")[2])
        self._secrets.use(("kafka", "security"), self._connect_with)
        self._stages: list[Intake | Dispatch] = []
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
        loop.add_signal_handler(signal.SIGHUP, self._reload)
        async with asyncio.TaskGroup() as group:
            self._main = group.create_task(self._serve(), name="main")
            # From the start on: a password that is mended lets a replica in that waits for Kafka.
            watching = group.create_task(self._secrets.run(self._telemetry), name="secrets")
            self._main.add_done_callback(lambda _: watching.cancel())
        self._telemetry.stopped()

    def _connect_with(self, settings: Settings) -> None:
        """Every connection to Kafka that is made from now on. Raises BadCredentials."""
        self._connection.credentials.refresh(security_of(settings.kafka.security))

    def _reload(self) -> None:
        """Look at all files, changed or not."""
        self._tables.reload()
        self._secrets.reload()

    async def _serve(self) -> None:
        http = self._settings.http
        async with AsyncExitStack() as stack:
            collector = begin_tracing(self._settings, self._name, self._clock, self._telemetry)
            if collector is not None:
                stack.push_async_callback(collector.close)
                take = collector.replace_headers
                self._secrets.use(("tracing", "headers"), lambda settings: take(revealed(settings)))
            port = await stack.enter_async_context(serving(http.host, http.port, self._registry, self._reasons))
            sources = (source.topic for source in self._tables.current.sources.values())
            plan = topic_plan(self._settings, sources)
            lookups = (one.origin.topic for one in self._tables.current.lookups if one.origin is not None)
            rights = rights_of("run", self._settings.name, plan.sources, lookups, create=plan.create)
            own = await provide_topics(self._connection, plan, rights)
            for warning in own.warnings:
                self._telemetry.warned(warning)
            parts = Parts(
                self._secrets, self._tables, self._connection, self._name, stack, self._clock, self._telemetry
            )
            async with asyncio.TaskGroup() as beside:
                shadow = self._settings.mode == "shadow"
                await self._tables.begin(self._connection, beside, self._telemetry, shadow=shadow)
                intake = await parts.intake(own)
                if shadow:
                    self._tables.watch(intake, None, self._connection, beside, self._telemetry)
                    await self._run_stages(intake, None, port)
                else:
                    await self._run_live(parts, own, intake, port)
                self._tables.stop()

    async def _run_live(self, parts: Parts, own: OwnTopics, intake: Intake, port: int) -> None:
        producer = await parts.stack.enter_async_context(
            Producer(self._connection, max_request_size=own.largest_record)
        )
        control = ControlTopic(self._connection, parts.names.control, producer)
        board = Board(self._clock, self._telemetry, control.write)
        identity = Identity(control.write)
        control.listeners = [board.learn, identity.learn]
        consumer = parts.consumer("dispatch", [parts.names.triggers])
        session = self._settings.kafka.session_timeout / 1000

        def fresh() -> bool:
            return consumer.heard_within(session)

        async def confirm(table: Table) -> None:
            await identity.confirm(table.identity, own.partitions, accept_forgetting=self._accept_forgetting)

        async def taken(table: Table) -> None:
            await board.release_changed_routes(table.route_fingerprints)

        vendor, budget = await parts.vendor(), parts.budget(fresh)
        emitter = Emitter(producer, parts.names.results, self._settings.name, self._telemetry)
        reconcile = parts.reconcile(vendor, budget, board, emitter, fresh)
        around = Around(consumer, vendor, budget, board, emitter, reconcile, await parts.topics())
        stage = await parts.dispatch(own, around)
        async with asyncio.TaskGroup() as group:
            following = group.create_task(control.follow(), name="control")
            await control.read_whole.wait()
            await confirm(self._tables.current)
            await taken(self._tables.current)
            patience = session + self._settings.kafka.rebalance_timeout / 1000 + _BEYOND_A_REBALANCE
            brands = self._settings.brands
            beside = [
                group.create_task(end_when_stuck(parts.consumers, session, patience, self._clock), name="hearing"),
                group.create_task(budget.run(), name="budget"),
                group.create_task(reconcile.run(), name="reconcile"),
                group.create_task(ease_brands(brands, board, budget, self._telemetry), name="easing"),
                group.create_task(probe_brands(brands, vendor, budget, board), name="probe"),
                following,
            ]
            confirming = Confirming(parts.memory, parts.limit, confirm, taken)
            self._tables.watch(intake, confirming, self._connection, group, self._telemetry)
            await self._run_stages(intake, stage, port)
            self._tables.stop()
            for task in beside:
                task.cancel()

    async def _run_stages(self, intake: Intake, stage: Dispatch | None, port: int) -> None:
        self._stages = [intake] if stage is None else [intake, stage]
        async with asyncio.TaskGroup() as group:
            loop_lag = group.create_task(watch_loop(self._telemetry.metrics), name="loop lag")
            self._telemetry.started(
                self._settings.name,
                self._settings.mode,
                replica=self._name,
                port=port,
                routes=len(self._tables.current.routes),
            )
            async with asyncio.TaskGroup() as stages:
                for one in self._stages:
                    stages.create_task(one.run(), name=type(one).__name__)
            loop_lag.cancel()

    def _reasons(self) -> list[str]:
        """Why this replica is not ready; none when it is."""
        if not self._stages:
            refusal = self._connection.credentials.refusal
            if refusal is not None:
                return [f"starting: Kafka lets us not in: {refusal}"]
            return ["starting: Kafka has not answered yet, or the control topic or a lookup's topic is not read"]
        return [reason for stage in self._stages for reason in stage.not_ready()]
