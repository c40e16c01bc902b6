"""The files of `bridge init` on a real Kafka, with the simulator and a replica, each started as the page says."""

import os
import re
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from waiting import eventually

from bridge.beginning import begin
from bridge.demo.processes import ChildProcess

TOPIC = "streaming.creator-events"


@pytest.fixture
def folder(tmp_path: Path, unique: str) -> Path:
    """With a topic of the test's own."""
    begin(tmp_path)
    for name in ("routes.yaml", "publish.py"):
        path = tmp_path / name
        path.write_text(path.read_text().replace(TOPIC, f"{unique}.events"))
    return tmp_path


class Terminals:
    """Commands in the folder, with the variables that a user may set."""

    def __init__(self, folder: Path, environ: dict[str, str], until_the_end: ExitStack) -> None:
        self.folder = folder
        self.environ = environ
        self._until_the_end = until_the_end

    def start(self, *command: str) -> Path:
        """Its log."""
        log = self.folder / f"{len(list(self.folder.glob('*.log')))}.log"
        process = ChildProcess([sys.executable, *command], log=log, environ=self.environ)
        self._until_the_end.callback(process.stop)
        return log

    async def run(self, *command: str) -> str:
        """Its output, once it has ended with 0."""
        log = self.folder / f"{len(list(self.folder.glob('*.log')))}.log"
        process = ChildProcess([sys.executable, *command], log=log, environ=self.environ)
        self._until_the_end.callback(process.stop)
        await eventually(lambda: process.returncode is not None, within=60)
        assert process.returncode == 0, log.read_text()
        return log.read_text()


@pytest.fixture
def terminals(kafka: str, folder: Path, unique: str) -> Iterator[Terminals]:
    mine = {name: value for name, value in os.environ.items() if not name.startswith(("BRIDGE_", "ACME_", "VENDOR_"))}
    environ = mine | {"KAFKA_BOOTSTRAP_SERVERS": kafka, "BRIDGE__NAME": unique, "BRIDGE_HTTP__PORT": "0"}
    with ExitStack() as until_the_end:
        yield Terminals(folder, environ, until_the_end)


async def test_the_sample_events_are_called_once_however_often_they_are_published(terminals: Terminals) -> None:
    config, routes = str(terminals.folder / "bridge.yaml"), str(terminals.folder / "routes.yaml")
    simulator = terminals.start("-m", "bridge", "simulate", "--port", "0")
    address = await eventually(lambda: re.search(r"ready: (\S+)", simulator.read_text()), within=30)
    assert address is not None
    terminals.environ["VENDOR_BASE_URL"] = address[1]
    published = await terminals.run(str(terminals.folder / "publish.py"))
    assert published.splitlines() == [
        "published s-1 (creator_live)",
        "published s-2 (creator_live)",
        "published s-4 (creator_offline)",
    ]
    log = terminals.start("-m", "bridge", "run", "--routes", routes, "--config", config)
    await eventually(lambda: '"execution ended"' in log.read_text(), within=60)
    assert "Outcome: published" in await terminals.run("-m", "bridge", "outcomes", "s-1", "--config", config)
    assert "Outcome: unmapped" in await terminals.run("-m", "bridge", "outcomes", "s-2", "--config", config)
    await terminals.run(str(terminals.folder / "publish.py"))

    async def seen_twice() -> bool:
        return "once more" in await terminals.run("-m", "bridge", "outcomes", "s-1", "--config", config)

    await eventually(seen_twice, within=60)
    told = await terminals.run("-m", "bridge", "outcomes", "s-1", "--config", config)
    assert told.count("leaves for the vendor") == 1
