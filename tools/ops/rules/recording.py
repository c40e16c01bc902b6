"""Recording rules: what several alerts and panels ask for, and what burn rates need over hours."""

from tools.ops.rules.model import Recording

_BRAND = "namespace, job, brand"
# The vendor did not do what was asked, or nobody can know. An event that was refused (400) is the event's fault, and a 429
# is obeyed: both have alerts of their own.
_ERRORS = 'end=~"not_sent|unknown|refused_brand|refused_route"'


def _errors(window: str) -> Recording:
    return Recording(
        f"brand:bridge_call_errors:ratio_rate{window}",
        f"sum by ({_BRAND}) (rate(bridge_calls_total{{{_ERRORS}}}[{window}]))"
        f" / sum by ({_BRAND}) (rate(bridge_calls_total{{}}[{window}]))",
    )


RECORDINGS = (
    Recording("brand:bridge_calls:rate5m", f"sum by ({_BRAND}) (rate(bridge_calls_total{{}}[5m]))"),
    Recording("brand:bridge_calls:increase1h", f"sum by ({_BRAND}) (increase(bridge_calls_total{{}}[1h]))"),
    Recording("brand:bridge_calls:increase6h", f"sum by ({_BRAND}) (increase(bridge_calls_total{{}}[6h]))"),
    *(_errors(window) for window in ("5m", "30m", "1h", "6h")),
    Recording("brand:bridge_triggers_waiting:sum", f"sum by ({_BRAND}) (bridge_triggers_waiting{{}})"),
    Recording("brand:bridge_triggers_held:sum", f"sum by ({_BRAND}) (bridge_triggers_held{{}})"),
    Recording(
        "brand:bridge_event_to_call_seconds:p95_5m",
        f"histogram_quantile(0.95, sum by ({_BRAND}, le) (rate(bridge_event_to_call_seconds_bucket{{}}[5m])))",
    ),
    Recording(
        "brand:bridge_call_seconds:p95_5m",
        f"histogram_quantile(0.95, sum by ({_BRAND}, le) (rate(bridge_call_seconds_bucket{{}}[5m])))",
    ),
    Recording(
        "brand:bridge_budget_use:ratio_rate5m",
        f"sum by ({_BRAND}) (rate(bridge_budget_slots_total{{}}[5m])) / max by ({_BRAND}) (bridge_budget_limit_rate{{}})",
    ),
    Recording(
        "topic:bridge_intake_lag_records:sum",
        'sum by (namespace, job, topic) (bridge_consumer_lag_records{stage="intake"})',
    ),
)
