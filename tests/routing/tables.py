"""A small table that works, its events, and ways to spoil both."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bridge.configfile import ConfigError, Problem
from bridge.durations import parse_instant
from bridge.events import Event, Source
from bridge.routing import Table, load_table
from bridge.routing.deciding import event_time_of
from bridge.triggers import Rejected, Trigger, Unmapped

NOW = parse_instant("2026-02-05T20:12:01Z")

TABLE = """\
version: 1
sources:
  matches:
    topic: sports.match-events
    event_id: id
    event_time: occurred_at
    order_by: match.id
defaults: {expires_after: 10m}
generators:
  goal-scored:
    brand: acme
    id: 11111111-2222-3333-4444-555555555555
    context:
      team_name: string
      minute: integer
      url: url
      assist: {type: string, required: false}
lookups:
  teams: {file: teams.csv, key: team_id, value: topic_key}
routes:
  - name: goal
    source: matches
    match: {type: goal}
    when: "event.minute <= 120"
    generator: goal-scored
    topic_key: {lookup: teams, key: "{team.id}"}
    dedup_key: "{match.id}/{id}"
    context:
      team_name: "{team.name}"
      minute: "{minute}"
      url: "https://example.com/m/{match.id}"
      assist: "{assist.name}"
    expires_after: 5m
"""

TEAMS = "team_id,topic_key\nGER,00000000-abcd\nFRA,topic+FRA\n7,topic-7\n"

GOAL: dict[str, Any] = {
    "id": "e1",
    "type": "goal",
    "occurred_at": "2026-02-05T20:12:00Z",
    "match": {"id": "m1"},
    "team": {"id": "GER", "name": "Germany"},
    "minute": 12,
    "assist": {"name": "Wirtz"},
}


def write(folder: Path, text: str = TABLE, files: Mapping[str, str] = {"teams.csv": TEAMS}) -> Path:
    """The file of a table, with the files that it names beside it."""
    for name, content in files.items():
        (folder / name).write_text(content, encoding="utf-8")
    path = folder / "routes.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def table(folder: Path, text: str = TABLE) -> Table:
    return load_table(write(folder, text), {})


def problems(folder: Path, text: str, files: Mapping[str, str] = {"teams.csv": TEAMS}) -> tuple[Problem, ...]:
    """All that is wrong with a table, or only what it is warned of."""
    path = write(folder, text, files)
    try:
        return load_table(path, {}).warnings
    except ConfigError as error:
        return error.problems


def spoiled(old: str, new: str, text: str = TABLE) -> str:
    """The table with one part exchanged; the part must be there."""
    assert text.count(old) == 1, f"{old!r} is there {text.count(old)} times"
    return text.replace(old, new)


def event(body: Any = GOAL, /, **changes: Any) -> Event:
    """A record with this body; of an object, some fields may be changed, and a change to ... takes one out."""
    if changes:
        body = {name: value for name, value in (body | changes).items() if value is not ...}
    return Event(body, Source("sports.match-events", 3, 17), NOW - 1000, "some key", {"origin": "feed"})


def decided(of: Table, happened: Event, source: str = "matches") -> tuple[Trigger, ...]:
    return of.decide(source, happened, NOW).triggers


def only(of: Table, happened: Event) -> Trigger:
    (trigger,) = decided(of, happened)
    return trigger


def reason(of: Table, happened: Event) -> str:
    """Why the only trigger was rejected."""
    verdict = only(of, happened).verdict
    assert isinstance(verdict, Rejected), verdict
    return verdict.reason


def assert_expected(of: Table, source: str, example: Mapping[str, Any]) -> None:
    """That a test of a route holds: `expect` lists all triggers, exactly."""
    happened = Event(example["event"], Source("t", 0, 0), -1)
    now = parse_instant(example["now"]) if "now" in example else event_time_of(of.sources[source].event_time, happened)
    made = of.decide(source, happened, now).triggers
    assert len(made) == len(example["expect"]), made
    for trigger, expected in zip(made, example["expect"], strict=True):
        match trigger.verdict:
            case None:
                assert {"topic_key": trigger.topic_key, "context": trigger.context} == expected
            case Rejected(why):
                assert re.search(expected["rejected"], why)
            case Unmapped(_, key, _):
                assert key == expected["unmapped"]
