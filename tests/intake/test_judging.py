"""What becomes of one record, without Kafka."""

from dataclasses import replace
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from intake.conftest import Judged, judge_of
from intake.workbench import Workbench, goal
from kafka.members import Read

from bridge.clock import SystemClock
from bridge.events import Event
from bridge.intake import dead_letter
from bridge.intake.fitting import trigger_record
from bridge.intake.judging import Judgement
from bridge.routing import Decided, Table
from bridge.routing.paths import parse_path
from bridge.triggers import Rejected, Trigger, partition_of


def now() -> int:
    """Not once for all: events are of this moment, and one from the future is rejected."""
    return SystemClock().now()


def reason_of(judgement: Judgement) -> str:
    """Of the only record that is no event."""
    ((place, reason),) = judgement.refusals
    assert place.offset == 17
    return reason


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"minute": None}, "minute"),
        ({"minute": "90+3"}, "minute"),
        ({"minute": True}, "minute"),
        ({"minute": 12.5}, "minute"),
        ({"team": {"id": "GER", "name": ""}}, "team"),
        ({"team": {"id": None, "name": "Germany"}}, "topic_key"),
        ({"team": []}, "team"),
        ({"occurred_at": None}, "event_time"),
        ({"occurred_at": "yesterday"}, "event_time"),
        ({"occurred_at": "2099-01-01T00:00:00Z"}, "event_time"),
        ({"match": {}}, "order_by"),
    ],
)
def test_missing_and_ill_typed_fields_are_rejected_with_a_reason(
    changes: dict[str, Any], reason: str, judged: Judged
) -> None:
    judgement, (trigger,) = judged(orjson.dumps(goal(1) | changes))
    assert isinstance(trigger.verdict, Rejected)
    assert reason in trigger.verdict.reason
    assert judgement.counts == {("matches", "rejected"): 1}


def test_two_sources_of_a_topic_decide_each_for_itself_and_make_one_dead_letter(bench_alone: Workbench) -> None:
    matches, goals = bench_alone.table.sources["matches"], bench_alone.table.routes["goal"]
    others = replace(matches, name="others", event_id=parse_path("other_id"))
    routes = [goals, replace(goals, name="other goals", source="others")]
    bench_alone.table = Table({"matches": matches, "others": others}, routes)
    judge = judge_of(bench_alone)
    both = judge.judge([Read(orjson.dumps(goal(1, other_id="o1")), topic=bench_alone.topic)], now())
    assert both.counts == {("matches", "trigger"): 1, ("others", "trigger"): 1}
    assert not both.refusals

    one = judge.judge([Read(orjson.dumps(goal(1)), topic=bench_alone.topic)], now())
    assert one.counts == {("matches", "trigger"): 1, ("others", "dead_letter"): 1}
    assert reason_of(one).startswith("source others: no event id")
    assert len(one.writes) == 2

    none = judge.judge([Read(b"broken", topic=bench_alone.topic)], now())
    assert none.counts == {("matches", "dead_letter"): 1, ("others", "dead_letter"): 1}
    assert reason_of(none).startswith("the value is not JSON")
    assert len(none.writes) == 1


def test_events_that_nobody_wants_are_counted_and_the_others_written_in_order(bench_alone: Workbench) -> None:
    values = [orjson.dumps(goal(number, type=kind)) for number, kind in enumerate(["goal", "corner", "goal", "corner"])]
    records = [
        Read(value, topic=bench_alone.topic) for value in (values[1], values[0], b"broken", values[2], values[3])
    ]
    judgement = judge_of(bench_alone).judge(records, now())
    assert judgement.counts == {("matches", "none"): 2, ("matches", "trigger"): 2, ("matches", "dead_letter"): 1}
    first, letter, second = judgement.writes
    assert [Trigger.decode(one.value or b"").event_id for one in (first, second)] == ["e0", "e2"]
    assert letter.value == b"broken"


def test_an_event_on_which_deciding_fails_is_a_dead_letter_and_logged(
    bench_alone: Workbench, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_source: str, _event: Event, _now: int) -> Decided:
        raise ZeroDivisionError

    monkeypatch.setattr(bench_alone.table, "decide", fail)
    judgement = judge_of(bench_alone).judge([Read(orjson.dumps(goal(1)), topic=bench_alone.topic)], now())
    assert "a fault of the bridge" in reason_of(judgement)
    assert "ZeroDivisionError" in caplog.text


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(
    changes=st.dictionaries(
        st.sampled_from(["id", "type", "occurred_at", "match", "team", "minute", "note", "extra"]), JSON
    )
)
def test_whatever_the_fields_hold_decisions_add_up(changes: dict[str, Any], judged: Judged) -> None:
    judgement, triggers = judged(orjson.dumps(goal(1) | changes))
    counts = {decision: count for (_, decision), count in judgement.counts.items()}
    written = counts.get("trigger", 0) + counts.get("rejected", 0) + counts.get("unmapped", 0)
    assert len(triggers) == written
    assert bool(judgement.refusals) == ("dead_letter" in counts)
    assert sum(counts.values()) == 1


@given(note=st.text(), limit=st.integers(2000, 6000), size=st.integers(0, 10_000))
def test_a_trigger_always_fits_and_keeps_its_id_and_partition(note: str, limit: int, size: int, judged: Judged) -> None:
    _, (trigger,) = judged(orjson.dumps(goal(1, note=note + "x" * size)))
    record, written = trigger_record(trigger, "t", 4, limit)
    assert record.size() <= limit
    assert record.key == trigger.id.encode()
    assert record.partition == partition_of(trigger.order_by, trigger.dedup_key, 4)
    assert written == trigger or isinstance(written.verdict, Rejected)


@given(
    value=st.none() | st.binary(max_size=3000),
    key=st.none() | st.binary(max_size=3000),
    header=st.binary(max_size=3000),
    limit=st.integers(1000, 20_000),
)
def test_a_dead_letter_always_fits_and_is_cut_only_when_it_must_be(
    value: bytes | None, key: bytes | None, header: bytes, limit: int
) -> None:
    read = Read(value, key, [("h", header)])
    letter = dead_letter(read, "not JSON", topic="d", now=now(), limit=limit)
    assert letter.size() <= limit
    headers = dict(letter.headers)
    assert headers["bridge-reason"] == b"not JSON"
    assert headers["bridge-source"] == b"matches/3/17"
    if "bridge-cut" in headers:
        assert (value or b"").startswith(letter.value or b"")
        assert headers["bridge-cut"] == str(len(value or b"")).encode()
    else:
        assert (letter.value, letter.key, headers["h"]) == (value, key, header)


def test_a_tombstone_is_a_dead_letter_unless_its_source_skips_them(bench_alone: Workbench) -> None:
    tombstone = Read(None, key=b"k", topic=bench_alone.topic)
    kept = judge_of(bench_alone).judge([tombstone], now())
    assert kept.counts == {("matches", "dead_letter"): 1}
    assert reason_of(kept) == "the record has no value (a tombstone)"

    matches = replace(bench_alone.table.sources["matches"], tombstones="skip")
    bench_alone.table = Table({"matches": matches}, bench_alone.table.routes.values())
    skipped = judge_of(bench_alone).judge([tombstone], now())
    assert (skipped.counts, skipped.writes, skipped.refusals) == ({("matches", "tombstone"): 1}, [], [])
    empty = judge_of(bench_alone).judge([replace(tombstone, value=b"")], now())
    assert empty.counts == {("matches", "dead_letter"): 1}
