import re
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs
from routing.tables import GOAL, NOW, TABLE, decided, event, only, reason, spoiled, table

from bridge.durations import parse_instant
from bridge.errors import Undecodable
from bridge.events import Source
from bridge.routing import Table, load_table
from bridge.triggers import OnUnknown, Priority, Rejected, Trigger, Unmapped, trigger_id

HAPPENED = parse_instant("2026-02-05T20:12:00Z")
KEY = 'topic_key: {lookup: teams, key: "{team.id}"}'
BOTH = 'topic_key: [{lookup: teams, key: "{team.id}"}, {lookup: teams, key: "{other.id}"}]'


def test_an_event_becomes_a_trigger_with_all_that_dispatch_needs(tmp_path: Path) -> None:
    of = table(tmp_path)
    trigger = only(of, event())
    assert trigger.id == trigger_id("acme", "goal", "teams/GER", "m1/e1")
    assert (trigger.brand, trigger.route, trigger.event_generator_id) == (
        "acme",
        "goal",
        "11111111-2222-3333-4444-555555555555",
    )
    assert (trigger.topic_key, trigger.event_id, trigger.dedup_key, trigger.order_by) == (
        "00000000-abcd",
        "e1",
        "m1/e1",
        "m1",
    )
    assert trigger.context == {
        "team_name": "Germany",
        "minute": 12,
        "url": "https://example.com/m/m1",
        "assist": "Wirtz",
    }
    assert (trigger.event_time, trigger.expires_at, trigger.received) == (HAPPENED, HAPPENED + 300_000, NOW)
    assert (trigger.priority, trigger.on_unknown, trigger.limit, trigger.verdict) == (
        Priority.NORMAL,
        OnUnknown.PARK,
        None,
        None,
    )
    assert (trigger.source, trigger.table) == (Source("sports.match-events", 3, 17), of.hash)


def test_the_policies_of_a_route_are_in_its_triggers(tmp_path: Path) -> None:
    policies = (
        "expires_after: 5m\n    priority: high\n    on_unknown: resend\n    limit: {max: 3, per: 10m, by: topic_key}"
    )
    trigger = only(table(tmp_path, spoiled("expires_after: 5m", policies)), event())
    assert (trigger.priority, trigger.on_unknown) == (Priority.HIGH, OnUnknown.RESEND)
    assert trigger.limit is not None
    assert (trigger.limit.max_calls, trigger.limit.per, trigger.limit.by) == (3, 600_000, "topic_key")


def test_what_no_route_matches_makes_nothing(tmp_path: Path) -> None:
    decision = table(tmp_path).decide("matches", event(type="corner"), NOW)
    assert (decision.event_id, decision.triggers, decision.shadow) == ("e1", (), 0)


def test_a_condition_that_does_not_hold_makes_nothing(tmp_path: Path) -> None:
    assert decided(table(tmp_path), event(minute=121)) == ()


@pytest.mark.parametrize(
    "body",
    [{"type": "goal"}, {"id": None}, {"id": ""}, {"id": True}, {"id": 1.5}, {"id": ["x"]}, ["id"], "id", 5, None],
)
def test_an_event_without_a_readable_id_is_undecodable(tmp_path: Path, body: Any) -> None:
    with pytest.raises(Undecodable, match="no event id: "):
        table(tmp_path).decide("matches", event(body), NOW)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"minute": "90+3"}, "route goal: when: .*fails"),
        ({"minute": ...}, "route goal: when: .* there is no minute; field minute: the event has no minute"),
        ({"team": {"id": "GER"}}, "^route goal: field team_name: the event has no team.name$"),
        ({"team": {"id": "GER", "name": None}}, "field team_name: team.name is null"),
        ({"team": {"id": "GER", "name": " "}}, "field team_name: team.name is empty"),
        ({"team": {"id": "GER", "name": 5}}, "field team_name should be a string, is integer 5"),
        ({"team": {"id": "GER", "name": "x" * 500}, "assist": {"name": 7}}, "field assist should be a string, is integer 7"),
        ({"minute": 16.0}, "field minute should be an integer, is number 16.0"),
        ({"match": {"id": "a b"}}, 'field url should be a url .* is string "https://example.com/m/a b"'),
        ({"match": {"id": True}}, "order_by: match.id should be a string or an integer, is boolean true"),
        ({"match": {}}, "order_by: the event has no match.id; dedup_key: the event has no match.id"),
        ({"team": {"name": "x"}}, "topic_key: the event has no team.id"),
        ({"team": {"id": 1.5, "name": "x"}}, "topic_key: team.id should be a string or an integer, is number 1.5"),
        ({"occurred_at": ...}, "event_time: the event has no occurred_at"),
        ({"occurred_at": "2026-02-05T20:12:00"}, "event_time: occurred_at should be an RFC 3339 time with a zone"),
        ({"occurred_at": 1_770_000_000}, "event_time: .* is integer 1770000000"),
        ({"occurred_at": "2026-02-05T20:17:02Z"}, "event_time is 301 s ahead of this service's clock"),
    ],
)  # fmt: skip
def test_what_can_not_be_sent_as_agreed_is_rejected_and_says_why(
    tmp_path: Path, changes: dict[str, Any], why: str
) -> None:
    of = table(tmp_path)
    said = reason(of, event(**changes))
    assert re.search(why, said), said
    assert len(said) < 500
    assert only(of, event(**changes)).context == {}


def test_an_event_up_to_five_minutes_ahead_is_taken(tmp_path: Path) -> None:
    assert only(table(tmp_path), event(occurred_at="2026-02-05T20:17:01Z")).verdict is None


def test_an_expired_event_is_still_a_trigger(tmp_path: Path) -> None:
    trigger = only(table(tmp_path), event(occurred_at="2020-01-01T00:00:00Z"))
    assert trigger.verdict is None
    assert trigger.expires_at < NOW


@pytest.mark.parametrize("assist", [..., None, {}, {"name": None}, {"name": ""}, "nobody"])
def test_an_optional_field_that_the_event_lacks_is_left_out(tmp_path: Path, assist: Any) -> None:
    trigger = only(table(tmp_path), event(assist=assist))
    assert trigger.verdict is None
    assert "assist" not in trigger.context


def test_a_list_of_topic_keys_makes_a_trigger_for_each(tmp_path: Path) -> None:
    of = table(tmp_path, spoiled(KEY, BOTH))
    one, other = decided(of, event(other={"id": "FRA"}))
    assert (one.topic_key, other.topic_key) == ("00000000-abcd", "topic+FRA")
    assert one.id != other.id


def test_one_key_of_a_list_may_be_unmapped_or_rejected_while_the_other_is_sent(tmp_path: Path) -> None:
    of = table(tmp_path, spoiled(KEY, BOTH))
    sent, unmapped = decided(of, event(other={"id": "CRC"}))
    assert sent.verdict is None
    assert isinstance(unmapped.verdict, Unmapped)
    sent, rejected = decided(of, event())
    assert sent.verdict is None
    assert isinstance(rejected.verdict, Rejected)


def test_keys_that_come_to_the_same_make_one_trigger(tmp_path: Path) -> None:
    assert len(decided(table(tmp_path, spoiled(KEY, BOTH)), event(other={"id": "GER"}))) == 1
    texts = table(tmp_path, spoiled(KEY, 'topic_key: ["{team.id}", {lookup: teams, key: "{team.id}"}, topic+FRA]'))
    keys = [trigger.topic_key for trigger in decided(texts, event(team={"id": "FRA", "name": "France"}))]
    assert keys == ["FRA", "topic+FRA"]


def test_every_route_that_matches_fires_and_one_in_shadow_is_only_counted(tmp_path: Path) -> None:
    route = TABLE[TABLE.index("  - name: goal") :]
    others = "".join(
        route.replace("name: goal", f"name: {mode}\n    mode: {mode}").replace(
            KEY, f"topic_key: [of-{mode}, too-{mode}]"
        )
        for mode in ("live", "shadow", "off")
    )
    decision = table(tmp_path, TABLE + others).decide("matches", event(), NOW)
    assert [trigger.route for trigger in decision.triggers] == ["goal", "live", "live"]
    assert decision.shadow == 2


def test_ids_are_the_same_over_redelivery_and_other_lookups(tmp_path: Path) -> None:
    of = table(tmp_path)
    later = of.decide("matches", event(), NOW + 60_000).triggers[0]
    assert later.id == only(of, event()).id
    (tmp_path / "teams.csv").write_text("team_id,topic_key\nGER,another\n")
    assert only(load_table(tmp_path / "routes.yaml", {}), event()).id == later.id


def test_two_bad_events_have_two_ids_though_their_parts_can_not_be_read(tmp_path: Path) -> None:
    of = table(tmp_path)
    one, other = (only(of, event(id=event_id, match={}, team={})) for event_id in ("e1", "e2"))
    assert one.id != other.id
    assert one.order_by is None


def test_a_bad_event_does_not_take_the_id_of_the_good_one_with_the_same_business_key(tmp_path: Path) -> None:
    of = table(tmp_path, spoiled('dedup_key: "{match.id}/{id}"', 'dedup_key: "{match.id}/{minute}"'))
    bad = only(of, event(id="e1", team={"id": "GER"}))
    good = only(of, event(id="e2"))
    assert bad.dedup_key != good.dedup_key
    assert bad.id != good.id


def superseding(folder: Path, value: str) -> Table:
    return table(folder, spoiled("expires_after: 5m", f'expires_after: 5m\n    supersede_by: "{value}"'))


def test_a_trigger_carries_its_supersede_by_value(tmp_path: Path) -> None:
    assert only(table(tmp_path), event()).supersede_by is None
    assert only(superseding(tmp_path, "{match.id}/{minute}"), event()).supersede_by == "m1/12"


@pytest.mark.parametrize(
    ("minute", "why"),
    [(1.5, "supersede_by: minute should be a string or an integer, is number 1.5"), (..., "the event has no minute")],
)
def test_a_supersede_by_that_can_not_be_read_is_rejected(tmp_path: Path, minute: Any, why: str) -> None:
    of = superseding(tmp_path, "{match.id}/{minute}")
    bad = event(minute=minute)
    assert why in reason(of, bad)
    assert only(of, bad).supersede_by is None


def test_a_supersede_by_that_is_too_long_for_every_ledger_record_is_rejected(tmp_path: Path) -> None:
    long = event(match={"id": "m" * 600}, team={"id": "GER", "name": "x" * 600})
    assert "supersede_by: the text is longer than 1000" in reason(superseding(tmp_path, "{match.id}/{team.name}"), long)


def test_supersede_by_changes_no_id(tmp_path: Path) -> None:
    assert only(superseding(tmp_path, "{match.id}"), event()).id == only(table(tmp_path), event()).id


def test_a_business_key_gives_one_id_to_events_with_new_ids(tmp_path: Path) -> None:
    of = table(tmp_path, spoiled('dedup_key: "{match.id}/{id}"', 'dedup_key: "{match.id}/{minute}"'))
    assert only(of, event(id="e1")).id == only(of, event(id="e2")).id


@pytest.mark.parametrize(
    ("unit", "value", "expected"),
    [
        ("epoch_ms", HAPPENED, HAPPENED),
        ("epoch_s", HAPPENED // 1000, HAPPENED),
        ("epoch_s", HAPPENED / 1000 + 0.25, HAPPENED + 250),
        ("epoch_ms", float(HAPPENED), "should be a number of milliseconds"),
        ("epoch_ms", str(HAPPENED), "should be a number of milliseconds"),
        ("epoch_s", True, "should be a number of seconds"),
        ("epoch_s", 1e300, "is no time since 1970"),
        ("epoch_ms", -1, "is no time since 1970"),
    ],
)
def test_an_event_time_may_be_a_number(tmp_path: Path, unit: str, value: Any, expected: int | str) -> None:
    of = table(tmp_path, spoiled("event_time: occurred_at", f"event_time: {{path: occurred_at, unit: {unit}}}"))
    if isinstance(expected, int):
        assert only(of, event(occurred_at=value)).event_time == expected
    else:
        assert expected in reason(of, event(occurred_at=value))


def test_without_an_event_time_the_records_timestamp_counts(tmp_path: Path) -> None:
    of = table(tmp_path, spoiled("    event_time: occurred_at\n", ""))
    assert only(of, event()).event_time == NOW - 1000


def test_a_record_that_kafka_gave_no_timestamp_has_no_time(tmp_path: Path) -> None:
    of = table(tmp_path, spoiled("    event_time: occurred_at\n", ""))
    assert reason(of, structs.replace(event(), timestamp=-1)) == "route goal: event_time: the record has no timestamp"


def test_a_context_may_be_nested_and_computed_and_looked_up(tmp_path: Path) -> None:
    contract = "context:\n      team_name: string\n      more: object\n      list: array\n      topic: string\n      raw: string\n"
    text = spoiled("context:\n      team_name: string\n", contract)
    given = (
        '    context:\n      more: {match: {id: "{match.id}", big: {cel: event.minute > 10}}, fixed: 3}\n'
        '      list: ["{minute}", "{team.name}!"]\n      topic: {lookup: teams, key: "{team.id}"}\n      raw: {value: "{x}"}\n'
    )
    head, tail = text.rsplit("    context:\n", 1)
    context = only(table(tmp_path, head + given + tail), event()).context
    assert context["more"] == {"match": {"id": "m1", "big": True}, "fixed": 3}
    assert context["list"] == [12, "Germany!"]
    assert (context["topic"], context["raw"]) == ("00000000-abcd", "{x}")


def test_a_nested_value_that_the_event_lacks_rejects_the_event(tmp_path: Path) -> None:
    text = spoiled("      assist: {type: string, required: false}\n", "      assist: object\n")
    of = table(tmp_path, spoiled('assist: "{assist.name}"', 'assist: {who: {name: "{assist.name}"}}', text))
    assert only(of, event()).context["assist"] == {"who": {"name": "Wirtz"}}
    assert "field assist: assist.name is null" in reason(of, event(assist={"name": None}))


def test_a_key_error_of_an_unknown_source_is_a_fault_of_the_caller(tmp_path: Path) -> None:
    with pytest.raises(KeyError):
        table(tmp_path).decide("nope", event(GOAL), NOW)


@pytest.mark.parametrize(
    ("topic", "field", "alone"),
    [
        ("CRC", "{lookup: teams, key: '{team.id}'}", False),
        ("CRC", "'a team'", True),
        ("GER", "{lookup: teams, key: CRC}", False),
    ],
)
def test_unmapped_says_whether_it_is_the_topic_alone_that_is_missing(
    tmp_path: Path, topic: str, field: str, alone: bool
) -> None:
    of = table(tmp_path, spoiled('team_name: "{team.name}"', f"team_name: {field}"))
    verdict = only(of, event(team={"id": topic, "name": "Costa Rica"})).verdict
    assert isinstance(verdict, Unmapped)
    assert (verdict.key, verdict.topic) == ("CRC", alone)
    assert Trigger.decode(only(of, event(team={"id": topic, "name": "Costa Rica"})).encode()).verdict == verdict
