"""What a running replica can't take from another table, by what the tables say."""

import os
from pathlib import Path
from typing import Any

import orjson
from service.story import TEAMS_CSV, table

from bridge.reloading.changes import beyond_memory, other_topics
from bridge.routing import Table, load_table

DAY = 86_400_000


def loaded(folder: Path, topic: str = "matches", **changes: Any) -> Table:
    (folder / "teams.csv").write_text(TEAMS_CSV)
    (folder / "routes.yaml").write_bytes(orjson.dumps(table(topic) | changes))
    return load_table(folder / "routes.yaml", os.environ)


def test_another_topic_waits_for_a_restart_and_another_source_of_the_same_topic_does_not(tmp_path: Path) -> None:
    old = loaded(tmp_path)
    assert "matches, news" in other_topics(old, loaded(tmp_path, "news"))[0]
    renamed = table("matches")["sources"]["matches"] | {"start": "latest"}
    assert other_topics(old, loaded(tmp_path, sources={"matches": renamed})) == []


def test_a_dedup_window_waits_for_a_restart_only_beyond_what_is_remembered(tmp_path: Path) -> None:
    new = loaded(tmp_path, defaults={"expires_after": "5m", "dedup_window": "48h"})
    assert "a dedup_window of 2d is longer than what this replica remembers (1d)" in beyond_memory(new, DAY, 0)[0]
    assert beyond_memory(new, 2 * DAY, 0) == []


def test_a_limit_waits_for_a_restart_only_beyond_what_is_counted(tmp_path: Path) -> None:
    routes = table("matches")["routes"]
    routes[0]["limit"] = {"max": 3, "per": "10m"}
    new = loaded(tmp_path, routes=routes)
    assert "a limit per 10m is longer than what this replica counts (5m)" in beyond_memory(new, DAY, 5 * 60_000)[0]
    assert beyond_memory(new, DAY, 10 * 60_000) == []
