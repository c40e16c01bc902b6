"""What two tables make of one event, held against each other."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from explaining.anytable import pool
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs
from routing.tables import GOAL, NOW, TABLE, event, spoiled, table
from routing.test_properties import EVENTS

from bridge.diffing.comparing import changes
from bridge.errors import Undecodable
from bridge.routing import Table
from bridge.triggers import Rejected, Trigger, Unmapped

SOME = st.lists(st.integers(0, 191), max_size=4, unique=True)


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Table:
    return pool(tmp_path_factory.mktemp("pool"))


def some(everything: Table, numbers: list[int], renamed: bool = False) -> Table:
    """Of these routes; `renamed`, so that two tables have routes of one name that are not the same."""
    routes = [replace(everything.routes[f"r{number}"], mode="live") for number in numbers]
    named = [replace(route, name=f"route-{index}") for index, route in enumerate(routes)]
    return Table(everything.sources, named if renamed else routes)


def decided(of: Table, body: Any) -> tuple[Trigger, ...]:
    try:
        return of.decide("matches", event(body), NOW).triggers
    except Undecodable:
        return ()


def meaning(triggers: tuple[Trigger, ...]) -> Counter[bytes]:
    """What would be sent or told, without what says which table decided, or why it is rejected."""

    def texts() -> Iterator[bytes]:
        for one in triggers:
            match one.verdict:
                case None:
                    yield whole(one)
                case Rejected():
                    yield f"{one.route} rejected".encode()
                case Unmapped(key=key):
                    yield f"{one.route} unmapped {key}".encode()

    return Counter(texts())


def whole(trigger: Trigger) -> bytes:
    return orjson.dumps(orjson.loads(structs.replace(trigger, table="").encode()), option=orjson.OPT_SORT_KEYS)


@settings(deadline=None)  # tables are made in each example, and the machine may be busy
@given(numbers=SOME, body=EVENTS)
def test_a_table_differs_in_nothing_from_itself(everything: Table, numbers: list[int], body: Any) -> None:
    of = some(everything, numbers)
    assert list(changes(decided(of, body), decided(of, body), (of, of))) == []


@settings(deadline=None)  # tables are made in each example, and the machine may be busy
@given(one=SOME, other=SOME, renamed=st.booleans(), body=EVENTS)
def test_no_change_is_overlooked_and_none_is_made_up(
    everything: Table, one: list[int], other: list[int], renamed: bool, body: Any
) -> None:
    old, new = some(everything, one, renamed), some(everything, other, renamed)
    before, after = decided(old, body), decided(new, body)
    found = list(changes(before, after, (old, new)))
    if not found:
        assert meaning(before) == meaning(after)
    if Counter(map(whole, before)) == Counter(map(whole, after)):
        assert not found


@settings(deadline=None)  # tables are made in each example, and the machine may be busy
@given(one=SOME, other=SOME, body=EVENTS)
def test_the_other_way_round_everything_is_the_other_way_round(
    everything: Table, one: list[int], other: list[int], body: Any
) -> None:
    old, new = some(everything, one, renamed=True), some(everything, other, renamed=True)
    there = changes(decided(old, body), decided(new, body), (old, new))
    back = changes(decided(new, body), decided(old, body), (new, old))

    def kinds(found: Any) -> list[list[str]]:
        return sorted(sorted(change.kinds) for change in found)

    exchanged = [
        [kind.replace("in old", "in *").replace("in new", "in old").replace("in *", "in new") for kind in found]
        for found in kinds(back)
    ]
    assert kinds(there) == sorted(map(sorted, exchanged))


def between(tmp_path: Path, new: str, body: Any = GOAL, old: str = TABLE) -> list[tuple[str, Any, Any]]:
    """The parts in which the only trigger differs."""
    tables = (table(tmp_path, old), table(tmp_path, new))
    (change,) = changes(decided(tables[0], body), decided(tables[1], body), tables)
    return [(part.what, part.expected, part.actual) for part in change.parts]


@pytest.mark.parametrize(
    ("old", "new", "part"),
    [
        ('"{minute}"', '"{match.minute}"', ("context: minute", 12, 13)),
        ('topic_key: {lookup: teams, key: "{team.id}"}', "topic_key: abc", ("topic key", "00000000-abcd", "abc")),
        ("expires_after: 5m", "expires_after: 6m", ("expiry", "5m", "6m")),
        ("expires_after: 5m", "expires_after: 5m\n    priority: high", ("priority", "normal", "high")),
        ("expires_after: 5m", "expires_after: 5m\n    on_unknown: resend", ("on_unknown", "park", "resend")),
        ("expires_after: 5m", "expires_after: 5m\n    dedup_window: 7d", ("dedup_window", "1d", "7d")),
        ("expires_after: 5m", "expires_after: 5m\n    limit: {max: 3, per: 10m}", ("limit", None, "3 in 10m by route")),
        ("order_by: match.id", "order_by: team.id", ("order", "m1", "GER")),
        ("event_time: occurred_at", "event_time: match.at", ("event time", NOW - 1000, NOW - 2000)),
        (
            "id: 11111111-2222-3333-4444-555555555555",
            "id: x",
            ("generator", "11111111-2222-3333-4444-555555555555", "x"),
        ),
        ("brand: acme", "brand: other", ("brand", "acme", "other")),
    ],
)
def test_each_part_of_what_is_sent_is_compared(tmp_path: Path, old: str, new: str, part: tuple[str, Any, Any]) -> None:
    body = GOAL | {"match": {"id": "m1", "minute": 13, "at": "2026-02-05T20:11:59Z"}}
    base = spoiled('    dedup_key: "{match.id}/{id}"\n', "")
    assert part in between(tmp_path, spoiled(old, new, base), body, base)


def test_a_verdict_that_changes_is_all_that_is_told(tmp_path: Path) -> None:
    new = spoiled('"{team.name}"', '"{team.title}"')
    assert between(tmp_path, new) == [("verdict", "called", "rejected")]


def test_another_dedup_key_is_another_trigger_and_nothing_else(tmp_path: Path) -> None:
    (part,) = between(tmp_path, spoiled('"{match.id}/{id}"', '"{match.id}/{minute}"'))
    assert part[0] == "trigger id"


def test_triggers_of_other_ids_are_paired_by_their_topic_keys(tmp_path: Path) -> None:
    one = spoiled('topic_key: {lookup: teams, key: "{team.id}"}', "topic_key: [a, b]")
    other = spoiled('topic_key: {lookup: teams, key: "{team.id}"}', "topic_key: [b, a]").replace(
        '"{match.id}/{id}"', '"{match.id}/{minute}"'
    )
    tables = (table(tmp_path, one), table(tmp_path, other))
    found = list(changes(decided(tables[0], GOAL), decided(tables[1], GOAL), tables))
    assert [change.kinds for change in found] == [("other trigger id",)] * 2


def test_a_number_of_another_type_is_another_context(tmp_path: Path) -> None:
    of = table(tmp_path)
    (made,) = decided(of, GOAL)
    other = structs.replace(made, context=made.context | {"minute": 12.0})
    (change,) = changes([made], [other], (of, of))
    assert change.kinds == ("other context: minute",)
