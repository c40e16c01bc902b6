"""Whether files still hold what was read of them."""

import asyncio
from collections.abc import Iterable
from pathlib import Path

import pytest
from waiting import eventually

from bridge.configfile import Noted, noting, read_file
from bridge.reloading import watching
from bridge.reloading.watching import Look, look_at, still_hold


def test_what_was_read_counts_also_where_it_is_not_watched(tmp_path: Path) -> None:
    """As the schema of a source."""
    file = tmp_path / "events.json"
    file.write_text("{}")
    with noting() as noted:
        read_file(file, 1_000)
    assert still_hold([], noted)
    file.write_text("[]")
    assert not still_hold([], noted)
    file.unlink()
    assert not still_hold([], noted)


def test_what_is_read_afterwards_is_not_noted(tmp_path: Path) -> None:
    file = tmp_path / "events.json"
    file.write_text("{}")
    with noting() as noted, noting() as inner:
        read_file(file, 1_000)
    read_file(file, 1)
    assert not noted
    assert len(inner) == 1


async def test_contents_are_compared_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From then on it is known how files look that hold what was read."""
    compared: list[Noted] = []
    looks: list[Look] = []

    def looked(paths: Iterable[Path]) -> Look:
        looks.append(look_at(paths))
        return looks[-1]

    def counted(paths: Iterable[Path], noted: Noted) -> bool:
        compared.append(noted)
        return still_hold(paths, noted)

    async def read_again(_: bool) -> bool:
        raise AssertionError

    monkeypatch.setattr(watching, "still_hold", counted)
    monkeypatch.setattr(watching, "look_at", looked)
    (tmp_path / "routes.yaml").write_text("version: 1\n")
    with noting() as noted:
        read_file(tmp_path / "routes.yaml", 1_000)
    watch = watching.Watch(lambda: [tmp_path], read_again, noted, every=0.02)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(watch.run())
        await eventually(lambda: len(looks) >= 10)
        task.cancel()
    assert len(compared) == 1
