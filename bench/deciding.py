"""What a decision costs beside reading its event: with 200 routes of which none matches, and with one that sends."""

import gc
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson

from bridge.durations import parse_instant
from bridge.events import Event, Source
from bridge.routing import Table, load_table

ROUTES = 200
MOST_EXCLUDED_US = 2.0
MOST_SENT_US = 60.0
_NOW = parse_instant("2026-02-05T20:12:01Z")
_WHERE = Source("sports.match-events", 3, 17)
_REPEATS, _CALLS = 1_000, 100

_HEAD = """\
version: 1
sources:
  matches: {topic: sports.match-events, event_id: id, event_time: occurred_at, order_by: match.id}
defaults: {expires_after: 10m}
generators:
  goal-scored:
    brand: acme
    id: 11111111-2222-3333-4444-555555555555
    context: {team_name: string, player_name: string, minute: integer, score: string, match_id: string, url: url}
lookups:
  teams: {file: teams.csv, key: team_id, value: topic_key}
routes:
"""
_ROUTE = """\
  - name: goal-NUMBER
    source: matches
    match: {type: KIND}
    when: event.minute <= 120
    generator: goal-scored
    topic_key: {lookup: teams, key: "{team.id}"}
    context:
      team_name: "{team.name}"
      player_name: "{player}"
      minute: "{minute}"
      score: "{home.goals}-{away.goals}"
      match_id: "{match.id}"
      url: "https://example.com/m/{match.id}"
"""
_EVENT: dict[str, Any] = {
    "id": "2022-23-goal-1", "type": "goal", "occurred_at": "2026-02-05T20:12:00Z",
    "match": {"id": "2022-23", "name": "Germany vs Japan", "venue": "Khalifa International Stadium, Al Rayyan", "stage": "Matchday 1", "group": "Group E"},
    "team": {"id": "GER", "name": "Germany"}, "player": "İlkay Gündoğan", "own_goal": False, "penalty": True,
    "minute": 33, "minute_text": "33",
    "home": {"id": "GER", "name": "Germany", "goals": 1}, "away": {"id": "JPN", "name": "Japan", "goals": 0},
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one event, in microseconds: to read it, to read it and decide that no route matches, that one sends."""

    read: float
    excluded: float
    sent: float

    @property
    def fine(self) -> bool:
        """Whether both are within what was set as the most."""
        return self.excluded - self.read <= MOST_EXCLUDED_US and self.sent - self.read <= MOST_SENT_US

    @property
    def lines(self) -> list[str]:
        """For people. Ratios are to reading the event: of a machine that is twice as slow they are the same."""
        return [
            f"  reading an event (orjson.loads of {len(orjson.dumps(_EVENT))} bytes): {self.read:.2f} us",
            self._line(f"match excludes it in a table of {ROUTES} routes", self.excluded, MOST_EXCLUDED_US),
            self._line("one CEL condition and six fields", self.sent, MOST_SENT_US),
        ]

    def _line(self, what: str, whole: float, most: float) -> str:
        over = whole - self.read
        verdict = "" if over <= most else "  TOO SLOW"
        return f"  {what}: {over:.2f} us over reading it (at most {most:.0f}), {whole / self.read:.1f} times reading it{verdict}"


def deciding() -> Cost:
    """The least of many repeats, which is what the machine can do when nobody disturbs."""
    with TemporaryDirectory() as folder:
        excluding = _table(Path(folder), [f"kind-{number}" for number in range(ROUTES)])
        sending = _table(Path(folder), ["goal"])
    raw = orjson.dumps(_EVENT)
    event = Event(_EVENT, _WHERE, _NOW)
    assert not excluding.decide("matches", event, _NOW).triggers, "no route matches"  # noqa: S101 - else it proves nothing
    assert len(sending.decide("matches", event, _NOW).triggers[0].context) == 6, "six fields are sent"  # noqa: PLR2004, S101
    return Cost(
        _least(lambda: orjson.loads(raw)),
        _least(lambda: excluding.decide("matches", Event(orjson.loads(raw), _WHERE, _NOW), _NOW)),
        _least(lambda: sending.decide("matches", Event(orjson.loads(raw), _WHERE, _NOW), _NOW)),
    )


def _table(folder: Path, kinds: list[str]) -> Table:
    (folder / "teams.csv").write_text("team_id,topic_key\nGER,710ddb0e-b706-c2ce-393f-28a3379f57c4\n")
    path = folder / "routes.yaml"
    routes = [_ROUTE.replace("NUMBER", str(number)).replace("KIND", kind) for number, kind in enumerate(kinds)]
    path.write_text(_HEAD + "".join(routes))
    return load_table(path, {})


def _least(work: Callable[[], Any]) -> float:
    gc.disable()
    try:
        return min(_once(work) for _ in range(_REPEATS))
    finally:
        gc.enable()


def _once(work: Callable[[], Any]) -> float:
    began = time.perf_counter()
    for _ in range(_CALLS):
        work()
    return (time.perf_counter() - began) / _CALLS * 1e6
