"""Which trigger a test is: what the event means to its route, and nothing that could touch a real one."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from routing.tables import GOAL, NOW, TABLE, spoiled, table

from bridge.durations import format_instant
from bridge.events import Source
from bridge.recorded.records import NotRecorded, bare, enveloped
from bridge.routing.table import Table
from bridge.sending.planning import Asked, NoTest, Planned, Room, explained, plan, takes
from bridge.triggers import Limit, Trigger

KEY = "colleagues"
ROOM = Room("bridge.triggers", 12, 1_000_000)
MINUTE = 60_000


def asked(**changes: Any) -> Asked:
    return replace(Asked(KEY, "test-1", NOW), **changes)


def planned(of: Table, room: Room = ROOM, /, ask: Asked | None = None, **changes: Any) -> Planned:
    """The test that the goal makes, but for what is changed; a change to None takes a field out."""
    event = {name: value for name, value in (GOAL | changes).items() if value is not None}
    found = explained(of, "goal", bare(orjson.dumps(event), NOW), NOW)
    assert takes(found)
    return plan(found, asked() if ask is None else ask, room)


def real(of: Table, **changes: Any) -> Trigger:
    """What the table makes of that goal when it is published."""
    record = bare(orjson.dumps(GOAL | changes), NOW)
    (found,) = explained(of, "goal", record, NOW).routes
    return found.triggers[0]


def test_it_is_what_the_table_decides_but_for_whom_when_and_under_which_id(tmp_path: Path) -> None:
    of = table(tmp_path)
    made = planned(of)
    decided = real(of)
    trigger = made.trigger
    assert (trigger.context, trigger.brand, trigger.event_generator_id, trigger.priority, trigger.on_unknown) == (
        decided.context,
        decided.brand,
        decided.event_generator_id,
        decided.priority,
        decided.on_unknown,
    )
    assert trigger.context["team_name"] == "Germany"
    assert (trigger.topic_key, made.instead_of) == (KEY, ("00000000-abcd",))
    assert trigger.test
    assert not decided.test
    assert trigger.source == Source("sports.match-events", -1, -1)
    assert made.partition == trigger.partition(12)


@pytest.mark.parametrize("day", ["2020-02-05T20:12:00Z", "2026-02-05T20:12:00Z", "2031-02-05T20:12:00Z"])
def test_the_time_of_the_sample_does_not_matter_it_happens_now(tmp_path: Path, day: str) -> None:
    trigger = planned(table(tmp_path), occurred_at=day).trigger
    assert (trigger.event_time, trigger.received, trigger.expires_at) == (NOW, NOW, NOW + 5 * MINUTE)


def test_it_never_has_the_id_the_dedup_key_or_the_order_of_a_real_one_or_of_another_test(tmp_path: Path) -> None:
    of = table(
        tmp_path,
        spoiled('dedup_key: "{match.id}/{id}"', 'supersede_by: "{match.id}"\n    dedup_key: "{match.id}/{id}"'),
    )
    one, other = planned(of).trigger, planned(of, ask=asked(event_id="test-2")).trigger
    decided = real(of)
    for name in ("id", "event_id", "dedup_key", "order_by", "supersede_by"):
        values = [getattr(trigger, name) for trigger in (decided, one, other)]
        assert None not in values, name
        assert len(set(values)) == 3, name


def test_without_order_and_supersede_by_it_has_none_either(tmp_path: Path) -> None:
    trigger = planned(table(tmp_path, spoiled("    order_by: match.id\n", ""))).trigger
    assert (trigger.order_by, trigger.supersede_by) == (None, None)


def test_the_limit_of_its_route_is_not_its_own(tmp_path: Path) -> None:
    of = table(tmp_path, TABLE + "    limit: {max: 1, per: 10m, by: route}\n")
    assert real(of).limit == Limit(1, 10 * MINUTE, "route")
    assert planned(of).trigger.limit is None


def test_a_route_in_shadow_can_be_tried_and_one_that_is_off_can_not(tmp_path: Path) -> None:
    assert planned(table(tmp_path, TABLE + "    mode: shadow\n")).trigger.test
    found = explained(table(tmp_path, TABLE + "    mode: off\n"), "goal", bare(orjson.dumps(GOAL), NOW), NOW)
    with pytest.raises(NoTest, match="route goal is off"):
        takes(found)


@pytest.mark.parametrize("event", [GOAL | {"type": "corner"}, GOAL | {"minute": 121}, GOAL | {"id": None}, []])
def test_an_event_that_the_route_does_not_take_makes_none(tmp_path: Path, event: Any) -> None:
    assert not takes(explained(table(tmp_path), "goal", bare(orjson.dumps(event), NOW), NOW))


def test_only_the_route_that_was_named_counts(tmp_path: Path) -> None:
    route = TABLE[TABLE.index("  - name: goal") :]
    of = table(
        tmp_path,
        TABLE
        + route.replace("name: goal", "name: second").replace(
            'topic_key: {lookup: teams, key: "{team.id}"}', "topic_key: everybody"
        ),
    )
    found = explained(of, "second", bare(orjson.dumps(GOAL), NOW), NOW)
    assert [one.route.name for one in found.routes] == ["second"]
    assert plan(found, asked(), ROOM).trigger.route == "second"
    with pytest.raises(NotRecorded, match=re.escape("there is no route secnd; did you mean 'second'?")):
        explained(of, "secnd", bare(orjson.dumps(GOAL), NOW), NOW)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"minute": "90+3"}, "field minute"),
        ({"occurred_at": "yesterday"}, "event_time"),
        ({"match": {"id": 1.5}}, "order_by"),
    ],
)
def test_what_would_be_rejected_is_not_sent_and_says_why(tmp_path: Path, changes: dict[str, Any], why: str) -> None:
    with pytest.raises(NoTest, match=f"would be rejected.*{why}"):
        planned(table(tmp_path), **changes)


def test_a_topic_that_the_lookup_lacks_does_not_matter_but_what_the_context_lacks_does(tmp_path: Path) -> None:
    made = planned(table(tmp_path), team={"id": "XXX", "name": "Nowhere"})
    assert (made.trigger.topic_key, made.trigger.verdict, made.instead_of) == (KEY, None, ())
    assert made.trigger.context["team_name"] == "Nowhere"
    looked_up = spoiled('team_name: "{team.name}"', 'team_name: {lookup: teams, key: "{team.id}"}')
    with pytest.raises(NoTest, match="would be unmapped"):
        planned(table(tmp_path, looked_up), team={"id": "XXX", "name": "Nowhere"})


@pytest.mark.parametrize(
    ("key", "why"), [("00000000-abcd", "this event is for it"), ("topic+FRA", "lookup teams has it for FRA")]
)
def test_a_topic_key_that_the_route_knows_is_a_real_audience_unless_a_person_says_otherwise(
    tmp_path: Path, key: str, why: str
) -> None:
    of = table(tmp_path)
    with pytest.raises(NoTest, match=re.escape(why)):
        planned(of, ask=asked(topic_key=key))
    assert planned(of, ask=asked(topic_key=key, known_too=True)).trigger.topic_key == key


def test_of_a_route_with_several_topic_keys_there_is_one_test(tmp_path: Path) -> None:
    several = spoiled(
        'topic_key: {lookup: teams, key: "{team.id}"}', 'topic_key: [everybody, {lookup: teams, key: "{team.id}"}]'
    )
    made = planned(table(tmp_path, several))
    assert made.instead_of == ("everybody", "00000000-abcd")
    with pytest.raises(NoTest, match="this event is for it"):
        planned(table(tmp_path, several), ask=asked(topic_key="everybody"))


def test_one_that_its_topic_would_not_take_is_not_sent(tmp_path: Path) -> None:
    with pytest.raises(NoTest, match="at most 100"):
        planned(table(tmp_path), replace(ROOM, limit=100))


def test_headers_and_key_of_an_envelope_count(tmp_path: Path) -> None:
    of = table(tmp_path, spoiled('team_name: "{team.name}"', 'team_name: "{$headers.team}"'))
    told = {"value": GOAL, "headers": {"team": "From a header"}, "topic": "elsewhere", "timestamp": format_instant(NOW)}
    found = explained(of, "goal", enveloped(orjson.dumps(told), "a file", NOW), NOW)
    assert takes(found)
    assert plan(found, asked(), ROOM).trigger.context["team_name"] == "From a header"
