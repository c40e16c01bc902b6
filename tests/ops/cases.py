"""For each alert: series with which it fires, when it does, and what it says of whom. Samples are 30 s apart.

The notation is promtool's: `a+bxn` are n+1 samples that grow by b, `axn` n+1 alike, `_` is none.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

_JOB = {"job": "bridge", "namespace": "prod"}
_ONE = _JOB | {"instance": "a:8080"}
_BRAND = {"brand": "acme"}
_ROUTE = _BRAND | {"route": "goal"}


def _series(name: str, labels: Mapping[str, str]) -> str:
    return name + braced(_ONE | dict(labels))


def braced(labels: Mapping[str, str]) -> str:
    """Labels as a selector has them."""
    return "{" + ", ".join(f'{name}="{value}"' for name, value in labels.items()) + "}"


@dataclass(frozen=True, slots=True)
class Case:
    """`at`: seconds until it fires, None for never; `labels`: of the alert, but for severity."""

    alert: str
    what: str
    series: Mapping[str, str]
    at: int | None
    labels: Mapping[str, str] = field(default_factory=dict)


def _fires(alert: str, at: int, labels: Mapping[str, str], *series: tuple[str, Mapping[str, str], str]) -> Case:
    return Case(alert, "fires", {_series(name, own): values for name, own, values in series}, at, labels)


def _silent(alert: str, what: str, *series: tuple[str, Mapping[str, str], str]) -> Case:
    return Case(alert, what, {_series(name, own): values for name, own, values in series}, None)


def _once(alert: str, metric: str, labels: Mapping[str, str], shown: Mapping[str, str]) -> Case:
    return _fires(alert, 120, shown, (metric, labels, "0x3 1x40"))


def _ended(outcome: str) -> Mapping[str, str]:
    return _ROUTE | {"outcome": outcome}


_WAITING, _HELD, _CALLS = "bridge_triggers_waiting", "bridge_triggers_held", "bridge_calls_total"
_TRIGGERS, _HOLD, _LOSSES = "bridge_triggers_total", "bridge_hold_active", "bridge_ledger_losses_total"
_ACCEPTED, _UNKNOWN = _BRAND | {"end": "accepted"}, _BRAND | {"end": "unknown"}
_LOOP, _CALL = "bridge_event_loop_lag_seconds_bucket", "bridge_call_seconds_bucket"

CASES = [
    _fires("BridgeDown", 240, _JOB, ("up", {}, "1x3 0x20")),
    Case("BridgeDown", "fires when nothing is scraped", {}, 120, {"job": "bridge"}),
    _silent(
        "BridgeDown", "is silent while one of two is up", ("up", {}, "0x120"), ("up", {"instance": "b:8080"}, "1x120")
    ),
    _fires("BridgeCrashLooping", 270, _ONE, ("process_start_time_seconds", {}, "1 1 1 2 2 3 3 4x40")),
    _silent("BridgeCrashLooping", "is silent at a rollout", ("process_start_time_seconds", {}, "1 1 1 2x40")),
    _fires(
        "BridgeKafkaAway",
        210,
        _ONE | {"stage": "dispatch"},
        ("bridge_heartbeat_age_seconds", {"stage": "dispatch"}, "0+30x20"),
    ),
    _fires(
        "BridgeStageHangs",
        270,
        _ONE | {"stage": "intake"},
        ("bridge_fetch_age_seconds", {"stage": "intake"}, "0+30x20"),
    ),
    _fires(
        "BridgeIntakeLagGrowing",
        780,
        _JOB | {"topic": "sports"},
        ("bridge_consumer_lag_records", {"stage": "intake", "topic": "sports"}, "0+200x60"),
    ),
    _silent(
        "BridgeIntakeLagGrowing",
        "is silent while a backlog shrinks",
        ("bridge_consumer_lag_records", {"stage": "intake", "topic": "sports"}, "20000-200x60"),
    ),
    _fires(
        "BridgeDispatchStalled",
        360,
        _JOB | _BRAND,
        (_WAITING, _BRAND, "0 0 5x40"),
        (_HELD, _BRAND, "0x50"),
        (_CALLS, _ACCEPTED, "7x50"),
    ),
    _silent(
        "BridgeDispatchStalled",
        "is silent while all that waits is held",
        (_WAITING, _BRAND, "5x50"),
        (_HELD, _BRAND, "5x50"),
        (_CALLS, _ACCEPTED, "7x50"),
    ),
    _silent(
        "BridgeDispatchStalled",
        "is silent while calls are made",
        (_WAITING, _BRAND, "5x50"),
        (_HELD, _BRAND, "0x50"),
        (_CALLS, _ACCEPTED, "0+1x50"),
    ),
    _fires(
        "BridgeEventAgeHigh",
        390,
        _JOB | _BRAND,
        ("bridge_oldest_waiting_seconds", _BRAND, "0+30x40"),
        (_HELD, _BRAND, "0x50"),
    ),
    Case(
        "BridgeEventAgeHigh",
        "fires by the age of what is called",
        {
            _series("bridge_event_to_call_seconds_bucket", _ROUTE | {"le": le}): values
            for le, values in {"60": "0+90x40", "300": "0+100x40", "+Inf": "0+100x40"}.items()
        },
        330,
        _JOB | _BRAND,
    ),
    _silent(
        "BridgeEventAgeHigh",
        "is silent about what is held",
        ("bridge_oldest_waiting_seconds", _BRAND, "0+30x40"),
        (_HELD, _BRAND, "1x50"),
    ),
    _fires(
        "BridgeRebalanceStorm",
        570,
        _JOB | {"stage": "dispatch"},
        ("bridge_rebalances_total", {"stage": "dispatch"}, "0+1x60"),
    ),
    _fires("BridgeLedgerLost", 1050, _JOB, (_LOSSES, {}, "0x4 4x29 8x40")),
    _silent("BridgeLedgerLost", "is silent about a replica that froze once", (_LOSSES, {}, "0x4 4x90")),
    _fires("BridgeRestoreSlow", 360, _ONE, ("bridge_ledger_restore_left_records", {}, "0 0 1000x40")),
    _fires(
        "BridgeEventLoopBlocked",
        330,
        _ONE,
        (_LOOP, {"le": "0.25"}, "0+95x40"),
        (_LOOP, {"le": "0.5"}, "0+100x40"),
        (_LOOP, {"le": "+Inf"}, "0+100x40"),
    ),
    _fires(
        "BridgeMemoryNearLimit",
        360,
        _ONE,
        ("process_resident_memory_bytes", {}, "50 50 95x40"),
        ("bridge_memory_limit_bytes", {}, "100x50"),
    ),
    _silent(
        "BridgeMemoryNearLimit",
        "is silent without a limit",
        ("process_resident_memory_bytes", {}, "95x50"),
        ("bridge_memory_limit_bytes", {}, " ".join(["Inf"] * 51)),
    ),
    _once("BridgeUnmappedTopics", _TRIGGERS, _ended("unmapped"), _JOB | _ROUTE),
    _fires(
        "BridgeRejectedEvents",
        120,
        _JOB | _ROUTE,
        (_TRIGGERS, _ended("rejected"), "0x3 4x40"),
        (_TRIGGERS, _ended("published"), "0+1x50"),
    ),
    _silent(
        "BridgeRejectedEvents",
        "is silent about a few of thousands",
        (_TRIGGERS, _ended("rejected"), "0x3 4x40"),
        (_TRIGGERS, _ended("published"), "0+500x50"),
    ),
    _once("BridgeDeadLetters", "bridge_dead_letters_total", {"topic": "sports"}, _JOB | {"topic": "sports"}),
    _fires("BridgeRoutesReloadFailed", 360, _JOB, ("bridge_routes_refused", {}, "0 0 1x40")),
    _fires(
        "BridgeRoutesDiffer",
        960,
        _JOB,
        ("bridge_routes_info", {"hash": "aaa"}, "1x80"),
        ("bridge_routes_info", {"hash": "bbb", "instance": "b:8080"}, "_ _ 1x80"),
    ),
    _silent(
        "BridgeRoutesDiffer",
        "is silent at a rollout",
        ("bridge_routes_info", {"hash": "aaa"}, "1x10 _x70"),
        ("bridge_routes_info", {"hash": "bbb", "instance": "b:8080"}, "_ _ 1x80"),
    ),
    _fires(
        "BridgeCallErrorBudgetBurnFast",
        210,
        _JOB | _BRAND,
        (_CALLS, _ACCEPTED, "0+9x200"),
        (_CALLS, _UNKNOWN, "0+1x200"),
    ),
    _silent(
        "BridgeCallErrorBudgetBurnFast",
        "is silent when one of three calls of a night failed",
        (_CALLS, _ACCEPTED, "0x10 2x100"),
        (_CALLS, _UNKNOWN, "0x20 1x100"),
    ),
    _fires(
        "BridgeCallErrorBudgetBurnSlow",
        930,
        _JOB | _BRAND,
        (_CALLS, _ACCEPTED, "0+24x200"),
        (_CALLS, _UNKNOWN, "0+1x200"),
    ),
    _fires(
        "BridgeAuthFailing",
        120,
        _JOB | {"scope": "brand/acme", "reason": "unauthorized"},
        (_HOLD, {"scope": "brand/acme", "reason": "unauthorized"}, "_ _ 1x10"),
    ),
    _fires(
        "BridgeCallLatencyHigh",
        330,
        _JOB | _BRAND,
        *(
            (_CALL, _BRAND | {"le": le}, values)
            for le, values in {"2.5": "0+90x40", "5": "0+100x40", "+Inf": "0+100x40"}.items()
        ),
    ),
    _fires(
        "BridgeThrottled",
        120,
        _JOB | _BRAND,
        (_CALLS, _BRAND | {"end": "throttled"}, "0x3 1x40"),
        ("bridge_polls_total", _BRAND | {"end": "throttled"}, "0x50"),
    ),
    _fires(
        "BridgeBudgetSaturated",
        1170,
        _JOB | _BRAND,
        ("bridge_budget_slots_total", _BRAND | {"lane": "high"}, "0+2700x100"),
        ("bridge_budget_limit_rate", _BRAND, "100x100"),
    ),
    _fires("BridgeBudgetBackendDown", 180, _JOB | _BRAND, ("bridge_budget_backend_up", _BRAND, "1 1 0x40")),
    _fires(
        "BridgeRouteHeld",
        360,
        _JOB | {"scope": "route/goal", "reason": "limit"},
        (_HOLD, {"scope": "route/goal", "reason": "limit"}, "_ _ 1x40"),
    ),
    _fires(
        "BridgeBrandHeld",
        360,
        _JOB | {"scope": "all", "reason": "operator"},
        (_HOLD, {"scope": "all", "reason": "operator"}, "_ _ 1x40"),
    ),
    _silent(
        "BridgeBrandHeld",
        "is silent about a Retry-After of a minute",
        (_HOLD, {"scope": "brand/acme", "reason": "throttled"}, "1x1 0x60"),
    ),
    _once("BridgeUnknownOutcomes", _TRIGGERS, _ended("unknown"), _JOB | _ROUTE),
    _once("BridgeExecutionsStuck", _TRIGGERS, _ended("unresolved"), _JOB | _ROUTE),
    _fires(
        "BridgeAcceptedWithoutEnd",
        1230,
        _JOB | _BRAND,
        (_CALLS, _ACCEPTED, "0+1x200"),
        (_TRIGGERS, _ended("published"), "0x200"),
    ),
    _silent(
        "BridgeAcceptedWithoutEnd",
        "is silent while executions end, some minutes later",
        (_CALLS, _ACCEPTED, "0+1x200"),
        (_TRIGGERS, _ended("published"), "0x9 0+1x190"),
    ),
    _fires("BridgePollBacklog", 390, _JOB, ("bridge_poll_lag_seconds", {}, "0+30x40")),
    _fires("BridgeResultsFailing", 120, _ONE, ("bridge_oldest_result_seconds", {}, "0+10x20")),
    _once("BridgeAudienceZero", "bridge_audience_zero_total", _ROUTE, _JOB | _ROUTE),
    _once("BridgeAudienceDropped", "bridge_audience_dropped_total", _ROUTE, _JOB | _ROUTE),
]
