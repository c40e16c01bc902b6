"""The simulated vendor as a process of its own: its faults, and its own log of executions."""

import asyncio
import re
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import orjson
from chaos.evidence import Made
from waiting import eventually

from bridge.demo.processes import ChildProcess
from bridge.simulator import ExecutionRecord, SimulatorConfig
from bridge.simulator.arrivals import Arrival

_READY = re.compile(r"simulator ready: (\S+) \(report: (\S+)/report\)")


class Vendor:
    """Make one with `running_vendor`. `base_url` is for the bridge."""

    def __init__(self, base_url: str, admin_url: str, session: aiohttp.ClientSession, process: int) -> None:
        self.base_url = base_url
        self.process = process
        self._admin = admin_url
        self._session = session

    async def add_faults(self, *faults: Mapping[str, Any]) -> None:
        """Put these in force."""
        async with self._session.post(f"{self._admin}/faults", data=orjson.dumps(faults)) as answer:
            assert answer.status == 201, await answer.text()

    async def clear_faults(self) -> None:
        """Take all of them back."""
        async with self._session.delete(f"{self._admin}/faults") as answer:
            answer.raise_for_status()

    async def faults_left(self) -> int:
        """How many are still in force."""
        async with self._session.get(f"{self._admin}/faults") as answer:
            return len(orjson.loads(await answer.read()))

    async def go_away(self, seconds: float) -> None:
        """Refuse connections and cut those that are open, for so long."""
        async with self._session.post(f"{self._admin}/down", data=orjson.dumps({"seconds": seconds})) as answer:
            answer.raise_for_status()

    async def executions(self, after: int = 0) -> list[Made]:
        """Its log, from the `after`-th on, as it stands now. Raises aiohttp.ClientError while it is away."""
        async with self._session.get(f"{self._admin}/executions", params={"after": after}) as answer:
            lines = (await answer.read()).splitlines()
        return [
            Made(one["execution_id"], one["context"]["event"], one["at"], one["status"])
            for one in map(orjson.loads, lines)
        ]

    async def records(self) -> list[ExecutionRecord]:
        """Its log as the simulator's own records."""
        async with self._session.get(f"{self._admin}/executions") as answer:
            return [ExecutionRecord(**orjson.loads(line)) for line in (await answer.read()).splitlines()]

    async def requests(self, after: int = 0) -> list[Arrival]:
        """The requests that it got, runs and polls, from the `after`-th on."""
        async with self._session.get(f"{self._admin}/requests", params={"after": after}) as answer:
            return [Arrival(**orjson.loads(line)) for line in (await answer.read()).splitlines()]

    async def report(self) -> Mapping[str, Any]:
        """What it counted. With tens of thousands of executions making it takes as long as several requests."""
        async with self._session.get(f"{self._admin}/report") as answer:
            found: dict[str, Any] = orjson.loads(await answer.read())
            return found

    async def reset(self) -> None:
        """Let it count from here."""
        async with self._session.delete(f"{self._admin}/report") as answer:
            answer.raise_for_status()

    async def lag_p99(self) -> float:
        """How late its own loop was, seconds."""
        return float((await self.report())["loop_lag"]["p99_seconds"])


@asynccontextmanager
async def running_vendor(config: SimulatorConfig, folder: Path) -> AsyncIterator[Vendor]:
    """`bridge simulate`, for as long as the context is open."""
    path, log = folder / "simulator.json", folder / "simulator.log"
    path.write_bytes(orjson.dumps(_as_file(config)))
    command: list[str | Path] = [sys.executable, "-m", "bridge", "simulate", "--config", path, "--port", "0"]
    process = ChildProcess(command, log=log)
    try:
        await eventually(lambda: _READY.search(log.read_text()), every=0.1)
        base_url, admin_url = _READY.findall(log.read_text())[0]
        async with aiohttp.ClientSession() as session:
            yield Vendor(base_url, admin_url, session, process.pid)
    finally:
        await asyncio.to_thread(process.stop)


def _as_file(config: SimulatorConfig) -> dict[str, Any]:
    """The configuration as its file is written: durations carry their unit."""
    fields = config.model_dump(mode="json", exclude_none=True)
    return fields | {
        "latency": f"{config.latency}ms",
        "jitter": f"{config.jitter}ms",
        "time_to_end": [f"{milliseconds}ms" for milliseconds in config.time_to_end],
    }
