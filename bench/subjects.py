"""Who is measured: replicas of the service as users run them, and of the reference; each a process of its own."""

import asyncio
import math
import os
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Generic, Protocol, Self, TypeVar

import orjson
from chaos.vendor import Vendor
from service.replica import Replica
from waiting import eventually

from bench.bed import SOURCE_PARTITIONS, Bed
from bench.events import API_KEY, BRAND, BRAND_KEY, TEAMS_CSV, table
from bridge.demo.processes import ChildProcess

PARTITIONS = 12
UNLIMITED = 100_000
_STARTING = 60.0


class Subject(Protocol):
    """One process."""

    @property
    def pid(self) -> int:
        """Its process id."""

    def kill(self) -> None:
        """SIGKILL."""

    async def bury(self) -> None:
        """Whatever it does, end it."""


S = TypeVar("S", bound=Subject)


class Crew(Generic[S]):
    """Processes that share the work; they end with the block. `start` makes one more, of that number."""

    def __init__(self, start: Callable[[int], S]) -> None:
        self._start = start
        self.members: list[S] = []

    def another(self) -> S:
        """One more; it has only just been started."""
        self.members.append(self._start(len(self.members)))
        return self.members[-1]

    @property
    def pids(self) -> list[int]:
        """Of all of them."""
        return [one.pid for one in self.members]

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for one in self.members:
            await one.bury()


@asynccontextmanager
async def bridges(
    bed: Bed,
    simulator: Vendor,
    topic: str,
    count: int = 1,
    *,
    limit: int = UNLIMITED,
    ready: bool = True,
    **sections: Mapping[str, Any],
) -> AsyncIterator[Crew[Replica]]:
    """So many `bridge run`, with the settings' defaults but for addresses, keys, `limit` and these sections. The name of
    the service is the topic's. Without `ready` they have only just been started.
    """
    _, folder = bed.place("bridge")
    brand = {"api_key": API_KEY, "brand_key": BRAND_KEY, "requests_per_second": limit}
    settings: dict[str, Any] = {
        "name": topic,
        "kafka": {"bootstrap_servers": bed.kafka},
        "vendor": {"base_url": simulator.base_url},
        "brands": {BRAND: brand},
        "topics": {"replication": 1, "partitions": PARTITIONS},
        "http": {"host": "127.0.0.1", "port": 0},
        # Where executions outlast the scenario nobody asks for them: it measures calls alone, as the reference makes them.
        "reconcile": {"first_poll": "10m", "max_interval": "10m"},
    }
    (folder / "bridge.yaml").write_bytes(orjson.dumps(settings | sections))
    (folder / "routes.yaml").write_bytes(orjson.dumps(table(topic)))
    (folder / "teams.csv").write_text(TEAMS_CSV)
    arguments: list[str | Path] = ["--config", folder / "bridge.yaml", "--routes", folder / "routes.yaml"]
    environ = {name: value for name, value in os.environ.items() if not name.startswith("BRIDGE_")}
    async with Crew(lambda number: Replica(f"{number}", arguments, environ, folder / f"replica-{number}.log")) as crew:
        for _ in range(count):
            crew.another()
        if ready:
            for replica in crew.members:
                await replica.ready()
        yield crew


class Naive:
    """One process of the reference. Making it starts it."""

    def __init__(self, options: Mapping[str, Any], log: Path) -> None:
        self._process = ChildProcess([sys.executable, "-m", "bench.naive", orjson.dumps(options).decode()], log=log)
        self._log = log

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def kill(self) -> None:
        """SIGKILL."""
        self._process.kill()

    async def bury(self) -> None:
        """Whatever it does, end it."""
        self._process.kill()
        await asyncio.to_thread(self._process.wait)

    def assigned(self, *, before: float = math.inf) -> list[int]:
        """The partitions that it got last, before this moment (ms since 1970 UTC); none before it got any."""
        lines = [orjson.loads(line) for line in self._log.read_text().splitlines() if line.startswith("{")]
        return next((list(line["partitions"]) for line in reversed(lines) if line["at"] < before), [])


@asynccontextmanager
async def naives(
    bed: Bed, vendor: Vendor, topic: str, count: int = 1, *, per_second: int = 0, tuned: bool = False
) -> AsyncIterator[Crew[Naive]]:
    """So many consumers of the reference, each with its partitions; `tuned`: with all that makes it faster."""
    group, folder = bed.place("naive")
    options = {"kafka": bed.kafka, "topic": topic, "group": group, "vendor": vendor.base_url, "per_second": per_second}
    options["tuned"] = tuned
    async with Crew(lambda number: Naive(options, folder / f"naive-{number}.log")) as crew:
        for _ in range(count):
            crew.another()
        await eventually(lambda: _share(crew.members), within=_STARTING, every=0.1)
        yield crew


def _share(started: Sequence[Naive]) -> bool:
    """Whether each has some, and all together every one once."""
    parts = [one.assigned() for one in started]
    return all(parts) and sorted(number for part in parts for number in part) == list(range(SOURCE_PARTITIONS))
