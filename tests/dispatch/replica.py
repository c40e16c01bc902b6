"""One replica without its intake: the real parts, put together as bridge.app does, over a broker in memory."""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from typing import Any

from dispatch.broker import RESULTS, TRIGGERS, Broker, MemoryConsumer, MemoryProducer
from dispatch.memory import MemoryReader
from prometheus_client import CollectorRegistry

from bridge.budget.budget import Budget
from bridge.clock import Clock
from bridge.dispatch import building
from bridge.dispatch.around import Topics
from bridge.dispatch.stage import Dispatch
from bridge.holds.board import Board
from bridge.holds.probing import probe_brands
from bridge.outcomes.emitter import Emitter
from bridge.reconcile.judging import Following
from bridge.reconcile.pace import Pace
from bridge.reconcile.stage import Reconcile
from bridge.settings.model import Settings
from bridge.telemetry import Telemetry
from bridge.tracecontext import Trace
from bridge.vendor.answers import RunAnswer, StatusAnswer
from bridge.vendor.client import BrandKeys, VendorClient

_WINDOW = 86_400_000
_LONGEST_LIMIT = 600_000


class WatchedClient(VendorClient):
    """The real client, which knows how many requests are under way: time is not turned under them unasked."""

    under_way = 0

    async def run(
        self,
        brand: str,
        event_generator_id: str,
        topic_key: str,
        context: Mapping[str, Any],
        trace: Trace | None = None,
    ) -> RunAnswer:
        self.under_way += 1
        try:
            return await super().run(brand, event_generator_id, topic_key, context, trace)
        finally:
            self.under_way -= 1

    async def status(self, brand: str, execution_id: str) -> StatusAnswer:
        self.under_way += 1
        try:
            return await super().status(brand, execution_id)
        finally:
            self.under_way -= 1


class Replica:
    """By route, `fingerprints`: of the configurations, which holds on routes remember; `generators`: their ids."""

    def __init__(
        self,
        name: str,
        settings: Settings,
        broker: Broker,
        clock: Clock,
        *,
        fingerprints: Mapping[str, str],
        generators: Mapping[str, str],
        topics: Topics | None = None,
    ) -> None:
        self._settings = settings
        self._fingerprints = dict(fingerprints)
        self.broker = broker
        self.consumer = MemoryConsumer(broker)
        self.registry = CollectorRegistry()
        self.telemetry = Telemetry(self.registry, clock)
        self.board = Board(clock, self.telemetry, broker.write_control)
        limits = {brand: one.requests_per_second for brand, one in settings.brands.items()}
        self.budget = Budget(limits, settings.budget.headroom, clock, self.telemetry)
        self.vendor = _client(settings, clock)
        results = Emitter(MemoryProducer(broker), RESULTS, "bridge", self.telemetry)
        self.pace = Pace(settings.reconcile.first_poll / 1000, settings.reconcile.max_interval / 1000, lambda: 0.5)
        self.reconcile = Reconcile(
            vendor=self.vendor,
            budget=self.budget,
            holds=self.board,
            results=results,
            pace=self.pace,
            following=Following(
                settings.reconcile.deadline, settings.reconcile.grace_404, settings.reconcile.follow_unresolved
            ),
            fresh=lambda: self.consumer.heard_within(settings.kafka.session_timeout / 1000),
            replica=name,
            clock=clock,
            telemetry=self.telemetry,
        )
        around = building.Around(self.consumer, self.vendor, self.budget, self.board, results, self.reconcile, topics)
        self.dispatch: Dispatch = building.build(
            settings=settings,
            topic=TRIGGERS,
            log=broker.ledger.__getitem__,
            triggers=lambda number: MemoryReader(broker.triggers[number]),
            around=around,
            window=_WINDOW,
            longest_limit=_LONGEST_LIMIT,
            fingerprint=self._fingerprints.get,
            generator=generators.get,
            replica=name,
            clock=clock,
            telemetry=self.telemetry,
        )

    @asynccontextmanager
    async def running(self, partitions: Collection[int]) -> AsyncIterator[None]:
        """With these partitions; until the block ends, or `stop`. Ending by the block is sudden: nothing is drained."""
        for key, value in self.broker.control:
            self.board.learn(key, value)
        self.broker.listeners.append(self.board.learn)
        await self.board.release_changed_routes(self._fingerprints)
        self.consumer.give(partitions)
        try:
            async with self.vendor, asyncio.TaskGroup() as group:
                beside = [
                    group.create_task(self.budget.run()),
                    group.create_task(self.reconcile.run()),
                    group.create_task(probe_brands(self._settings.brands, self.vendor, self.budget, self.board)),
                ]
                self._stage = group.create_task(self.dispatch.run())
                yield
                for task in (*beside, self._stage):
                    task.cancel()
        finally:
            self.broker.listeners.remove(self.board.learn)

    async def stop(self) -> None:
        """What SIGTERM does. Returns when dispatch has ended."""
        self.dispatch.stop()
        await asyncio.wait([self._stage])

    def metric(self, name: str, **labels: str) -> float:
        """A sample's value, 0 when it is not there."""
        return self.registry.get_sample_value(name, labels) or 0.0


def _client(settings: Settings, clock: Clock) -> WatchedClient:
    keys = {
        name: BrandKeys(brand.api_key.get_secret_value(), brand.brand_key.get_secret_value())
        for name, brand in settings.brands.items()
    }
    return WatchedClient(settings.vendor.base_url, settings.vendor.timeout, keys, clock=clock, connections=64)
