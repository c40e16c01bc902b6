"""Overview: is it working, what is being sent, what became of it, the budget against the limit, the oldest event."""

from tools.ops.dashboards.making import Rows
from tools.ops.dashboards.panels import Query, latency, lines, number, timeline
from tools.ops.dashboards.queries import per_second, within_range

_ACCEPTED, _IN_TIME = 'end="accepted"', 'le="60.0"'
_ASKED = 'end!~"throttled|refused_event"'
_GOOD_IF_ZERO = [(None, "green"), (1.0, "red")]


def rows() -> Rows:
    """Its panels by row."""
    return {
        "Service levels": [
            number(
                "Replicas", "Replicas that Prometheus reaches.", "short", "sum(up{})", [(None, "red"), (1, "green")]
            ),
            number(
                "Calls accepted",
                "Of all calls within the time shown, those that the vendor accepted; 429s and refused events (400) do not count. The "
                "objective is 99.5 %.",
                "percentunit",
                f"{within_range('bridge_calls_total', own=_ACCEPTED)} / {within_range('bridge_calls_total', own=_ASKED)}",
                [(None, "red"), (0.98, "yellow"), (0.995, "green")],
            ),
            number(
                "Called within 60 s",
                "Of all calls within the time shown, those that left within a minute of their event.",
                "percentunit",
                f"{within_range('bridge_event_to_call_seconds_bucket', own=_IN_TIME)} / {within_range('bridge_event_to_call_seconds_count')}",
                [(None, "red"), (0.95, "yellow"), (0.99, "green")],
            ),
            number(
                "Unknown",
                "Triggers within the time shown of which nobody knows whether their campaign went out. `bridge resend` shows them.",
                "short",
                within_range("bridge_triggers_total", own='outcome="unknown"'),
                _GOOD_IF_ZERO,
            ),
            number(
                "Oldest that waits",
                "How long ago the trigger was received that waits longest for its call.",
                "s",
                "max(bridge_oldest_waiting_seconds{})",
                [(None, "green"), (30, "yellow"), (60, "red")],
            ),
            number(
                "Published to",
                "People in the audiences of the campaigns published within the time shown, as the vendor counts them. Somebody in two "
                "audiences counts twice.",
                "short",
                within_range("bridge_audience_total"),
            ),
            number(
                "Held",
                "Holds in force: everything, brands and routes whose calls wait.",
                "short",
                "count(max by (scope, reason) (bridge_hold_active{}) == 1) or vector(0)",
                [(None, "green"), (1, "orange")],
            ),
            number(
                "Alerts",
                "Alerts of the bridge that fire, of any severity.",
                "short",
                'count(ALERTS{alertname=~"Bridge.*", alertstate="firing"}) or vector(0)',
                _GOOD_IF_ZERO,
            ),
        ],
        "In and out": [
            lines(
                "Decisions",
                "What events mean, a second: trigger, no route wants it (none), rejected, unmapped, shadow, dead letter.",
                "reqps",
                Query(per_second("bridge_events_total", "decision"), "{{decision}}"),
                stacked=True,
            ),
            lines(
                "Calls by end",
                "Calls of the vendor's run endpoint a second, by how they ended. `unknown` may have reached people.",
                "reqps",
                Query(per_second("bridge_calls_total", "end"), "{{end}}"),
                stacked=True,
            ),
            lines(
                "Outcomes",
                "Triggers that ended, a second, by outcome. Beside `published` each one has its page in docs/consuming.md.",
                "reqps",
                Query(per_second("bridge_triggers_total", "outcome"), "{{outcome}}"),
                stacked=True,
            ),
        ],
        "On time": [
            *latency(
                "Age of the event when its call leaves",
                "How late campaigns are: from the event's own time to its call.",
                "bridge_event_to_call_seconds",
            ),
            lines(
                "Waiting",
                "Triggers in memory that wait for a slot of the budget or for a hold, and those of them that are held.",
                "short",
                Query("sum by (brand) (bridge_triggers_waiting{})", "{{brand}} waiting"),
                Query("sum by (brand) (bridge_triggers_held{})", "{{brand}} held"),
                width=12,
            ),
            lines(
                "Oldest that waits, by brand",
                "How long ago the trigger was received that waits longest.",
                "s",
                Query("max by (brand) (bridge_oldest_waiting_seconds{})", "{{brand}}"),
                width=12,
            ),
        ],
        "Budget": [
            lines(
                "Requests against the limit",
                "Slots of the budget taken a second, runs and polls together, and what each brand may make.",
                "reqps",
                Query(per_second("bridge_budget_slots_total", "brand"), "{{brand}}"),
                Query("max by (brand) (bridge_budget_limit_rate{})", "limit {{brand}}"),
            ),
            lines(
                "Who gets the slots",
                "Slots taken a second by lane: fresh triggers by priority, then retries, then polls.",
                "reqps",
                Query(per_second("bridge_budget_slots_total", "lane"), "{{lane}}"),
                stacked=True,
            ),
            lines(
                "Part of the rate in use",
                "1, or less after 429s: it rises again by 0.05 a minute. And whether Redis shares the budget, where there is one.",
                "percentunit",
                Query("min by (brand) (bridge_budget_eased_ratio{})", "{{brand}}"),
                Query("min by (brand) (bridge_budget_backend_up{})", "{{brand}} Redis"),
            ),
        ],
        "Vendor": [
            *latency(
                "Time to answer a call",
                "How long the vendor takes to answer. Above vendor.timeout a call ends as unknown.",
                "bridge_call_seconds",
            ),
            lines(
                "Polls by end",
                "Questions about the status of executions, a second, by what was answered.",
                "reqps",
                Query(per_second("bridge_polls_total", "end"), "{{end}}"),
                width=12,
                stacked=True,
            ),
            timeline(
                "Holds",
                "What was held when, and why. `bridge holds` says who did it and until when.",
                Query("max by (scope, reason) (bridge_hold_active{})", "{{scope}}: {{reason}}"),
                {"0": ("over", "green"), "1": ("held", "orange")},
            ),
        ],
    }
