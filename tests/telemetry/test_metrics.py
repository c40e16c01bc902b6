import re
from collections.abc import Callable
from math import inf

import pytest
from prometheus_client import CollectorRegistry

from bridge.events import Source
from bridge.telemetry import Telemetry


class Hands:
    """A clock that stands still until it is turned."""

    def __init__(self) -> None:
        self.wall = 1_000_000
        self.age = 50.0

    def now(self) -> int:
        return self.wall

    def boottime(self) -> float:
        return self.age


class Board:
    """A telemetry and what its registry shows."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.clock = Hands()
        self.tell = Telemetry(self.registry, self.clock)

    def shows(self, name: str, **labels: str) -> float | None:
        return self.registry.get_sample_value(f"bridge_{name}", labels)


@pytest.fixture
def board() -> Board:
    return Board()


def test_decisions_are_counted_by_source(board: Board) -> None:
    board.tell.event_decided("matches", "trigger", 2)
    board.tell.event_decided("matches", "none")
    board.tell.event_decided("matches", "trigger")
    assert board.shows("events_total", source="matches", decision="trigger") == 3
    assert board.shows("events_total", source="matches", decision="none") == 1


def test_a_dead_letter_is_counted_by_its_topic(board: Board) -> None:
    board.tell.dead_letter(Source("sports", 1, 2), "not JSON")
    assert board.shows("dead_letters_total", topic="sports") == 1


def test_every_trigger_counts_once_whichever_way_it_ended(board: Board) -> None:
    board.tell.trigger_ended("acme", "goal", "expired", trigger_id="t1", event_id="e1", reason="late")
    board.tell.execution_ended("acme", "goal", "published", trigger_id="t2", execution_id="x", seconds_since_call=3)
    assert board.shows("triggers_total", brand="acme", route="goal", outcome="expired") == 1
    assert board.shows("triggers_total", brand="acme", route="goal", outcome="published") == 1
    assert board.shows("call_to_end_seconds_sum", brand="acme", route="goal") == 3


def test_a_call_is_counted_and_measured(board: Board) -> None:
    board.tell.call_ended(
        "acme", "goal", "accepted", trigger_id="t", event_id="e", seconds=0.02, event_age_seconds=1.5, status=202
    )
    assert board.shows("calls_total", brand="acme", end="accepted") == 1
    assert board.shows("event_to_call_seconds_sum", brand="acme", route="goal") == 1.5
    assert board.shows("call_seconds_sum", brand="acme") == 0.02


@pytest.mark.parametrize("end", ["not_sent", "unknown"])
def test_a_call_without_an_answer_says_nothing_of_the_vendors_speed(board: Board, end: str) -> None:
    board.tell.call_ended("acme", "goal", end, trigger_id="t", event_id="e", seconds=9)
    assert board.shows("call_seconds_count", brand="acme") is None


def test_a_call_that_did_not_leave_says_nothing_of_how_late_it_left(board: Board) -> None:
    board.tell.call_ended("acme", "goal", "not_sent", trigger_id="t", event_id="e", seconds=9, event_age_seconds=4)
    assert board.shows("call_seconds_count", brand="acme") is None
    assert board.shows("event_to_call_seconds_count", brand="acme", route="goal") is None


def test_an_event_from_the_future_has_no_negative_age(board: Board) -> None:
    board.tell.call_ended("a", "r", "accepted", trigger_id="t", event_id="e", seconds=1, event_age_seconds=-2)
    assert board.shows("event_to_call_seconds_sum", brand="a", route="r") == 0


@pytest.mark.parametrize(
    ("outcome", "audience", "zero", "people"),
    [("published", 0, 1, None), ("published", 7, None, 7), ("published", None, None, None), ("failed", 0, None, None)],
)
def test_an_audience_of_nobody_is_counted_apart(
    board: Board, outcome: str, audience: int | None, zero: float | None, people: float | None
) -> None:
    board.tell.execution_ended("acme", "goal", outcome, trigger_id="t", execution_id="x", audience=audience)
    assert board.shows("audience_zero_total", brand="acme", route="goal") == zero
    assert board.shows("audience_total", brand="acme", route="goal") == people


def test_an_audience_far_below_the_usual_one_is_counted_apart_and_all_the_same(board: Board) -> None:
    for usual in (1000, None):
        board.tell.execution_ended(
            "acme", "goal", "published", trigger_id="t", execution_id="x", audience=7, usual_audience=usual
        )
    assert board.shows("audience_dropped_total", brand="acme", route="goal") == 1
    assert board.shows("audience_total", brand="acme", route="goal") == 14


def test_a_hold_is_shown_until_it_is_released(board: Board) -> None:
    board.tell.hold_set("route/goal", "limit", None)
    assert board.shows("hold_active", scope="route/goal", reason="limit") == 1
    board.tell.hold_released("route/goal", "limit")
    assert board.shows("hold_active", scope="route/goal", reason="limit") is None


def test_a_hold_is_over_when_its_time_is(board: Board) -> None:
    board.tell.hold_set("brand/acme", "throttled", board.clock.wall + 3_000)
    assert board.shows("hold_active", scope="brand/acme", reason="throttled") == 1
    board.clock.wall += 3_000
    assert board.shows("hold_active", scope="brand/acme", reason="throttled") == 0


def test_a_scope_may_be_held_for_two_reasons(board: Board) -> None:
    board.tell.hold_set("brand/acme", "throttled", None)
    board.tell.hold_set("brand/acme", "operator", None)
    board.tell.hold_released("brand/acme", "throttled")
    assert board.shows("hold_active", scope="brand/acme", reason="throttled") is None
    assert board.shows("hold_active", scope="brand/acme", reason="operator") == 1


def test_lag_is_the_sum_over_the_partitions_that_are_ours(board: Board) -> None:
    board.tell.partition_assigned("intake", [("sports", 0), ("sports", 1)])
    board.tell.lag("intake", "sports", 0, 10)
    board.tell.lag("intake", "sports", 1, 5)
    board.tell.lag("intake", "sports", 0, 4)
    assert board.shows("consumer_lag_records", stage="intake", topic="sports") == 9
    board.tell.partition_revoked("intake", [("sports", 1)])
    assert board.shows("consumer_lag_records", stage="intake", topic="sports") == 4
    assert board.shows("partitions_assigned", stage="intake") == 1


def test_the_ledgers_in_memory_are_summed(board: Board) -> None:
    board.tell.ledger_size(0, 100, 3)
    board.tell.ledger_size(1, 50, 2)
    board.tell.ledger_size(0, 110, 1)
    assert (board.shows("ledger_remembered_ids"), board.shows("ledger_open_items")) == (160, 3)
    board.tell.ledger_closed(0)
    assert (board.shows("ledger_remembered_ids"), board.shows("ledger_open_items")) == (50, 2)


def test_claims_and_losses_are_counted(board: Board) -> None:
    board.tell.ledger_claimed(0, 17, 1_000, 0.5)
    board.tell.ledger_lost(0, 20)
    assert (board.shows("ledger_claims_total"), board.shows("ledger_losses_total")) == (1, 1)
    assert (board.shows("ledger_restored_records_total"), board.shows("ledger_restore_seconds_sum")) == (1_000, 0.5)


def test_ages_grow_with_the_clock(board: Board) -> None:
    board.tell.fetched("intake")
    board.tell.heartbeat("dispatch", board.clock.age - 1)
    board.tell.waiting("acme", 2, board.clock.wall - 500)
    board.clock.age += 4
    board.clock.wall += 4_000
    assert board.shows("fetch_age_seconds", stage="intake") == 4
    assert board.shows("heartbeat_age_seconds", stage="dispatch") == 5
    assert board.shows("oldest_waiting_seconds", brand="acme") == 4.5
    board.tell.waiting("acme", 0)
    assert (board.shows("triggers_waiting", brand="acme"), board.shows("oldest_waiting_seconds", brand="acme")) == (
        0,
        0,
    )


def test_of_what_waits_it_is_shown_what_a_hold_keeps_waiting(board: Board) -> None:
    board.tell.waiting("acme", 5, board.clock.wall, held=3)
    assert (board.shows("triggers_waiting", brand="acme"), board.shows("triggers_held", brand="acme")) == (5, 3)
    board.tell.waiting("acme", 0)
    assert board.shows("triggers_held", brand="acme") == 0


def test_the_result_that_waits_longest_for_kafka_is_shown(board: Board) -> None:
    assert board.shows("oldest_result_seconds") == 0
    with board.tell.writing_result():
        board.clock.age += 2
        with board.tell.writing_result():
            board.clock.age += 3
            assert board.shows("oldest_result_seconds") == 5
    assert board.shows("oldest_result_seconds") == 0


def test_it_is_shown_how_late_polls_are(board: Board) -> None:
    due: list[float | None] = [None, board.clock.age + 1, board.clock.age - 4]
    for at, late in zip(due, (0, 0, 4), strict=True):
        board.tell.poll_lag(lambda at=at: at)  # type: ignore[misc]
        assert board.shows("poll_lag_seconds") == late


def test_the_limit_of_memory_is_infinite_unless_there_is_one(board: Board) -> None:
    board.tell.memory_limited(None)
    assert board.shows("memory_limit_bytes") == inf
    board.tell.memory_limited(512_000_000)
    assert board.shows("memory_limit_bytes") == 512_000_000


def test_the_budget_and_what_is_under_way_are_shown(board: Board) -> None:
    board.tell.budget_rate("acme", 500, 237.5)
    board.tell.slot_taken("acme", "high")
    board.tell.in_flight(3)
    board.tell.open_executions(4)
    board.tell.poll_ended("acme", "published")
    assert (board.shows("budget_limit_rate", brand="acme"), board.shows("budget_share_rate", brand="acme")) == (
        500,
        237.5,
    )
    assert board.shows("budget_slots_total", brand="acme", lane="high") == 1
    assert (board.shows("calls_in_flight"), board.shows("open_executions")) == (3, 4)
    assert board.shows("polls_total", brand="acme", end="published") == 1


def test_only_the_table_in_force_is_shown(board: Board) -> None:
    board.tell.routes_loaded("abc", 3)
    board.tell.routes_loaded("def", 4)
    assert board.shows("routes_info", hash="abc") is None
    assert board.shows("routes_info", hash="def") == 1


def test_how_many_routes_call_nobody_is_shown_also_when_none_does(board: Board) -> None:
    board.tell.routes_stand({"live": 2, "shadow": 1})
    board.tell.routes_stand({"live": 3})
    assert [board.shows("routes", mode=mode) for mode in ("live", "shadow", "off")] == [3, 0, 0]


def test_two_services_can_count_in_one_process(board: Board) -> None:
    other = Board()
    other.tell.event_decided("matches", "none")
    assert board.shows("events_total", source="matches", decision="none") is None


def test_names_follow_the_conventions_of_prometheus(board: Board) -> None:
    for metric in board.tell.metrics.definitions:
        assert re.fullmatch(r"bridge_[a-z_0-9]+", metric.name)
        assert metric.name.endswith("_total") == (metric.kind == "counter")
        assert metric.kind != "histogram" or metric.name.endswith("_seconds")
        assert metric.meaning.endswith(".")


def test_the_names_that_dashboards_rely_on_stay(board: Board) -> None:
    shown = {(metric.name, metric.labels) for metric in board.tell.metrics.definitions}
    assert shown >= {
        ("bridge_events_total", ("source", "decision")),
        ("bridge_triggers_total", ("brand", "route", "outcome")),
        ("bridge_calls_total", ("brand", "end")),
        ("bridge_polls_total", ("brand", "end")),
        ("bridge_hold_active", ("scope", "reason")),
        ("bridge_routes_info", ("hash",)),
    }
    assert {name for name, _ in shown} >= {
        "bridge_event_to_call_seconds",
        "bridge_call_to_end_seconds",
        "bridge_build_info",
    }


_FORBIDDEN = {"topic_key", "event_id", "trigger", "trigger_id", "execution", "execution_id", "partition"}


def test_no_label_can_grow_with_the_events(board: Board) -> None:
    assert not {label for metric in board.tell.metrics.definitions for label in metric.labels} & _FORBIDDEN


@pytest.mark.parametrize(
    "told",
    [
        lambda tell: tell.hold_released("nobody", "limit"),
        lambda tell: tell.ledger_closed(9),
        lambda tell: tell.partition_revoked("intake", [("x", 1)]),
    ],
)
def test_the_end_of_what_never_began_is_nothing(board: Board, told: Callable[[Telemetry], None]) -> None:
    told(board.tell)


def test_whether_the_budget_is_shared_is_shown(board: Board) -> None:
    board.tell.budget_shared("acme")
    assert board.shows("budget_backend_up", brand="acme") == 1
    board.tell.budget_not_shared("acme", "connection refused", strict=False)
    board.tell.budget_fell_back("acme")
    board.tell.budget_slots_missed("acme", 3)
    board.tell.budget_slots_missed("acme", 0)
    assert board.shows("budget_backend_up", brand="acme") == 0
    assert board.shows("budget_fallbacks_total", brand="acme") == 1
    assert board.shows("budget_slots_missed_total", brand="acme") == 3
