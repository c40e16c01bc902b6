"""A real Prometheus that scrapes replicas every second and judges by the generated rules, with its times shortened."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import orjson
from missing import not_here
from waiting import eventually

from bridge.demo.ports import HOST, free_ports
from bridge.demo.processes import ChildProcess
from tools.ops.rules.writing import plain

FASTER = 10
"""5 minutes of the rules are 30 seconds here: windows and `for` alike. What is counted within a window is not scaled, nor is
any threshold in seconds."""
_LABELS = {"job": "bridge", "namespace": "demo"}


@dataclass
class Watch:
    """Make one with `watching`. `alerts`: each alert that fired, with what it said the first time."""

    session: aiohttp.ClientSession
    base: str
    targets: Path
    start: float = 0.0
    alerts: dict[str, dict[str, Any]] = field(default_factory=dict)

    def scrape(self, instances: Mapping[str, int]) -> None:
        """Scrape these from now on: ports by name."""
        groups = [
            {"targets": [f"{HOST}:{port}"], "labels": _LABELS | {"instance": name}} for name, port in instances.items()
        ]
        written = self.targets.with_suffix(".new")
        written.write_bytes(orjson.dumps(groups))
        written.replace(self.targets)

    async def ask(self, path: str, **parameters: str) -> Any:
        """The `data` of an answer. Raises AssertionError with what Prometheus found wrong."""
        async with self.session.get(f"{self.base}/api/v1/{path}", params=parameters) as answer:
            told = orjson.loads(await answer.read())
        assert told["status"] == "success", told
        return told["data"]

    async def at(self, query: str, moment: float | None = None) -> list[dict[str, Any]]:
        """An instant query, now or then."""
        when = {} if moment is None else {"time": str(moment)}
        found: list[dict[str, Any]] = (await self.ask("query", query=query, **when))["result"]
        return found

    async def over(self, query: str, start: float, end: float, step: float) -> list[dict[str, Any]]:
        """A range query. The result has labels, and values as [time, text]."""
        asked = {"query": query, "start": str(start), "end": str(end), "step": str(step)}
        found: list[dict[str, Any]] = (await self.ask("query_range", **asked))["result"]
        return found

    async def now(self) -> float:
        """Prometheus' clock."""
        return float((await self.ask("query", query="time()"))["result"][0])

    async def keep_looking(self) -> None:
        """Write down what fires, until cancelled."""
        while True:
            for alert in (await self.ask("alerts"))["alerts"]:
                if alert["state"] == "firing":
                    self.alerts.setdefault(alert["labels"]["alertname"], alert)
            await asyncio.sleep(0.5)

    async def fires(self, *names: str, within: float = 90) -> None:
        """Until each of these has fired."""

        def all_fired() -> bool:
            missing = set(names) - self.alerts.keys()
            assert not missing, f"silent so far: {sorted(missing)}"
            return True

        await eventually(all_fired, within=within, every=0.5)


@asynccontextmanager
async def watching(folder: Path, *, faster: float = FASTER) -> AsyncIterator[Watch]:
    """Prometheus, for as long as the context is open; it scrapes nothing yet."""
    program = shutil.which("prometheus")
    if program is None:
        not_here("no prometheus on the PATH: apt-get install --no-install-recommends prometheus")
    (port,) = free_ports(1)
    targets = folder / "targets.json"
    targets.write_text("[]")
    (folder / "rules.yaml").write_bytes(orjson.dumps(plain(faster=faster)))
    configuration = {
        "global": {"scrape_interval": "1s", "scrape_timeout": "900ms", "evaluation_interval": "1s"},
        "rule_files": ["rules.yaml"],
        "scrape_configs": [
            {"job_name": "bridge", "file_sd_configs": [{"files": ["targets.json"], "refresh_interval": "1s"}]}
        ],
    }
    (folder / "prometheus.yaml").write_bytes(orjson.dumps(configuration))
    command: list[str | Path] = [
        program,
        *(f"--config.file={folder / 'prometheus.yaml'}", f"--storage.tsdb.path={folder / 'data'}"),
        *(f"--web.listen-address={HOST}:{port}", "--log.level=warn"),
    ]
    process = ChildProcess(command, log=folder / "prometheus.log")
    try:
        async with aiohttp.ClientSession() as session, asyncio.TaskGroup() as group:
            watch = Watch(session, f"http://{HOST}:{port}", targets)
            await eventually(lambda: _is_ready(session, port), within=30, every=0.1)
            watch.start = await watch.now()
            looking = group.create_task(watch.keep_looking())
            yield watch
            looking.cancel()
    finally:
        await asyncio.to_thread(process.stop)


async def _is_ready(session: aiohttp.ClientSession, port: int) -> bool:
    try:
        async with session.get(f"http://{HOST}:{port}/-/ready") as answer:
            return answer.status == 200
    except aiohttp.ClientError:
        return False
