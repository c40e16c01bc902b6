"""What a test expects, held against what is decided."""

import copy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from explaining.anytable import pool
from hypothesis import given, settings
from hypothesis import strategies as st
from routing.tables import NOW, TABLE, event, only, table
from routing.test_properties import EVENTS

from bridge.configfile import Place
from bridge.errors import Undecodable
from bridge.routing import Table
from bridge.routing.paths import MISSING
from bridge.testing.cases import Expected
from bridge.testing.comparing import Differs, Missing, Unexpected, compare, same
from bridge.triggers import Rejected, Trigger, Unmapped

HERE = Place("routes.yaml", 1, 1)


@pytest.fixture(scope="module")
def of(tmp_path_factory: pytest.TempPathFactory) -> Table:
    return table(tmp_path_factory.mktemp("table"))


def expectation(trigger: Trigger) -> Expected:
    """What a test would say of it."""
    match trigger.verdict:
        case Rejected():
            return Expected(HERE, trigger.route, rejected="^route")
        case Unmapped(key=key):
            return Expected(HERE, trigger.route, unmapped=key)
        case None:
            return Expected(HERE, trigger.route, trigger.topic_key, trigger.context)


@settings(deadline=None)  # tables are made in each example, and the machine may be busy
@given(
    chosen=st.lists(st.integers(0, 191), max_size=4, unique=True),
    body=EVENTS,
    shuffled=st.randoms(use_true_random=False),
)
def test_what_is_expected_as_it_is_decided_is_right_in_any_order_and_with_one_less_wrong(
    everything: Table, chosen: list[int], body: Any, shuffled: Any
) -> None:
    routes = [replace(everything.routes[f"r{number}"], mode="live") for number in chosen]
    try:
        made = Table(everything.sources, routes).decide("matches", event(body), NOW).triggers
    except Undecodable:
        return
    expected = [expectation(trigger) for trigger in made]
    shuffled.shuffle(expected)
    assert compare(expected, made) == []
    if expected:
        assert [type(fault) for fault in compare(expected[1:], made)] == [Unexpected]
        assert [type(fault) for fault in compare(expected, made[1:])] == [Missing]


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Table:
    return pool(tmp_path_factory.mktemp("pool"))


def differences(expected: Expected, trigger: Trigger) -> list[tuple[str, Any, Any]]:
    (fault,) = compare([expected], [trigger])
    assert isinstance(fault, Differs)
    return [(one.what, one.expected, one.actual) for one in fault.differences]


def test_a_context_is_compared_field_by_field(of: Table) -> None:
    trigger = only(of, event())
    context = copy.deepcopy(trigger.context) | {"minute": 13, "stage": "Final"}
    del context["assist"]
    assert differences(Expected(HERE, "goal", "00000000-abcd", context), trigger) == [
        ("minute", 13, 12),
        ("stage", "Final", MISSING),
        ("assist", MISSING, "Wirtz"),
    ]


def test_without_a_context_the_topic_key_alone_counts(of: Table) -> None:
    assert compare([Expected(HERE, "goal", "00000000-abcd")], [only(of, event())]) == []
    assert differences(Expected(HERE, "goal", "x"), only(of, event())) == [("topic_key", "x", "00000000-abcd")]


def test_a_reason_is_searched_for_a_regular_expression(of: Table) -> None:
    trigger = only(of, event(team={"id": "GER"}))
    assert compare([Expected(HERE, "goal", rejected="no team.n.me$")], [trigger]) == []
    (found,) = differences(Expected(HERE, "goal", rejected="no team.n.me at all"), trigger)
    assert found == (
        "verdict",
        "rejected: no team.n.me at all",
        "rejected: route goal: field team_name: the event has no team.name",
    )


def test_the_key_of_an_unmapped_one_is_exact(of: Table) -> None:
    trigger = only(of, event(team={"id": "BRA", "name": "Brazil"}))
    assert compare([Expected(HERE, "goal", unmapped="BRA")], [trigger]) == []
    assert differences(Expected(HERE, "goal", unmapped="BR"), trigger)[0][1] == "unmapped: BR"


def test_a_verdict_is_not_a_trigger_nor_the_other_way_round(of: Table) -> None:
    assert differences(Expected(HERE, "goal", "00000000-abcd"), only(of, event(minute="x")))[0][0] == "verdict"
    assert differences(Expected(HERE, "goal", rejected=""), only(of, event()))[0][0] == "verdict"


def test_the_trigger_of_another_route_is_another_trigger(of: Table) -> None:
    trigger = only(of, event())
    expected = Expected(HERE, "own-goal", trigger.topic_key, trigger.context)
    assert compare([expected], [trigger]) == [Missing(expected), Unexpected(trigger)]


def test_what_is_most_alike_is_paired(tmp_path: Path) -> None:
    keys = 'topic_key: [{lookup: teams, key: "{team.id}"}, "fans/{team.id}"]'
    of = table(tmp_path, TABLE.replace('topic_key: {lookup: teams, key: "{team.id}"}', keys))
    one, two = of.decide("matches", event(), NOW).triggers
    expected = [
        Expected(HERE, "goal", "fans/GER", {"minute": 1}),
        Expected(HERE, "goal", "00000000-abcd", {"minute": 1}),
    ]
    assert [fault.actual for fault in compare(expected, [one, two]) if isinstance(fault, Differs)] == [two, one]


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        (1, 1, True),
        (1, 1.0, False),
        (1, True, False),
        ("1", 1, False),
        ({"a": [1]}, {"a": [1]}, True),
        ({"a": [1]}, {"a": [True]}, False),
        ({"a": 1}, {"b": 1}, False),
        ([1], [1, 2], False),
        (None, MISSING, False),
    ],
)
def test_only_the_same_json_is_the_same(one: Any, other: Any, equal: bool) -> None:
    assert same(one, other) is equal
