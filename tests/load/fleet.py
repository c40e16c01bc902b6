"""Replicas under load: each a process, as are the vendor and Kafka, so that nothing is measured by whom it slows."""

import asyncio
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import orjson
from chaos.vendor import Vendor, running_vendor
from kafka.cluster import make_topic, read_topic
from load.traffic import Late
from service.account import Account, read_account
from service.replica import Replica, until
from service.service import SOURCE_PARTITIONS, Service
from service.story import event

from bridge.simulator import Simulator, SimulatorConfig

PARTITIONS = 12
TOO_LATE = 0.020
"""Seconds: what was timed while the simulator's loop was later than this is void (docs/simulator.md)."""


@dataclass
class Fleet:
    """Make one with `running_fleet`."""

    service: Service
    vendor: Vendor
    settings: Mapping[str, str] = field(default_factory=dict)

    async def start(self, count: int) -> list[Replica]:
        """So many more replicas, ready."""
        started = [self.service.launch("r", **self.settings) for _ in range(count)]
        async with asyncio.TaskGroup() as group:
            for one in started:
                group.create_task(one.ready())
        return started

    @property
    def running(self) -> list[Replica]:
        return [one for one in self.service.replicas if one.exit_code is None and one.start is not None]

    async def wait(self, count: int, brand: str = "acme", *, within: float = 120) -> None:
        """Until so many triggers of the brand wait, over all replicas."""

        async def all_wait() -> bool:
            counted = [await one.counted("bridge_triggers_waiting", "brand") for one in self.running]
            waiting = sum(one[brand] for one in counted)
            assert waiting == count, f"{waiting} wait"
            return True

        await until(all_wait, within=within)

    async def hold(self, scope: str = "all") -> None:
        await self.service.verb("hold", scope, "--reason", "a test")

    async def release(self, scope: str = "all") -> None:
        await self.service.verb("release", scope)

    @asynccontextmanager
    async def flow(self, rates: Mapping[str, float], first: int = 0) -> AsyncIterator[list[dict[str, Any]]]:
        """Events of these types, evenly, so many a second each, until the end of the block; those that were published."""
        published: list[dict[str, Any]] = []
        stopping = asyncio.Event()

        async def keep_publishing(producer: Any, kind: str, rate: float) -> None:
            begun, sent = time.monotonic(), 0
            while not stopping.is_set():
                published.append(event(first + len(published), type=kind))
                partition = len(published) % SOURCE_PARTITIONS
                await producer.send(self.service.source, orjson.dumps(published[-1]), partition=partition)
                sent += 1
                await asyncio.sleep(max(0.0, begun + sent / rate - time.monotonic()))

        async with self.service.producer() as producer, asyncio.TaskGroup() as group:
            for kind, rate in rates.items():
                group.create_task(keep_publishing(producer, kind, rate))
            try:
                yield published
            finally:
                stopping.set()

    async def late(self) -> list[Late]:
        """When the vendor's loop was late, since its report was reset."""
        report = await self.vendor.report()
        return [Late(one["at"], one["seconds"] * 1000) for one in report["loop_lag"]["late"]]

    async def control_times(self) -> dict[str, list[int]]:
        """When operators wrote to the control topic, in ms: as their client handed the records to Kafka."""
        found: dict[str, list[int]] = defaultdict(list)
        for record in await read_topic(self.service.kafka, f"{self.service.name}.control"):
            found[record.key.decode()].append(record.timestamp)
        return found

    async def account(self) -> Account:
        return await read_account(self.service.kafka, self.service.name, await self.vendor.records())


@asynccontextmanager
async def running_fleet(
    kafka: str,
    name: str,
    folder: Path,
    played: SimulatorConfig,
    *,
    brands: Iterable[str] = ("acme",),
    routes: Callable[[str], Mapping[str, Any]] | None = None,
    part: int = 0,
    settings: Mapping[str, str] | None = None,
) -> AsyncIterator[Fleet]:
    """A vendor in a process of its own, a source topic and files; no replica yet. `routes`: the table for that source topic.
    `part`: another one makes another service. `settings` of the replicas, by environment.
    """
    name, folder = f"{name}-{part}", folder / str(part)
    folder.mkdir()
    async with running_vendor(played, folder) as vendor:
        # Of the vendor a service needs the address only.
        service = Service(kafka, name, folder, cast("Simulator", vendor), tuple(brands), PARTITIONS)
        await make_topic(kafka, service.source, SOURCE_PARTITIONS)
        service.configure(None if routes is None else routes(service.source))
        try:
            yield Fleet(service, vendor, settings or {})
        except BaseException:
            print("".join(replica.tail() for replica in service.replicas))  # noqa: T201 - pytest shows it with the failure
            raise
        finally:
            for replica in service.replicas:
                await replica.bury()
