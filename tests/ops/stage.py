"""What Prometheus watches: replicas under load, whose vendor, Redis and Kafka can be made to fail."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
from budget.server import RedisServer
from kafka.cluster import make_topic
from ops.prometheus import Watch, watching
from service.replica import Replica
from service.service import SOURCE_PARTITIONS, Service, running_service
from service.story import TEAMS, event, keys_of, vendor
from tracing.collector import collecting

from bridge.demo.ports import free_ports
from bridge.simulator import SimulatorConfig

BRANDS = ("acme", "beta", "gamma")
NOBODY = TEAMS["FRA"]
"""The topic key that nobody has subscribed to."""
SETTINGS = {
    "BRIDGE_BRANDS__GAMMA__REQUESTS_PER_SECOND": "10",
    "BRIDGE_RECONCILE__DEADLINE": "15s",
    "BRIDGE_RECONCILE__GRACE_404": "10s",
    "BRIDGE_RECONCILE__FOLLOW_UNRESOLVED": "10m",
    "BRIDGE_BUDGET__STRICT": "true",
}


def played(**changes: Any) -> SimulatorConfig:
    """The vendor with three brands."""
    return vendor({brand: keys_of(brand) for brand in BRANDS}, **changes)


@dataclass
class Stage:
    """Make one with `on_stage`. `ports` by instance: a replica that is started again has the port of the one before."""

    service: Service
    watch: Watch
    redis: RedisServer
    settings: Mapping[str, str]
    ports: dict[str, int] = field(default_factory=dict)
    published: int = 0

    async def start(self, instance: str, *options: str) -> Replica:
        """A replica that is ready, and scraped."""
        port = self.ports.setdefault(instance, free_ports(1)[0])
        self.watch.scrape(self.ports)
        return await self.service.start(instance, *options, **self.settings, BRIDGE_HTTP__PORT=str(port))

    async def publish(self, count: int, **changes: Any) -> None:
        """So many more events, at once."""
        await self.service.publish(*(self.next(**changes) for _ in range(count)))

    def next(self, **changes: Any) -> dict[str, Any]:
        """An event with a number of its own."""
        self.published += 1
        return event(self.published, **changes)

    @asynccontextmanager
    async def flow(self, rates: Mapping[str, float]) -> AsyncIterator[None]:
        """Goals for each brand, so many a second, until the end of the block."""
        stopping = asyncio.Event()

        async def keep_publishing(producer: Any, brand: str, rate: float) -> None:
            begun, sent = time.monotonic(), 0
            while not stopping.is_set():
                made = self.next(brand=brand)
                await producer.send(self.service.source, orjson.dumps(made), partition=sent % SOURCE_PARTITIONS)
                sent += 1
                await asyncio.sleep(max(0.0, begun + sent / rate - time.monotonic()))

        async with self.service.producer() as producer, asyncio.TaskGroup() as group:
            for brand, rate in rates.items():
                group.create_task(keep_publishing(producer, brand, rate))
            try:
                yield
            finally:
                stopping.set()


def table(service: Service, creators: str) -> dict[str, Any]:
    """The table of the service's tests, and a route whose lookup comes from a topic."""
    made = service.routes()
    made["lookups"]["creators"] = {"topic": creators}
    context = {"event": "{id}", "team": "{team.name}", "minute": "{minute}"}
    made["routes"].append(
        {
            "name": "creator-live",
            "source": "matches",
            "match": {"type": "live"},
            "generator": "goal-beta",
            "topic_key": {"lookup": "creators", "key": "{team.id}"},
            "context": context,
        }
    )
    return made


@asynccontextmanager
async def on_stage(kafka: str, name: str, folder: Path, vendor: SimulatorConfig) -> AsyncIterator[Stage]:
    """Two replicas are ready and scraped."""
    with ExitStack() as stack:
        redis = stack.enter_context(RedisServer())
        async with running_service(kafka, name, folder, vendor, brands=BRANDS) as service, collecting() as collector:
            creators = f"{name}-creators"
            await make_topic(kafka, creators, 1, {"cleanup.policy": "compact"})
            await service.write(creators, b"GER", TEAMS["GER"].encode())
            await service.write(creators, b"BAD", b"\xff")
            service.configure(table(service, creators))
            settings = SETTINGS | {
                "BRIDGE_BUDGET__REDIS_URL": redis.url,
                "BRIDGE_TRACING__ENABLED": "true",
                "BRIDGE_TRACING__ENDPOINT": collector.url,
            }
            watched = folder / "prometheus"
            watched.mkdir()
            async with watching(watched) as watch:
                stage = Stage(service, watch, redis, settings)
                async with asyncio.TaskGroup() as group:
                    for instance in ("bridge-0", "bridge-1"):
                        group.create_task(stage.start(instance))
                yield stage
