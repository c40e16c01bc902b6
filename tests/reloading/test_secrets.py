"""Secrets that change in their files are taken; whatever else is wrong or new there, what works goes on."""

import asyncio
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import orjson
from mounted import Mount
from prometheus_client import CollectorRegistry
from waiting import eventually

from bridge.clock import SystemClock
from bridge.reloading.secrets import Secrets
from bridge.settings import Loaded, Settings, load_with_origins
from bridge.telemetry import Telemetry, configure_logging

SWIFT = 0.02


class Running:
    """Settings whose keys lie in mounted files, and who uses them."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "bridge.yaml"
        self.mount = Mount(folder / "acme", api="first", brand="brand")
        self.registry = CollectorRegistry()
        self.log = io.BytesIO()
        self.used: list[Settings] = []
        self.write()
        self.reads = 0
        self.secrets = Secrets(self.read)

    def read(self) -> Loaded:
        self.reads += 1
        return load_with_origins(self.file, {})

    def write(self, **changes: Any) -> None:
        keys = {"api_key": self.mount.reference("api"), "brand_key": self.mount.reference("brand")}
        self.file.write_bytes(orjson.dumps({"brands": {"acme": keys}} | changes))

    @property
    def keys(self) -> list[str]:
        """Each api key that was used, one after the other."""
        return [settings.brands["acme"].api_key.get_secret_value() for settings in self.used]

    def shows(self, name: str, **labels: str) -> float:
        return self.registry.get_sample_value(f"bridge_secrets_{name}", labels) or 0

    def lines(self, event: str) -> list[dict[str, Any]]:
        found = [orjson.loads(line) for line in self.log.getvalue().splitlines()]
        return [line for line in found if line["event"] == event]

    @asynccontextmanager
    async def watched(self) -> AsyncIterator[Secrets]:
        configure_logging("info", self.log)
        self.secrets.use(("brands",), self.used.append)
        async with asyncio.TaskGroup() as group:
            task = group.create_task(self.secrets.run(Telemetry(self.registry, SystemClock()), every=SWIFT))
            yield self.secrets
            task.cancel()

    async def looks(self) -> None:
        """Some more looks at the files."""
        for _ in range(10):
            await asyncio.sleep(SWIFT)


async def test_a_mounted_secret_that_is_swapped_is_taken_once_and_told_by_its_name_only(tmp_path: Path) -> None:
    running = Running(tmp_path)
    async with running.watched():
        await eventually(lambda: running.shows("taken_timestamp_seconds"))
        began = running.shows("taken_timestamp_seconds")
        running.mount.put(api="second")
        await eventually(lambda: len(running.keys) == 2)
        await running.looks()
    assert running.keys == ["first", "second"]
    assert running.secrets.settings.brands["acme"].brand_key.get_secret_value() == "brand"
    assert running.shows("reloads_total", result="taken") == 1
    assert running.shows("taken_timestamp_seconds") > began
    (line,) = running.lines("secrets taken")
    assert line["secrets"] == ["brands.acme.api_key"]
    assert b"second" not in running.log.getvalue()


async def test_a_secret_that_changed_before_it_was_watched_is_taken(tmp_path: Path) -> None:
    running = Running(tmp_path)
    running.mount.put(api="second")
    async with running.watched():
        await eventually(lambda: running.keys == ["first", "second"])


async def test_settings_that_stay_as_they_were_read_are_not_read_again(tmp_path: Path) -> None:
    running = Running(tmp_path)
    async with running.watched():
        await running.looks()
        assert running.reads == 1
        running.mount.put(api="second")
        await eventually(lambda: running.keys == ["first", "second"])


async def test_who_asks_gets_it_read_at_once(tmp_path: Path) -> None:
    running = Running(tmp_path)
    async with asyncio.TaskGroup() as group:
        running.secrets.use(("brands",), running.used.append)
        telemetry = Telemetry(running.registry, SystemClock())
        task = group.create_task(running.secrets.run(telemetry, every=3_600))
        await asyncio.sleep(0)
        running.mount.put(api="second")
        running.secrets.reload()
        await eventually(lambda: running.keys == ["first", "second"])
        running.secrets.reload()
        await eventually(lambda: running.shows("reloads_total", result="unchanged") == 1)
        task.cancel()


async def test_what_is_no_key_is_refused_and_told_and_the_next_right_one_is_taken(tmp_path: Path) -> None:
    running = Running(tmp_path)
    async with running.watched():
        running.mount.put(api="two lines\nof it")
        await eventually(lambda: running.shows("refused"))
        await running.looks()
        assert running.keys == ["first"]
        before = running.reads
        running.secrets.reload()
        await eventually(lambda: running.reads > before)
        await running.looks()
        assert running.shows("reloads_total", result="refused") == 1
        (line,) = running.lines("settings refused: the secrets before stay in force")
        assert "brands.acme.api_key: must be visible ASCII characters" in line["problems"][0]
        assert b"two lines" not in running.log.getvalue()
        running.mount.put(api="second")
        await eventually(lambda: running.keys == ["first", "second"])
        assert not running.shows("refused")


async def test_a_file_that_is_gone_or_is_no_yaml_changes_nothing(tmp_path: Path) -> None:
    running = Running(tmp_path)
    async with running.watched():
        (running.mount / "api").unlink()
        await eventually(lambda: running.shows("refused"))
        running.file.write_text("brands: [")
        await eventually(lambda: running.shows("reloads_total", result="refused") == 2)
        assert running.keys == ["first"]
        (running.mount / "api").write_text("second")
        running.write()
        await eventually(lambda: running.keys == ["first", "second"])


async def test_another_setting_waits_for_a_restart_and_is_told_once(tmp_path: Path) -> None:
    running = Running(tmp_path)
    async with running.watched():
        running.write(vendor={"timeout": "3s"})
        await eventually(lambda: running.lines("settings have changed: restart the replicas to take them"))
        running.mount.put(api="second")
        await eventually(lambda: running.keys == ["first", "second"])
    (line,) = running.lines("settings have changed: restart the replicas to take them")
    assert line["settings"] == ["vendor.timeout"]
    assert running.secrets.settings.vendor.timeout == 10_000


async def test_another_file_that_the_settings_name_is_watched_from_then_on(tmp_path: Path) -> None:
    running = Running(tmp_path)
    other = Mount(tmp_path / "other", api="second")
    async with running.watched():
        running.write(brands={"acme": {"api_key": other.reference("api"), "brand_key": "brand"}})
        await eventually(lambda: running.keys == ["first", "second"])
        other.put(api="third")
        await eventually(lambda: running.keys == ["first", "second", "third"])


async def test_a_fault_of_ours_in_reading_changes_nothing_and_its_words_are_not_shown(tmp_path: Path) -> None:
    running = Running(tmp_path)

    secret = str(0x5EC2E7)

    def read() -> Any:
        raise RuntimeError(f"it was {secret}")

    async with running.watched() as secrets:
        secrets._read = read
        await asyncio.sleep(0)
        secrets.reload()
        await eventually(lambda: running.shows("refused"))
        assert secret.encode() not in running.log.getvalue()
        assert b"test_secrets.py" in running.log.getvalue()
        secrets._read = running.read
        running.mount.put(api="second")
        await eventually(lambda: running.keys == ["first", "second"])
