"""For each alert a case in which it fires, and for some one that looks alike and must stay silent."""

from ops.case import BRAND, JOB, ONE, ROUTE, Case, ended, fires, once, series, silent

_WAITING, _HELD, _CALLS = "bridge_triggers_waiting", "bridge_triggers_held", "bridge_calls_total"
_TRIGGERS, _HOLD, _LOSSES = "bridge_triggers_total", "bridge_hold_active", "bridge_ledger_losses_total"
_ACCEPTED, _UNKNOWN = BRAND | {"end": "accepted"}, BRAND | {"end": "unknown"}
_LOOP, _CALL = "bridge_event_loop_lag_seconds_bucket", "bridge_call_seconds_bucket"

CASES = [
    fires("BridgeDown", 240, JOB, ("up", {}, "1x3 0x20")),
    Case("BridgeDown", "fires when nothing is scraped", {}, 120, {"job": "bridge"}),
    silent(
        "BridgeDown", "is silent while one of two is up", ("up", {}, "0x120"), ("up", {"instance": "b:8080"}, "1x120")
    ),
    fires("BridgeCrashLooping", 270, ONE, ("process_start_time_seconds", {}, "1 1 1 2 2 3 3 4x40")),
    silent("BridgeCrashLooping", "is silent at a rollout", ("process_start_time_seconds", {}, "1 1 1 2x40")),
    fires(
        "BridgeKafkaAway",
        210,
        ONE | {"stage": "dispatch"},
        ("bridge_heartbeat_age_seconds", {"stage": "dispatch"}, "0+30x20"),
    ),
    fires(
        "BridgeStageHangs",
        270,
        ONE | {"stage": "intake"},
        ("bridge_fetch_age_seconds", {"stage": "intake"}, "0+30x20"),
    ),
    fires(
        "BridgeIntakeLagGrowing",
        780,
        JOB | {"topic": "sports"},
        ("bridge_consumer_lag_records", {"stage": "intake", "topic": "sports"}, "0+200x60"),
    ),
    silent(
        "BridgeIntakeLagGrowing",
        "is silent while a backlog shrinks",
        ("bridge_consumer_lag_records", {"stage": "intake", "topic": "sports"}, "20000-200x60"),
    ),
    fires(
        "BridgeDispatchStalled",
        360,
        JOB | BRAND,
        (_WAITING, BRAND, "0 0 5x40"),
        (_HELD, BRAND, "0x50"),
        (_CALLS, _ACCEPTED, "7x50"),
    ),
    silent(
        "BridgeDispatchStalled",
        "is silent while all that waits is held",
        (_WAITING, BRAND, "5x50"),
        (_HELD, BRAND, "5x50"),
        (_CALLS, _ACCEPTED, "7x50"),
    ),
    silent(
        "BridgeDispatchStalled",
        "is silent while calls are made",
        (_WAITING, BRAND, "5x50"),
        (_HELD, BRAND, "0x50"),
        (_CALLS, _ACCEPTED, "0+1x50"),
    ),
    fires(
        "BridgeEventAgeHigh",
        390,
        JOB | BRAND,
        ("bridge_oldest_waiting_seconds", BRAND, "0+30x40"),
        (_HELD, BRAND, "0x50"),
    ),
    Case(
        "BridgeEventAgeHigh",
        "fires by the age of what is called",
        {
            series("bridge_event_to_call_seconds_bucket", ROUTE | {"le": le}): values
            for le, values in {"60": "0+90x40", "300": "0+100x40", "+Inf": "0+100x40"}.items()
        },
        330,
        JOB | BRAND,
    ),
    silent(
        "BridgeEventAgeHigh",
        "is silent about what is held",
        ("bridge_oldest_waiting_seconds", BRAND, "0+30x40"),
        (_HELD, BRAND, "1x50"),
    ),
    fires(
        "BridgeRebalanceStorm",
        570,
        JOB | {"stage": "dispatch"},
        ("bridge_rebalances_total", {"stage": "dispatch"}, "0+1x60"),
    ),
    fires("BridgeLedgerLost", 1050, JOB, (_LOSSES, {}, "0x4 4x29 8x40")),
    silent("BridgeLedgerLost", "is silent about a replica that froze once", (_LOSSES, {}, "0x4 4x90")),
    fires("BridgeRestoreSlow", 360, ONE, ("bridge_ledger_restore_left_records", {}, "0 0 1000x40")),
    fires(
        "BridgeEventLoopBlocked",
        330,
        ONE,
        (_LOOP, {"le": "0.25"}, "0+95x40"),
        (_LOOP, {"le": "0.5"}, "0+100x40"),
        (_LOOP, {"le": "+Inf"}, "0+100x40"),
    ),
    fires(
        "BridgeMemoryNearLimit",
        360,
        ONE,
        ("process_resident_memory_bytes", {}, "50 50 95x40"),
        ("bridge_memory_limit_bytes", {}, "100x50"),
    ),
    silent(
        "BridgeMemoryNearLimit",
        "is silent without a limit",
        ("process_resident_memory_bytes", {}, "95x50"),
        ("bridge_memory_limit_bytes", {}, " ".join(["Inf"] * 51)),
    ),
    once("BridgeUnmappedTopics", _TRIGGERS, ended("unmapped"), JOB | ROUTE),
    fires(
        "BridgeRejectedEvents",
        120,
        JOB | ROUTE,
        (_TRIGGERS, ended("rejected"), "0x3 4x40"),
        (_TRIGGERS, ended("published"), "0+1x50"),
    ),
    silent(
        "BridgeRejectedEvents",
        "is silent about a few of thousands",
        (_TRIGGERS, ended("rejected"), "0x3 4x40"),
        (_TRIGGERS, ended("published"), "0+500x50"),
    ),
    once("BridgeDeadLetters", "bridge_dead_letters_total", {"topic": "sports"}, JOB | {"topic": "sports"}),
    fires("BridgeRoutesReloadFailed", 360, JOB, ("bridge_routes_refused", {}, "0 0 1x40")),
    fires(
        "BridgeRoutesDiffer",
        960,
        JOB,
        ("bridge_routes_info", {"hash": "aaa"}, "1x80"),
        ("bridge_routes_info", {"hash": "bbb", "instance": "b:8080"}, "_ _ 1x80"),
    ),
    silent(
        "BridgeRoutesDiffer",
        "is silent at a rollout",
        ("bridge_routes_info", {"hash": "aaa"}, "1x10 _x70"),
        ("bridge_routes_info", {"hash": "bbb", "instance": "b:8080"}, "_ _ 1x80"),
    ),
    fires(
        "BridgeCallErrorBudgetBurnFast",
        210,
        JOB | BRAND,
        (_CALLS, _ACCEPTED, "0+9x200"),
        (_CALLS, _UNKNOWN, "0+1x200"),
    ),
    silent(
        "BridgeCallErrorBudgetBurnFast",
        "is silent when one of three calls of a night failed",
        (_CALLS, _ACCEPTED, "0x10 2x100"),
        (_CALLS, _UNKNOWN, "0x20 1x100"),
    ),
    fires(
        "BridgeCallErrorBudgetBurnSlow",
        930,
        JOB | BRAND,
        (_CALLS, _ACCEPTED, "0+24x200"),
        (_CALLS, _UNKNOWN, "0+1x200"),
    ),
    fires(
        "BridgeAuthFailing",
        120,
        JOB | {"scope": "brand/acme", "reason": "unauthorized"},
        (_HOLD, {"scope": "brand/acme", "reason": "unauthorized"}, "_ _ 1x10"),
    ),
    fires(
        "BridgeCallLatencyHigh",
        330,
        JOB | BRAND,
        *(
            (_CALL, BRAND | {"le": le}, values)
            for le, values in {"2.5": "0+90x40", "5": "0+100x40", "+Inf": "0+100x40"}.items()
        ),
    ),
    fires(
        "BridgeThrottled",
        120,
        JOB | BRAND,
        (_CALLS, BRAND | {"end": "throttled"}, "0x3 1x40"),
        ("bridge_polls_total", BRAND | {"end": "throttled"}, "0x50"),
    ),
    fires(
        "BridgeBudgetSaturated",
        1170,
        JOB | BRAND,
        ("bridge_budget_slots_total", BRAND | {"lane": "high"}, "0+2700x100"),
        ("bridge_budget_limit_rate", BRAND, "100x100"),
    ),
    fires("BridgeBudgetBackendDown", 180, JOB | BRAND, ("bridge_budget_backend_up", BRAND, "1 1 0x40")),
    fires(
        "BridgeRouteHeld",
        360,
        JOB | {"scope": "route/goal", "reason": "limit"},
        (_HOLD, {"scope": "route/goal", "reason": "limit"}, "_ _ 1x40"),
    ),
    fires(
        "BridgeBrandHeld",
        360,
        JOB | {"scope": "all", "reason": "operator"},
        (_HOLD, {"scope": "all", "reason": "operator"}, "_ _ 1x40"),
    ),
    silent(
        "BridgeBrandHeld",
        "is silent about a Retry-After of a minute",
        (_HOLD, {"scope": "brand/acme", "reason": "throttled"}, "1x1 0x60"),
    ),
    once("BridgeUnknownOutcomes", _TRIGGERS, ended("unknown"), JOB | ROUTE),
    once("BridgeExecutionsStuck", _TRIGGERS, ended("unresolved"), JOB | ROUTE),
    fires(
        "BridgeAcceptedWithoutEnd",
        1230,
        JOB | BRAND,
        (_CALLS, _ACCEPTED, "0+1x200"),
        (_TRIGGERS, ended("published"), "0x200"),
    ),
    silent(
        "BridgeAcceptedWithoutEnd",
        "is silent while executions end, some minutes later",
        (_CALLS, _ACCEPTED, "0+1x200"),
        (_TRIGGERS, ended("published"), "0x9 0+1x190"),
    ),
    fires("BridgePollBacklog", 390, JOB, ("bridge_poll_lag_seconds", {}, "0+30x40")),
    fires("BridgeResultsFailing", 120, ONE, ("bridge_oldest_result_seconds", {}, "0+10x20")),
    once("BridgeAudienceZero", "bridge_audience_zero_total", ROUTE, JOB | ROUTE),
    once("BridgeAudienceDropped", "bridge_audience_dropped_total", ROUTE, JOB | ROUTE),
]
