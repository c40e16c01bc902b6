"""Whatever stands in the place of one value of a table: it is told, with its place, or the table decides without a crash."""

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from routing.tables import NOW, event, spoiled, write

from bridge.configfile import ConfigError, Path_, Problem, parse
from bridge.errors import Undecodable
from bridge.routing import Table, load_table

RICH = spoiled(
    "expires_after: 5m",
    """expires_after: 5m
    limit: {max: 3, per: 1m, by: route}
    mode: live
    priority: low
    tests:
      - {name: x, event: {id: e}, now: "2026-02-05T20:12:00Z", headers: {a: b}, lookups: {teams: {a: b}}, expect: [{topic_key: x, context: {a: 1}}, {rejected: x}, {unmapped: y}]}""",
    spoiled(
        "event_time: occurred_at",
        "event_time: {path: at, unit: epoch_ms}\n    start: latest",
        spoiled('"{assist.name}"', "{cel: event.assist.name}"),
    ),
)
DATA: Any = parse(RICH, "routes.yaml", {}).data
GONE = object()
ODD = [GONE, None, 5, -1, 1.5, True, "", " ", "x", "{", "{a}", [], {}, ["x"], {"x": None}, {"x": "y"}, [[1]], [{}], {"lookup": 5, "key": {}}, {"cel": []}, {"value": None}, "9" * 300, "event.x > 1", {"a.b": {"c": [None]}}]  # fmt: skip


def parts(data: Any, path: Path_ = ()) -> Iterator[Path_]:
    """The path of every value inside."""
    inside: Any = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for part, value in inside:
        yield (*path, part)
        yield from parts(value, (*path, part))


def exchanged(path: Path_, value: Any) -> Any:
    data = copy.deepcopy(DATA)
    around = data
    for part in path[:-1]:
        around = around[part]
    if value is GONE:
        del around[path[-1]]
    else:
        around[path[-1]] = value
    return data


def loaded(file: Path) -> tuple[Table | None, tuple[Problem, ...]]:
    try:
        of = load_table(file, {})
    except ConfigError as error:
        return None, error.problems
    return of, of.warnings


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("odd")


@given(path=st.sampled_from(sorted(parts(DATA), key=str)), value=st.sampled_from(ODD))
def test_an_odd_value_is_told_with_its_place_or_does_no_harm(folder: Path, path: Path_, value: Any) -> None:
    of, problems = loaded(write(folder, json.dumps(exchanged(path, value))))
    assert (of is None) == any(problem.severity == "error" for problem in problems)
    assert all(problem.place is not None for problem in problems)
    if of is None:
        return
    for source in of.sources:
        for happened in (event(), event({"id": "x", "type": "goal"}), event(["x"])):
            try:
                of.decide(source, happened, NOW)
            except Undecodable:
                continue
