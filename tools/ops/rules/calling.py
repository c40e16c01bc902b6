"""Alerts about calls of the vendor: errors, speed, the budget, holds."""

from tools.ops.rules.model import Alert

# Google's SRE workbook, chapter 5: 2 % of a month's error budget within an hour, 5 % within six.
_FAST, _SLOW = 14.4, 6

CALLING = (
    Alert(
        "BridgeCallErrorBudgetBurnFast",
        "critical",
        f"brand:bridge_call_errors:ratio_rate1h{{}} > {_FAST} * ${{budget}} "
        f"and brand:bridge_call_errors:ratio_rate5m{{}} > {_FAST} * ${{budget}} "
        "and brand:bridge_calls:increase1h{} > ${calls}",
        "2m",
        "Calls of the vendor fail so often that a month's error budget is gone in two days.",
        "{{ $value | humanizePercentage }} of the calls of {{ $labels.brand }} failed within an hour: not sent, refused for brand or "
        "route, or unknown.",
        thresholds={"budget": 0.005, "calls": 20},
    ),
    Alert(
        "BridgeCallErrorBudgetBurnSlow",
        "warning",
        f"brand:bridge_call_errors:ratio_rate6h{{}} > {_SLOW} * ${{budget}} "
        f"and brand:bridge_call_errors:ratio_rate30m{{}} > {_SLOW} * ${{budget}} "
        "and brand:bridge_calls:increase6h{} > ${calls}",
        "15m",
        "Calls of the vendor fail so often that a month's error budget is gone in five days.",
        "{{ $value | humanizePercentage }} of the calls of {{ $labels.brand }} failed within six hours.",
        thresholds={"budget": 0.005, "calls": 20},
    ),
    Alert(
        "BridgeAuthFailing",
        "critical",
        'max by (namespace, job, scope, reason) (bridge_hold_active{reason=~"unauthorized|forbidden"}) == 1',
        "1m",
        "The vendor refuses the keys of a brand.",
        "{{ $labels.scope }} is held, {{ $labels.reason }}: none of its campaigns is called until the keys work.",
    ),
    Alert(
        "BridgeCallLatencyHigh",
        "warning",
        "brand:bridge_call_seconds:p95_5m{} > ${seconds}",
        "5m",
        "The vendor takes long to answer calls.",
        "5 % of the calls of {{ $labels.brand }} take {{ $value | humanizeDuration }} or more. Above vendor.timeout they end as unknown.",
        thresholds={"seconds": 2},
    ),
    Alert(
        "BridgeThrottled",
        "warning",
        'sum by (namespace, job, brand) (increase(bridge_calls_total{end="throttled"}[10m])) '
        '+ sum by (namespace, job, brand) (increase(bridge_polls_total{end="throttled"}[10m])) > ${answers}',
        "0m",
        "The vendor answers 429.",
        "{{ $value | humanize }} requests of {{ $labels.brand }} were turned away by 429 within 10 minutes: the limit is lower than "
        "the settings say, or somebody else uses it too.",
        thresholds={"answers": 0},
    ),
    Alert(
        "BridgeBudgetSaturated",
        "info",
        "brand:bridge_budget_use:ratio_rate5m{} > ${ratio}",
        "15m",
        "A brand uses nearly all requests that it may make.",
        "{{ $labels.brand }} uses {{ $value | humanizePercentage }} of its requests a second. What comes beyond that waits.",
        thresholds={"ratio": 0.8},
    ),
    Alert(
        "BridgeBudgetBackendDown",
        "warning",
        "min by (namespace, job, brand) (bridge_budget_backend_up{}) == 0",
        "2m",
        "The Redis that shares the budget is away.",
        "The budget of {{ $labels.brand }} is not shared: each replica uses the share of its partitions, or with budget.strict "
        "calls nothing.",
    ),
    Alert(
        "BridgeRouteHeld",
        "warning",
        'max by (namespace, job, scope, reason) (bridge_hold_active{scope=~"route/.+"}) == 1',
        "5m",
        "A route is held.",
        "{{ $labels.scope }} is held, {{ $labels.reason }}: its triggers wait, and expire as they wait.",
        "bridge-routes",
    ),
    Alert(
        "BridgeBrandHeld",
        "warning",
        'max by (namespace, job, scope, reason) (bridge_hold_active{scope=~"all|brand/.+", '
        'reason!~"unauthorized|forbidden"}) == 1',
        "5m",
        "A brand, or everything, is held.",
        "{{ $labels.scope }} is held, {{ $labels.reason }}: its triggers wait, and expire as they wait.",
    ),
)
