"""Wrong tables, derived from the JSON Schema of the files: each part missing, of a wrong type, unknown, leading nowhere."""

import copy
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jsonschema_rs import validator_for
from ruamel.yaml import YAML

from bridge.configfile import Path_

PUBLISHED: Any = json.loads((Path(__file__).parents[2] / "docs" / "reference" / "routes.schema.json").read_text())
SCHEMA = validator_for(PUBLISHED)
"""As it is published."""

TEXT = """\
version: 1
sources:
  matches:
    topic: sports.match-events
    format: json
    schema: events.json
    event_id: id
    event_time: {path: at, unit: epoch_ms}
    order_by: match.id
    start: latest
    defaults: {priority: low}
  streams: {topic: streams, format: cloudevents, event_id: $headers.id, event_time: occurred_at, start: "2026-02-05T20:12:00Z", tombstones: skip}
defaults: {expires_after: 10m, dedup_window: 24h, on_unknown: park, priority: normal}
brands:
  acme: {defaults: {on_unknown: resend}}
generators:
  goal-scored:
    brand: acme
    id: 11111111-2222-3333-4444-555555555555
    name: Goals
    context:
      team_name: string
      minute: {type: integer, description: "on the match's clock"}
      scorers: list of string
      team: {type: object, fields: {name: string, short: {type: string, required: false}}}
      sides: {type: array, of: string, required: false}
      kick_off: string
      price: string
      looked: string
      fixed: array
lookups:
  teams: {file: teams.csv, key: team_id, value: topic_key}
  creators: {topic: streaming.creators, value: topic_key}
routes:
  - name: goal
    source: matches
    match: {type: [goal, penalty], own: false}
    when: event.minute <= 120
    generator: goal-scored
    topic_key: [{lookup: teams, key: "{team.id}"}, everybody]
    dedup_key: "{match.id}/{id}"
    supersede_by: "{match.id}"
    context:
      team_name: "{team.name}"
      minute: {cel: event.minute + 1}
      scorers: "{scorers}"
      team: {name: "{team.name}", short: "{team.short}"}
      sides: ["{home}", "{away}"]
      kick_off: {time: "{match.starts}", format: "HH:mm", zone: Europe/Berlin, locale: de, unit: rfc3339}
      price: {number: "{price}", decimals: 2, currency: EUR, locale: de}
      looked: {lookup: teams, key: "{team.id}"}
      fixed: {value: [1, 2]}
    priority: high
    on_unknown: park
    expires_after: 5m
    dedup_window: 48h
    limit: {max: 3, per: 1m, by: topic_key}
    mode: shadow
    description: When a goal falls.
    tests:
      - name: a goal
        event: {id: e1}
        now: "2026-02-05T20:12:00Z"
        key: k
        headers: {a: b}
        timestamp: "2026-02-05T20:12:00Z"
        lookups: {teams: {GER: x}}
        expect: [{topic_key: x, context: {a: 1}}, {rejected: x}, {unmapped: y}]
  - {name: live, source: streams, generator: goal-scored, topic_key: {lookup: creators, key: "{creator}"}, context: {team_name: a, minute: 1, scorers: [a], team: {name: b}, kick_off: c, price: d, looked: e, fixed: [1]}, tests: [{name: a stream, event: {id: e1}, ce: {type: live}, expect: []}]}
"""
"""A table that uses every key there is."""
DATA: Any = YAML(typ="safe", pure=True).load(TEXT)
FILES = {"teams.csv": "team_id,topic_key\nGER,abcd\n", "events.json": "{}"}

ODD: list[Any] = [None, 5, -1, 1.5, True, "", " ", "{x", [], ["x"], {}, {"x": "y"}, "no such value"]
REFERENCES: list[Path_] = [
    ("routes", 0, "source"),
    ("routes", 0, "generator"),
    ("routes", 0, "topic_key", 0, "lookup"),
    ("routes", 0, "context", "looked", "lookup"),
    ("routes", 1, "topic_key", "lookup"),
    ("routes", 1, "source"),
    ("routes", 1, "generator"),
    ("sources", "matches", "schema"),
    ("lookups", "teams", "file"),
    ("lookups", "teams", "key"),
    ("lookups", "teams", "value"),
]


@dataclass(frozen=True)
class Wrong:
    """A wrong table, and where the mistake is: at a key or its value, or also inside of a value that is wrong."""

    kind: str
    path: Path_
    data: Any = field(compare=False)
    of_value: bool = False


def paths(data: Any, path: Path_ = ()) -> Iterator[Path_]:
    """The path of every value inside."""
    inside: Any = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for part, value in inside:
        yield (*path, part)
        yield from paths(value, (*path, part))


def at(data: Any, path: Path_) -> Any:
    for part in path:
        data = data[part]
    return data


def changed(path: Path_, value: Any) -> Any:
    data = copy.deepcopy(DATA)
    at(data, path[:-1])[path[-1]] = value
    return data


def wrong_values() -> Iterator[Wrong]:
    """What the schema does not allow in the place of any one value."""
    for path in paths(DATA):
        for value in ODD:
            data = changed(path, value)
            if not SCHEMA.is_valid(data):
                yield Wrong(f"is {json.dumps(value)}", path, data, of_value=True)


def missing() -> Iterator[Wrong]:
    """What the schema does not allow to be left out."""
    for path in paths(DATA):
        data = copy.deepcopy(DATA)
        del at(data, path[:-1])[path[-1]]
        if not SCHEMA.is_valid(data):
            yield Wrong(f"{path[-1]} is missing", path[:-1], data)


def unknown() -> Iterator[Wrong]:
    """A key that the schema does not know, in every mapping that has known ones."""
    for path in [(), *(path for path in paths(DATA) if isinstance(at(DATA, path), dict))]:
        for name in ("no_such_key", *(f"{name}x" for name in at(DATA, path))):
            data = copy.deepcopy(DATA)
            at(data, path)[name] = "x"
            if not SCHEMA.is_valid(data):
                yield Wrong("is unknown", (*path, name), data)


def dangling() -> Iterator[Wrong]:
    """Every reference, leading nowhere: also by one letter."""
    for path in REFERENCES:
        for name in ("nowhere", str(at(DATA, path))[:-1]):
            yield Wrong(f"leads to {name}", path, changed(path, name))


def emitted(data: Any) -> tuple[str, dict[Path_, tuple[int, int]], dict[Path_, tuple[int, int]]]:
    """The data as a file of one value a line; line and column of each value, and of each key (of an item: itself)."""
    writer = _Writer()
    writer.write(data, (), 0)
    return "".join(writer.out), writer.values, writer.keys


class _Writer:
    """Writes JSON, which is YAML, and keeps in mind where everything stands: on its own account, not the loader's."""

    def __init__(self) -> None:
        self.out: list[str] = []
        self.values: dict[Path_, tuple[int, int]] = {}
        self.keys: dict[Path_, tuple[int, int]] = {}
        self._line, self._column = 1, 1

    def _put(self, text: str) -> None:
        self.out.append(text)
        lines = text.split("\n")
        self._line += len(lines) - 1
        self._column = len(lines[-1]) + 1 if len(lines) > 1 else self._column + len(text)

    def write(self, data: Any, path: Path_, depth: int) -> None:
        self.values[path] = (self._line, self._column)
        self.keys.setdefault(path, self.values[path])
        if not isinstance(data, dict | list) or not data:
            self._put(json.dumps(data, ensure_ascii=False))
            return
        opening, closing = ("{", "}") if isinstance(data, dict) else ("[", "]")
        self._put(opening)
        for index, part in enumerate(data):
            self._put(("," if index else "") + "\n" + " " * (depth + 1))
            if isinstance(data, dict):
                self.keys[(*path, part)] = (self._line, self._column)
                self._put(json.dumps(part) + ": ")
                self.write(data[part], (*path, part), depth + 1)
            else:
                self.write(part, (*path, index), depth + 1)
        self._put("\n" + " " * depth + closing)
