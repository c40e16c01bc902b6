"""What an explanation says is what the table decides: for any table and any event."""

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from explaining.anytable import pool
from hypothesis import given, settings
from hypothesis import strategies as st
from routing.tables import GOAL, NOW, TABLE, event, spoiled, table
from routing.test_properties import EVENTS

from bridge.errors import Undecodable
from bridge.events import Event, Source
from bridge.explaining.explaining import explain
from bridge.explaining.explanation import Explanation, RouteExplained
from bridge.explaining.origins import origins, references
from bridge.routing import Table
from bridge.routing.expressions import compile_expression
from bridge.routing.paths import MISSING
from bridge.triggers import Rejected

CHOSEN = st.lists(
    st.tuples(st.integers(0, 191), st.sampled_from(["live", "live", "shadow", "off"])),
    max_size=6,
    unique_by=lambda one: one[0],
)
TIMES = st.integers(-1, 2**41)


@pytest.fixture(scope="module")
def routes(tmp_path_factory: pytest.TempPathFactory) -> Table:
    return pool(tmp_path_factory.mktemp("pool"))


def some(routes: Table, chosen: list[tuple[int, Any]]) -> Table:
    return Table(routes.sources, [replace(routes.routes[f"r{number}"], mode=mode) for number, mode in chosen])


def record(body: Any, timestamp: int) -> Event:
    return Event(body, Source("sports.match-events", 0, 1), timestamp, None, {"origin": "feed"})


@settings(deadline=None)  # tables are made in each example, and the machine may be busy
@given(chosen=CHOSEN, body=EVENTS, timestamp=TIMES)
def test_an_explanation_comes_to_what_the_table_decides(
    routes: Table, chosen: list[tuple[int, Any]], body: Any, timestamp: int
) -> None:
    of, happened = some(routes, chosen), record(body, timestamp)
    explained = explain(of, "matches", happened, NOW)
    if explained.undecodable is not None:
        with pytest.raises(Undecodable, match=f"^{re.escape(explained.undecodable)}$"):
            of.decide("matches", happened, NOW)
        return
    decided = of.decide("matches", happened, NOW)
    assert explained.triggers == decided.triggers
    assert explained.shadow == decided.shadow
    assert explained.facts is not None
    assert explained.facts.event_id == decided.event_id


@settings(deadline=None)  # tables are made in each example, and the machine may be busy
@given(chosen=CHOSEN, body=EVENTS, timestamp=TIMES)
def test_a_route_takes_an_event_exactly_when_it_makes_a_trigger(
    routes: Table, chosen: list[tuple[int, Any]], body: Any, timestamp: int
) -> None:
    for one in explain(some(routes, chosen), "matches", record(body, timestamp), NOW).routes:
        assert one.wanted == bool(one.triggers)


@settings(deadline=None)  # tables are made in each example, and the machine may be busy
@given(chosen=CHOSEN, body=EVENTS, timestamp=TIMES)
def test_the_fields_are_what_would_be_sent_or_why_not(
    routes: Table, chosen: list[tuple[int, Any]], body: Any, timestamp: int
) -> None:
    for one in explain(some(routes, chosen), "matches", record(body, timestamp), NOW).routes:
        for trigger in one.triggers:
            values = {made.name: made.given.value for made in one.fields if made.given.value is not MISSING}
            if not isinstance(trigger.verdict, Rejected):
                assert trigger.context == values
            elif "; and " not in trigger.verdict.reason:
                wrong = [made for made in one.fields if made.wrong is not None and "no entry" not in made.wrong]
                # A misfit is looked for only where all could be read.
                assert any(f"field {made.name}" in trigger.verdict.reason for made in wrong) or not wrong


@settings(deadline=None)  # tables are made in each example, and the machine may be busy
@given(chosen=CHOSEN, body=EVENTS, timestamp=TIMES)
def test_each_trigger_is_that_of_one_topic_key(
    routes: Table, chosen: list[tuple[int, Any]], body: Any, timestamp: int
) -> None:
    for one in explain(some(routes, chosen), "matches", record(body, timestamp), NOW).routes:
        assert tuple(made.trigger for made in one.keys if not made.repeats) == one.triggers
        assert len(one.keys) == (len(one.route.topic_keys) if one.wanted else 0)


def only(explained: Explanation) -> RouteExplained:
    (one,) = explained.routes
    return one


def test_a_match_that_fails_is_told_with_what_the_event_has(tmp_path: Path) -> None:
    one = only(explain(table(tmp_path), "matches", event(type="corner"), NOW))
    assert [(str(c.condition.path), c.condition.values, c.actual) for c in one.unequal] == [
        ("type", ("goal",), "corner")
    ]
    assert one.when is None, "nobody asked for it"


def test_a_when_that_is_false_is_told_and_nothing_after_it_was_looked_at(tmp_path: Path) -> None:
    one = only(explain(table(tmp_path), "matches", event(minute=121), NOW))
    assert one.when is not None
    assert one.when.denies
    assert one.fields == ()


def test_a_when_that_fails_does_not_deny_but_rejects(tmp_path: Path) -> None:
    one = only(explain(table(tmp_path), "matches", event(minute="90+3"), NOW))
    assert one.when is not None
    assert one.when.given.refusal is not None
    assert one.wanted
    assert isinstance(one.triggers[0].verdict, Rejected)


def test_a_route_that_is_off_makes_nothing(tmp_path: Path) -> None:
    one = only(explain(table(tmp_path, TABLE + "    mode: off\n"), "matches", event(), NOW))
    assert not one.wanted
    assert one.unequal == ()


def test_an_optional_field_that_is_not_there_is_left_out_and_a_required_one_is_wrong(tmp_path: Path) -> None:
    one = only(explain(table(tmp_path), "matches", event(assist=..., team={"id": "GER"}), NOW))
    assert [made.name for made in one.fields if made.left_out] == ["assist"]
    assert {made.name: made.wrong for made in one.fields if made.wrong} == {"team_name": "the event has no team.name"}


def test_a_value_that_the_contract_does_not_want_is_a_misfit(tmp_path: Path) -> None:
    of = table(tmp_path, spoiled('    when: "event.minute <= 120"\n', ""))
    one = only(explain(of, "matches", event(minute="90+3"), NOW))
    assert {made.name: made.misfit for made in one.fields if made.misfit} == {
        "minute": 'should be an integer, is string "90+3"'
    }


def origin_of(of: Table, name: str) -> list[tuple[str, str, str]]:
    found = origins(of.routes["goal"].context[name], event())
    return [(one.kind, one.part, one.text) for one in found]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ('"{minute}"', [("template", "", "{minute}")]),
        ("7", [("constant", "", "")]),
        ('{cel: "event.minute + 1"}', [("cel", "", "event.minute + 1")]),
        ('{lookup: teams, key: "{team.id}"}', [("lookup", "", "{team.id}")]),
        ('{a: ["{id}", x]}', [("template", ".a[0]", "{id}"), ("constant", ".a[1]", "")]),
    ],
)
def test_the_origin_of_each_kind_of_value(tmp_path: Path, written: str, expected: list[tuple[str, str, str]]) -> None:
    kinds: Mapping[str, str] = {"7": "integer", '"{minute}"': "integer"}
    kind = "object" if "a:" in written else "string" if "lookup" in written else kinds.get(written, "integer")
    text = spoiled('minute: "{minute}"', f"minute: {written}", spoiled("minute: integer", f"minute: {kind}"))
    assert origin_of(table(tmp_path, text), "minute") == expected


def test_a_lookup_names_the_key_that_the_event_gives(tmp_path: Path) -> None:
    (one,) = origins(table(tmp_path).routes["goal"].topic_keys[0], event())
    assert (one.lookup, one.key) == ("teams", "GER")
    (one,) = origins(table(tmp_path).routes["goal"].topic_keys[0], event(team={}))
    assert (one.lookup, one.key) == ("teams", None)


@pytest.mark.parametrize(
    ("source", "paths"),
    [
        ("event.minute <= 120", ["minute"]),
        ("event.match.stage.startsWith('Final') && event.goals[0].minute > 1", ["match.stage", "goals[0].minute"]),
        ("headers['x-feed'] == key", ["$headers.x-feed", "$key"]),
        ("event.goals.exists(g, g.minute > 90)", ["goals"]),
        ("'event.minute' == record.topic", ["$record.topic"]),
        ("event.a[event.b] == 1 && event.a.b == event.a.b", ["a", "b", "a.b"]),
        ("event.headers.a == headers.b", ["headers.a", "$headers.b"]),
        ("size(event) > 3", []),
    ],
)
def test_what_an_expression_refers_to(source: str, paths: list[str]) -> None:
    assert [str(path) for path in references(compile_expression(source))] == paths


def test_a_source_that_is_not_there_is_the_callers_mistake(tmp_path: Path) -> None:
    with pytest.raises(KeyError):
        explain(table(tmp_path), "streams", event(GOAL), NOW)
