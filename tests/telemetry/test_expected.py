"""What can happen is counted at 0 before it happens: a first event is an increase, too."""

from prometheus_client import CollectorRegistry

from bridge.budget.budget import Lane
from bridge.clock import SystemClock
from bridge.dispatch import ends
from bridge.reconcile import judging
from bridge.telemetry import Telemetry, expected


def shown(name: str, **labels: str) -> float | None:
    registry = CollectorRegistry()
    telemetry = Telemetry(registry, SystemClock())
    telemetry.expects({"matches": "sports"}, [("acme", "goal")], ["acme"])
    return registry.get_sample_value(f"bridge_{name}", labels)


def test_what_the_table_can_lead_to_stands_at_zero() -> None:
    assert shown("triggers_total", brand="acme", route="goal", outcome="unknown") == 0
    assert shown("corrections_total", brand="acme", route="goal", outcome="published") == 0
    assert shown("audience_zero_total", brand="acme", route="goal") == 0
    assert shown("calls_total", brand="acme", end="throttled") == 0
    assert shown("budget_fallbacks_total", brand="acme") == 0
    assert shown("polls_total", brand="acme", end="error") == 0
    assert shown("events_total", source="matches", decision="dead_letter") == 0
    assert shown("dead_letters_total", topic="sports") == 0
    assert shown("routes_reloads_total", result="refused") == 0


def test_what_the_table_does_not_hold_does_not_stand_at_all() -> None:
    assert shown("triggers_total", brand="acme", route="start", outcome="unknown") is None


def test_a_table_that_is_taken_later_leaves_counts_as_they_are() -> None:
    registry = CollectorRegistry()
    telemetry = Telemetry(registry, SystemClock())
    telemetry.trigger_ended("acme", "goal", "unknown", trigger_id="t", event_id="e")
    telemetry.expects({}, [("acme", "goal"), ("acme", "start")], ["acme"])
    by_route = [
        registry.get_sample_value("bridge_triggers_total", {"brand": "acme", "route": route, "outcome": "unknown"})
        for route in ("goal", "start")
    ]
    assert by_route == [1, 0]


def test_every_end_that_the_stages_tell_of_is_expected() -> None:
    assert set(expected.CALL_ENDS) == set(ends.END_NAMES.values())
    assert set(expected.POLL_ENDS) == set(judging.END_NAMES.values())
    assert set(expected.LANES) == {lane.name.lower() for lane in Lane}
