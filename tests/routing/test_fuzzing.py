"""Whatever stands in a table and whatever an event holds: nothing crashes, every problem has its place, nothing blank leaves.

Some hundred examples each time; with the slow tests 50,000 in all.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from routing.tables import NOW, TEAMS
from routing.wrong_tables import ODD, TEXT, paths

from bridge.configfile import ConfigError, Problem
from bridge.errors import Undecodable
from bridge.events import Event, Source
from bridge.routing import Table, load_table
from bridge.triggers import Trigger

FEW = settings(max_examples=300, deadline=None)


def many(examples: int) -> settings:
    return settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck), database=None)


SMALL: Any = {
    "version": 1,
    "sources": {"matches": {"topic": "t", "event_id": "id", "event_time": "at", "order_by": "m.id"}},
    "defaults": {"expires_after": "5m"},
    "generators": {"g": {"brand": "acme", "id": "x", "context": {"a": "string", "b": {"type": "object", "fields": {"c": "integer"}}, "d": "list of url"}}},
    "routes": [{"name": "r", "source": "matches", "match": {"type": ["goal", 1]}, "when": "event.n > 1", "generator": "g", "topic_key": ["x", "{m.id}"], "context": {"a": {"time": "{at}", "format": "HH:mm", "zone": "UTC"}, "b": {"c": "{n}"}, "d": ["{url}"]}}],
}  # fmt: skip
SMALL_TEXT = json.dumps(SMALL, indent=1)
WORDS = [
    *("{", "}", "[", "]", ":", ",", '"', "'", "\n", "\t", " ", "-", "#", "&a", "*a", "!!str", "|", ">", "%", "@", "`", "?", "<<"),
    *("null", "true", "0x1", ".nan", "1e999", "${X}", "${X:-y}", "$${", "\\", "\\u0000", "\ufeff", "\u2028", "é", "\x00", "\ud7ff", "---", "..."),
    *("{id}", "{{", "}}", "{a.b[0]}", "$record.offset", "event.x", "cel", "lookup", "value", "time", "format", "number", "decimals", "9" * 30, "-1", "5m", "8d"),
]  # fmt: skip
SPLICES = st.lists(
    st.tuples(st.integers(0, len(SMALL_TEXT)), st.integers(0, 12), st.sampled_from(WORDS) | st.text(max_size=4)),
    min_size=1,
    max_size=3,
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=6)
    | st.sampled_from([*(one for one in ODD if not isinstance(one, list | dict)), *WORDS])
)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*WORDS, "key", "type", "of", "fields", "required"]), inner, max_size=3)
    ),
    max_leaves=6,
)
SMALL_PATHS = sorted(paths(SMALL), key=str)
CHANGES = st.lists(st.tuples(st.sampled_from(SMALL_PATHS), ANYTHING), min_size=1, max_size=3)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("fuzz")


def problems(folder: Path, text: str) -> tuple[Table | None, tuple[Problem, ...]]:
    """The table in a text, or why it is none; anything but a ConfigError is a crash."""
    file = folder / "routes.yaml"
    file.write_bytes(text.encode("utf-8", "surrogatepass"))
    try:
        of = load_table(file, {"X": "from the environment"})
    except ConfigError as error:
        return None, error.problems
    return of, of.warnings


def spliced(folder: Path, splices: list[tuple[int, int, str]]) -> None:
    text = SMALL_TEXT
    for position, length, word in splices:
        text = text[:position] + word + text[position + length :]
    of, found = problems(folder, text)
    assert (of is None) == any(problem.severity == "error" for problem in found)
    assert all(problem.place is not None and problem.place.line > 0 and problem.place.column > 0 for problem in found)


def _has(data: Any, part: str | int) -> bool:
    if isinstance(data, list):
        return isinstance(part, int) and part < len(data)
    return isinstance(data, dict) and part in data


def put(data: Any, path: tuple[str | int, ...], value: Any) -> None:
    """Exchange a part, unless an earlier change took it away. As JSON, so that examples share nothing."""
    for part in path[:-1]:
        if not _has(data, part):
            return
        data = data[part]
    if _has(data, path[-1]):
        data[path[-1]] = json.loads(json.dumps(value))


def exchanged(folder: Path, changes: list[tuple[tuple[str | int, ...], Any]]) -> None:
    data = json.loads(SMALL_TEXT)
    for path, value in changes:
        put(data, path, value)
    of, found = problems(folder, json.dumps(data))
    assert (of is None) == any(problem.severity == "error" for problem in found)
    assert all(problem.place is not None for problem in found)
    if of is not None:
        goal = {"id": "x", "type": "goal", "at": "2026-02-05T20:12:00Z", "m": {"id": 1}, "n": 2, "url": "a://b"}
        bodies: list[Any] = [goal, []]
        for body in bodies:
            decided(of, body)


RICH = TEXT[: TEXT.index("    tests:")].replace("    schema: events.json\n", "").replace("mode: shadow", "mode: live")
GOAL: dict[str, Any] = {
    "id": "e1",
    "type": "goal",
    "own": False,
    "at": NOW - 5,
    "match": {"id": "m1", "starts": "2026-02-05T20:00:00Z"},
    "team": {"id": "GER", "name": "Germany", "short": "GER"},
    "minute": 12,
    "scorers": ["Musiala"],
    "home": "Germany",
    "away": "France",
    "price": 12.5,
}
LEAF = (
    SCALARS
    | st.sampled_from(["GER", "2026-02-05T20:12:00Z", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00+14:00", "\u3000", 0.1, 1e15, 2.5])
    | st.text(alphabet=" \t\u00a0\x1c\u2003a", max_size=3)
)  # fmt: skip
BODY = st.recursive(LEAF, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*GOAL, "name", "starts", "short"]), inner, max_size=3), max_leaves=6)  # fmt: skip
INSIDE = [("match",), ("team",), ("match", "id"), ("match", "starts"), ("team", "id"), ("team", "name"), ("team", "short"), ("scorers", 0), *((name,) for name in GOAL)]  # fmt: skip
BLANK = st.sampled_from(["", " ", "\t\n", "\u3000", "\x1c", None, [], {}, [""], [None], {"name": " "}])
EVENTS = st.lists(st.tuples(st.sampled_from(INSIDE), BLANK | BODY), max_size=3)


def decided(of: Table, body: Any) -> tuple[Trigger, ...]:
    made: list[Trigger] = []
    for source in of.sources:
        try:
            made.extend(of.decide(source, Event(body, Source("t", 0, 1), NOW - 9, None, {}), NOW).triggers)
        except Undecodable:
            continue
    return tuple(made)


def parts(value: Any) -> Iterator[Any]:
    yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from parts(inner)


def nothing_blank(of: Table, changes: list[tuple[tuple[str | int, ...], Any]]) -> None:
    body = json.loads(json.dumps(GOAL))
    for path, value in changes:
        put(body, path, value)
    for trigger in decided(of, body):
        assert Trigger.decode(trigger.encode()) == trigger
        assert trigger.event_id.strip()
        if trigger.verdict is not None:
            continue
        fields = of.routes[trigger.route].generator.contract.fields
        assert {name for name, field in fields.items() if field.required} <= trigger.context.keys() <= fields.keys()
        assert isinstance(trigger.topic_key, str)
        for value in (trigger.topic_key, *parts(trigger.context)):
            assert value not in (None, [], {})
            assert not isinstance(value, str) or value.strip()
        assert type(trigger.context["minute"]) is int
        assert all(type(trigger.context[name]) is str for name in ("team_name", "kick_off", "price", "looked"))
        assert all(type(one) is str for one in trigger.context["scorers"])


@pytest.fixture(scope="module")
def rich(tmp_path_factory: pytest.TempPathFactory) -> Table:
    of = tmp_path_factory.mktemp("rich")
    (of / "teams.csv").write_text(TEAMS)
    (of / "routes.yaml").write_text(RICH)
    return load_table(of / "routes.yaml", {})


def test_the_event_that_is_changed_is_sent_as_it_is(rich: Table) -> None:
    assert [trigger.verdict for trigger in decided(rich, GOAL)] == [None, None]


@FEW
@given(splices=SPLICES)
def test_no_text_crashes_the_loader(folder: Path, splices: list[tuple[int, int, str]]) -> None:
    spliced(folder, splices)


@FEW
@given(changes=CHANGES)
def test_no_values_crash_the_loader_or_what_it_made(folder: Path, changes: Any) -> None:
    exchanged(folder, changes)


@FEW
@given(changes=EVENTS)
def test_no_event_crashes_a_decision_or_sends_a_blank(rich: Table, changes: Any) -> None:
    nothing_blank(rich, changes)


@pytest.mark.slow
@pytest.mark.timeout(3_600)
@many(15_000)
@given(splices=SPLICES)
def test_no_text_of_very_many_crashes_the_loader(folder: Path, splices: list[tuple[int, int, str]]) -> None:
    spliced(folder, splices)


@pytest.mark.slow
@pytest.mark.timeout(3_600)
@many(10_000)
@given(changes=CHANGES)
def test_no_values_of_very_many_tables_crash_the_loader(folder: Path, changes: Any) -> None:
    exchanged(folder, changes)


@pytest.mark.slow
@pytest.mark.timeout(3_600)
@many(25_000)
@given(changes=EVENTS)
def test_no_event_of_very_many_crashes_a_decision_or_sends_a_blank(rich: Table, changes: Any) -> None:
    nothing_blank(rich, changes)
