"""One replica of the service as a process, seen from outside: its log, its port, its exit code."""

import asyncio
import os
import signal
import sys
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import aiohttp
import orjson
from prometheus_client.parser import text_string_to_metric_families
from waiting import eventually

from bench.machine import cpu_seconds
from bridge.demo.processes import ChildProcess

_TAIL = 30
_LONG = 60.0
_LONGEST_LINE = 600


async def until(condition: Callable[[], object | Awaitable[object]], *, within: float = 30) -> None:
    """Until it is true, looked at ten times a second: what is asked are other processes."""
    await eventually(condition, within=within, every=0.1)


class Replica:
    """A `bridge run`. Making it starts it; nothing waits."""

    def __init__(
        self,
        name: str,
        arguments: Sequence[str | Path],
        environ: Mapping[str, str],
        log: Path,
        program: Sequence[str] = ("-m", "bridge"),
    ) -> None:
        """`program`: what Python runs."""
        self.name = name
        self._log = log
        self._process = ChildProcess([sys.executable, *program, "run", *arguments], log=log, environ=environ)
        self._start: dict[str, Any] | None = None
        self.heard: list[str] = []
        """What its port answered."""

    @property
    def output(self) -> str:
        return self._log.read_text(errors="replace")

    @property
    def exit_code(self) -> int | None:
        """None while it runs."""
        return self._process.returncode

    def lines(self, event: str) -> list[dict[str, Any]]:
        """The complete lines of the log that tell of this."""
        return [line for line in self.all_lines() if line["event"] == event]

    def all_lines(self) -> list[dict[str, Any]]:
        """The complete lines of the log."""
        *complete, _ = self.output.split("\n")
        return [orjson.loads(line) for line in complete if line.startswith("{")]

    @property
    def start(self) -> dict[str, Any] | None:
        """What it said when it had started: its port, and its name in claims. None before that."""
        if self._start is None:
            self._start = next(iter(self.lines("started")), None)
        return self._start

    def tail(self) -> str:
        """The end of the log, for a person who looks at a failed test."""
        ended = "runs" if self.exit_code is None else f"ended with {self.exit_code}"
        lines = [line[:_LONGEST_LINE] for line in self.output.splitlines()[-_TAIL:]]
        return "\n".join([f"--- replica {self.name} ({ended}), the end of its log:", *lines, ""])

    async def started(self) -> None:
        await until(lambda: self._runs() and self.start, within=_LONG)

    async def ready(self) -> None:
        """Until it says that it is."""
        await self.started()
        await until(self.is_ready, within=_LONG)

    async def is_ready(self) -> bool:
        return self._runs() and (await self.get("readyz"))[0] == 200

    async def get(self, path: str) -> tuple[int, str]:
        """Status and body of an answer of its port."""
        assert self.start is not None, f"replica {self.name} has not started yet"
        address = f"http://127.0.0.1:{self.start['port']}/{path}"
        async with aiohttp.ClientSession() as session, session.get(address) as response:
            self.heard.append(await response.text())
            return response.status, self.heard[-1]

    async def counted(self, name: str, by: str, **labels: str) -> Counter[str]:
        """What a metric says, by one of its labels, of those that have these labels."""
        _, text = await self.get("metrics")
        found: Counter[str] = Counter()
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                if sample.name == name and labels.items() <= sample.labels.items():
                    found[sample.labels[by]] += int(sample.value)
        return +found

    @property
    def pid(self) -> int:
        return self._process.pid

    def cpu(self) -> float:
        """Seconds of CPU time that it has used; it must run."""
        return cpu_seconds(self._process.pid)

    def terminate(self) -> None:
        self._process.terminate()

    def kill(self) -> None:
        self._process.kill()

    def freeze(self) -> None:
        """As a machine that is paused: it does not know, and goes on where it was when it thaws."""
        os.kill(self._process.pid, signal.SIGSTOP)

    def reread(self) -> None:
        """As a person does who changed the routing table."""
        os.kill(self._process.pid, signal.SIGHUP)

    def thaw(self) -> None:
        os.kill(self._process.pid, signal.SIGCONT)

    async def ended(self) -> int:
        """Its exit code, when it has ended."""
        await until(lambda: self.exit_code is not None)
        assert self.exit_code is not None
        return self.exit_code

    async def stop(self) -> int:
        """SIGTERM, and its exit code."""
        self.terminate()
        return await self.ended()

    async def bury(self) -> None:
        """Whatever it does, end it."""
        self.kill()
        await asyncio.to_thread(self._process.wait)

    def _runs(self) -> bool:
        assert self.exit_code is None, f"replica {self.name} ended by itself with {self.exit_code}"
        return True
