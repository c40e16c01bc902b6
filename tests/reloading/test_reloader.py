"""A changed table is taken when it is whole and right; whatever is wrong with it, the one before stays in force."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import orjson
import pytest
from mounted import Mount
from prometheus_client import CollectorRegistry
from service.story import TEAMS_CSV, table
from waiting import eventually

from bridge.clock import SystemClock
from bridge.configfile import noting, read_file
from bridge.errors import StartupRefused
from bridge.reloading.reloader import Reloader
from bridge.routing import Table, load_table
from bridge.telemetry import Telemetry


class Files:
    """A folder with a table, the reloader that watches it, and what it took."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.routes = "routes.yaml"
        self.registry = CollectorRegistry()
        self.taken: list[Table] = []
        self.refusal: Exception | None = None
        self.reads = 0

    def write(self, **changes: object) -> None:
        (self.folder / "teams.csv").write_text(TEAMS_CSV)
        (self.folder / "routes.yaml").write_bytes(orjson.dumps(table("matches") | changes))

    def read(self) -> Table:
        self.reads += 1
        return load_table(self.folder / self.routes, os.environ)

    async def take(self, new: Table) -> None:
        if self.refusal is not None:
            raise self.refusal
        if new.hash != self.first.hash:
            self.taken.append(new)

    def counted(self, result: str) -> float:
        return self.registry.get_sample_value("bridge_routes_reloads_total", {"result": result}) or 0

    @property
    def refused(self) -> bool:
        return bool(self.registry.get_sample_value("bridge_routes_refused"))

    @asynccontextmanager
    async def watched(
        self, every: float = 0.02, meanwhile: Callable[[], object] = lambda: None
    ) -> AsyncIterator[Reloader]:
        """`meanwhile` comes between the first reading and the first look."""
        self.write()
        with noting() as noted:
            self.first = self.read()
        meanwhile()
        telemetry = Telemetry(self.registry, SystemClock())
        reloader = Reloader(self.read, self.first, noted, self.take, telemetry, every=every)
        async with asyncio.TaskGroup() as group:
            task = group.create_task(reloader.run())
            yield reloader
            task.cancel()

    async def looks(self) -> None:
        """Some more looks at the files."""
        for _ in range(10):
            await asyncio.sleep(0.02)


class Mounted(Files):
    """In a folder as Kubernetes mounts a ConfigMap."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder / "mounted")
        self.mount = Mount(self.folder)

    def write(self, **changes: object) -> None:
        routes = orjson.dumps(table("matches") | changes).decode()
        self.mount.put(**{"teams.csv": TEAMS_CSV, "routes.yaml": routes})


OTHER_TEAMS = TEAMS_CSV.replace("-", "0")
LATER = {"defaults": {"expires_after": "7m", "dedup_window": "24h"}}


async def test_files_that_stay_as_they_were_read_are_not_read_again(tmp_path: Path) -> None:
    files = Files(tmp_path)
    async with files.watched():
        await files.looks()
        assert files.reads == 1
        files.write(**LATER)
        await eventually(lambda: files.taken)
        await files.looks()
        assert files.reads == 2


async def test_a_file_that_changed_before_it_was_watched_is_taken_whatever_its_times_say(tmp_path: Path) -> None:
    """Within the same tick of the file system's clock, say: the same file, of the same size, and as old."""
    files = Files(tmp_path)

    def meanwhile() -> None:
        file = tmp_path / "teams.csv"
        before = file.stat()
        file.write_text(OTHER_TEAMS)
        os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
        assert file.stat().st_size == before.st_size

    async with files.watched(meanwhile=meanwhile):
        await eventually(lambda: files.taken)
        await files.looks()
    assert files.taken[0].lookups != files.first.lookups
    assert files.reads == 2


async def test_a_file_that_another_took_the_place_of_before_it_was_watched_is_taken(tmp_path: Path) -> None:
    files = Files(tmp_path)

    def meanwhile() -> None:
        (tmp_path / "new.csv").write_text(OTHER_TEAMS)
        (tmp_path / "new.csv").rename(tmp_path / "teams.csv")

    async with files.watched(meanwhile=meanwhile):
        await eventually(lambda: files.taken)


async def test_a_mounted_folder_that_was_swapped_before_it_was_watched_is_taken(tmp_path: Path) -> None:
    files = Mounted(tmp_path)

    async with files.watched(meanwhile=partial(files.write, **LATER)):
        await eventually(lambda: files.taken)
    assert files.taken[0].routes["start"].expires_after == 7 * 60_000


async def test_a_mounted_folder_that_stays_as_it_was_read_is_not_read_again(tmp_path: Path) -> None:
    files = Mounted(tmp_path)
    files.routes = "."
    async with files.watched():
        await files.looks()
    assert files.reads == 1


@pytest.mark.parametrize("came", [True, False])
async def test_a_file_that_came_or_went_before_its_folder_was_watched_is_noticed(tmp_path: Path, came: bool) -> None:
    more = tmp_path / "more.yaml"
    write = partial(more.write_text, "version: 1\n")
    if not came:
        write()
    files = Files(tmp_path)
    files.routes = "."
    async with files.watched(meanwhile=write if came else more.unlink):
        await eventually(lambda: files.reads == 2)


async def test_what_was_another_the_second_time_it_was_read_is_read_again(tmp_path: Path) -> None:
    """A table reads a file as often as it is named in it. Where it changed in between, one of the readings is outdated."""

    class ReadTwice(Files):
        def read(self) -> Table:
            if not self.reads:
                (tmp_path / "teams.csv").write_text(OTHER_TEAMS)
                read_file(tmp_path / "teams.csv", 1_000)
                (tmp_path / "teams.csv").write_text(TEAMS_CSV)
            return super().read()

    files = ReadTwice(tmp_path)
    async with files.watched():
        await eventually(lambda: files.reads == 2)


async def test_a_file_that_changes_is_taken_once(tmp_path: Path) -> None:
    files = Files(tmp_path)
    async with files.watched():
        files.write(**LATER)
        await eventually(lambda: files.taken)
        await files.looks()
        reads = files.reads
    assert [one.routes["start"].expires_after for one in files.taken] == [7 * 60_000]
    assert reads == 2
    assert files.counted("taken") == 1
    assert not files.refused


async def test_a_lookup_that_changes_is_taken(tmp_path: Path) -> None:
    files = Files(tmp_path)
    async with files.watched():
        (tmp_path / "teams.csv").write_text(TEAMS_CSV + "BRA,00000000-cafe\n")
        await eventually(lambda: files.taken)
    assert files.taken[0].hash != files.first.hash


async def test_a_file_that_the_table_refers_to_is_watched(tmp_path: Path) -> None:
    files = Files(tmp_path)
    (tmp_path / "minutes").write_text("7m")

    def write(**changes: object) -> None:
        (tmp_path / "teams.csv").write_text(TEAMS_CSV)
        defaults = {"expires_after": f"${{file:{tmp_path / 'minutes'}}}", "dedup_window": "24h"}
        (tmp_path / "routes.yaml").write_bytes(orjson.dumps(table("matches") | {"defaults": defaults} | changes))

    files.write = write  # type: ignore[method-assign]
    async with files.watched():
        (tmp_path / "minutes").write_text("9m")
        await eventually(lambda: files.taken)
    assert [one.routes["start"].expires_after for one in files.taken] == [9 * 60_000]


async def test_a_folder_that_is_swapped_as_a_whole_is_taken(tmp_path: Path) -> None:
    """As a ConfigMap that is mounted: files are links into a folder that is a link itself."""
    files = Files(tmp_path)
    for version in ("one", "two"):
        (tmp_path / version).mkdir()
        files.folder = tmp_path / version
        files.write(defaults={"expires_after": "7m" if version == "two" else "5m", "dedup_window": "24h"})
    files.folder = tmp_path / "mounted"
    files.folder.mkdir()
    (files.folder / "..data").symlink_to(tmp_path / "one")
    for name in ("routes.yaml", "teams.csv"):
        (files.folder / name).symlink_to(Path("..data") / name)
    files.write = lambda **_: None  # type: ignore[method-assign]
    async with files.watched():
        (files.folder / "..tmp").symlink_to(tmp_path / "two")
        (files.folder / "..tmp").rename(files.folder / "..data")
        await eventually(lambda: files.taken)
    assert files.taken[0].routes["start"].expires_after == 7 * 60_000


async def test_a_file_in_the_making_is_not_read_before_it_has_settled(tmp_path: Path) -> None:
    files = Files(tmp_path)
    async with files.watched(every=0.2) as _:
        end = asyncio.get_running_loop().time() + 1.0
        number = 0
        while asyncio.get_running_loop().time() < end:
            number += 1
            (tmp_path / "teams.csv").write_text(TEAMS_CSV + f"T{number},{'x' * number}\n")
            await asyncio.sleep(0.02)
        while_writing = len(files.taken)
        await eventually(lambda: files.taken)
    assert while_writing == 0
    assert len(files.taken) == 1


async def test_a_wrong_table_is_refused_and_told_and_the_next_right_one_is_taken(tmp_path: Path) -> None:
    files = Files(tmp_path)
    async with files.watched():
        (tmp_path / "routes.yaml").write_text("version: 1\nroutes: [{name: goal, source: nowhere}]\n")
        await eventually(lambda: files.refused)
        assert files.taken == []
        assert files.counted("refused") == 1
        files.write(**LATER)
        await eventually(lambda: files.taken)
        assert not files.refused


async def test_a_table_that_must_not_be_taken_is_refused(tmp_path: Path) -> None:
    files = Files(tmp_path)
    files.refusal = StartupRefused("route/goal: what decides the ids has changed")
    async with files.watched():
        files.write(**LATER)
        await eventually(lambda: files.refused)
        assert files.counted("refused") == 1


async def test_a_fault_of_ours_in_reading_changes_nothing(tmp_path: Path) -> None:
    files = Files(tmp_path)
    async with files.watched() as reloader:
        files.refusal = RuntimeError("a fault")
        reloader.reload()
        await eventually(lambda: files.refused)
        files.refusal = None
        reloader.reload()
        await eventually(lambda: not files.refused)


async def test_who_asks_is_answered_without_a_change_and_the_same_refusal_is_told_once(tmp_path: Path) -> None:
    files = Files(tmp_path)
    async with files.watched(every=3600) as reloader:
        reloader.reload()
        await eventually(lambda: files.counted("unchanged") == 1)
        (tmp_path / "teams.csv").unlink()

        def has_read(reads: int) -> bool:
            return files.reads == reads and files.refused

        for reads in (3, 4):
            reloader.reload()
            await eventually(partial(has_read, reads))
        await eventually(lambda: files.counted("refused") == 1)
