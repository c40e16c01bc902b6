import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from bridge.events import Source
from bridge.tracecontext import Trace
from bridge.triggers import (
    Limit,
    OnUnknown,
    Priority,
    Rejected,
    Repeats,
    Trigger,
    Unmapped,
    partition_of,
    trigger_id,
)

TRIGGER = Trigger(
    id=trigger_id("acme", "goal", "teams/GER", "e1"),
    brand="acme",
    route="goal",
    event_generator_id="11111111-2222",
    topic_key="00000000-abcd",
    event_id="e1",
    dedup_key="e1",
    order_by="m1",
    priority=Priority.HIGH,
    on_unknown=OnUnknown.PARK,
    context={"minute": 12, "team_name": "Germany", "nested": {"a": [1, None, True]}},
    expires_at=1_770_322_620_000,
    event_time=1_770_322_320_000,
    received=1_770_322_320_100,
    source=Source("sports.match-events", 3, 17),
    table="abc",
    limit=Limit(max_calls=30, per=600_000, by="topic_key"),
)


def test_a_trigger_survives_its_record() -> None:
    assert Trigger.decode(TRIGGER.encode()) == TRIGGER


def test_a_verdict_survives_its_record() -> None:
    for verdict in (Rejected("no field minute"), Unmapped("teams", "GER", "lookup teams has no entry for GER")):
        trigger = structs.replace(TRIGGER, verdict=verdict, limit=None, order_by=None, event_time=None)
        assert Trigger.decode(trigger.encode()) == trigger


def test_what_is_a_test_says_so_and_nothing_else_takes_room_for_that() -> None:
    test = structs.replace(TRIGGER, test=True)
    assert Trigger.decode(test.encode()) == test
    assert b'"test"' not in TRIGGER.encode()
    with pytest.raises(ValueError, match=r"\$\.test"):
        Trigger.decode(test.encode().replace(b'"test":true', b'"test":"yes"'))


def test_a_trigger_is_written_as_in_the_first_release() -> None:
    # Whoever reads an older record, or a newer one while replicas are exchanged, finds every field.
    assert orjson.loads(TRIGGER.encode()) == {
        "id": TRIGGER.id,
        "brand": "acme",
        "route": "goal",
        "event_generator_id": "11111111-2222",
        "topic_key": "00000000-abcd",
        "event_id": "e1",
        "dedup_key": "e1",
        "order_by": "m1",
        "priority": "high",
        "on_unknown": "park",
        "context": {"minute": 12, "team_name": "Germany", "nested": {"a": [1, None, True]}},
        "expires_at": 1_770_322_620_000,
        "event_time": 1_770_322_320_000,
        "received": 1_770_322_320_100,
        "source": {"topic": "sports.match-events", "partition": 3, "offset": 17},
        "table": "abc",
        "limit": {"max_calls": 30, "per": 600_000, "by": "topic_key"},
        "verdict": None,
        "repeats": None,
        "supersede_by": None,
    }
    rare = structs.replace(
        TRIGGER,
        verdict=Unmapped("teams", "GER", "why", topic=True),
        repeats=Repeats("t0", 2, doubtful=True),
        trace=Trace("00-1-2-01", "a=1"),
    )
    written = orjson.loads(rare.encode())
    assert written["verdict"] == {
        "lookup": "teams",
        "key": "GER",
        "reason": "why",
        "topic": True,
        "outcome": "unmapped",
    }
    assert written["repeats"] == {"trigger": "t0", "number": 2, "doubtful": True}
    assert written["trace"] == {"parent": "00-1-2-01", "state": "a=1"}


@pytest.mark.parametrize("name", ["x", "", "F" * 32, "0" * 31])
def test_a_record_with_another_kind_of_id_is_no_trigger(name: str) -> None:
    with pytest.raises(ValueError, match="32 hexadecimal digits"):
        Trigger.decode(structs.replace(TRIGGER, id=name).encode())


@pytest.mark.parametrize(
    "written",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b"\xff",
        b"[" * 100_000,
        TRIGGER.encode().replace(b'{"minute":12', b'{"deep":' + b"[" * 50_000 + b"]" * 50_000 + b',"minute":12'),
        TRIGGER.encode().replace(b'"minute":12', b'"minute":1e999'),
        TRIGGER.encode().replace(b'"priority":"high"', b'"priority":"soon"'),
        TRIGGER.encode().replace(b'"partition":3', b'"partition":"3"'),
        TRIGGER.encode().replace(b'"brand":"acme"', b'"brand":""'),
        TRIGGER.encode().replace(b'"expires_at":1770322620000', b'"expires_at":true'),
        TRIGGER.encode().replace(b'"verdict":null', b'"verdict":{"outcome":"odd"}'),
    ],
)
def test_what_is_no_trigger_is_an_error_that_says_so(written: bytes) -> None:
    assert written != TRIGGER.encode()
    with pytest.raises(ValueError, match=r"."):
        Trigger.decode(written)


def test_a_trace_that_is_none_is_left_out_and_what_else_is_wrong_is_not() -> None:
    traced = structs.replace(TRIGGER, trace=Trace("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")).encode()
    for none in (b"7", b'"x"', b"[]", b"{}", b'{"parent":7}', b'{"parent":"00-1"}'):
        odd = traced.partition(b',"trace":')[0] + b',"trace":' + none + b"}"
        assert Trigger.decode(odd) == TRIGGER
        with pytest.raises(ValueError, match=r"\$\.received"):
            Trigger.decode(odd.replace(b'"received":1770322320100', b'"received":"now"'))


def test_a_field_of_a_newer_release_is_left_out() -> None:
    newer = TRIGGER.encode().replace(b'{"id"', b'{"greeting":"x","id"', 1)
    assert Trigger.decode(newer) == TRIGGER


def test_ids_are_what_they_were_in_the_first_release() -> None:
    # Changing the hash would call everyone again after an upgrade.
    assert trigger_id("acme", "goal", "teams/GER", "e1") == "cff9a39b4d8b05ea8da26251a0675be2"
    assert partition_of(None, "e1", 12) == 8


@given(st.lists(st.text(), min_size=4, max_size=4), st.lists(st.text(), min_size=4, max_size=4))
def test_two_triggers_share_an_id_only_when_all_their_parts_are_equal(one: list[str], two: list[str]) -> None:
    assert (trigger_id(*one) == trigger_id(*two)) == (one == two)


def test_a_record_of_a_release_without_supersede_by_is_a_trigger_that_nothing_replaces() -> None:
    older = TRIGGER.encode().replace(b',"supersede_by":null', b"", 1)
    assert older != TRIGGER.encode()
    assert Trigger.decode(older) == TRIGGER


def test_the_partition_is_by_order_or_else_by_what_is_replaced_or_else_by_the_dedup_key() -> None:
    plain = structs.replace(TRIGGER, order_by=None)
    update = structs.replace(plain, supersede_by="m7")
    assert plain.partition(12) == partition_of(None, "e1", 12)
    assert update.partition(12) == partition_of("m7", "e1", 12) != plain.partition(12)
    assert structs.replace(update, order_by="m1").partition(12) == TRIGGER.partition(12) == partition_of("m1", "e1", 12)


@given(st.none() | st.text(), st.text(), st.integers(1, 200))
def test_what_has_one_order_has_one_partition(order_by: str | None, dedup_key: str, partitions: int) -> None:
    partition = partition_of(order_by, dedup_key, partitions)
    assert 0 <= partition < partitions
    if order_by is not None:
        assert partition == partition_of(order_by, dedup_key + "x", partitions)
