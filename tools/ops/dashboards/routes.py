"""Routes: by route and generator what was triggered, what became of it, to how many, and how long it took."""

from tools.ops.dashboards.making import Rows
from tools.ops.dashboards.panels import Query, latency, lines, number, sheet, timeline
from tools.ops.dashboards.queries import per_second, quantile, within_range

_OUTCOMES = ("published", "failed", "rejected", "unmapped", "expired", "unknown", "lost", "unresolved", "superseded")
_BAD = 'outcome=~"failed|rejected|unmapped|unknown|lost|unresolved"'
_PUBLISHED = 'outcome="published"'


def _by_route(outcome: str) -> str:
    return within_range("bridge_triggers_total", "brand, route", f'outcome="{outcome}"')


def rows() -> Rows:
    """Its panels by row."""
    return {
        "Service levels": [
            number(
                "Published",
                "Of the triggers that ended within the time shown, those that were published. A late correction counts again.",
                "percentunit",
                f"{within_range('bridge_triggers_total', own=_PUBLISHED)} / {within_range('bridge_triggers_total')}",
                [(None, "red"), (0.9, "yellow"), (0.98, "green")],
                width=6,
            ),
            number(
                "Not as wanted",
                "Triggers within the time shown that failed, did not fit, found no topic, or whose end nobody knows.",
                "short",
                within_range("bridge_triggers_total", own=_BAD),
                [(None, "green"), (1, "orange")],
                width=6,
            ),
            number(
                "Audiences of 0",
                "Campaigns published to nobody within the time shown: what a wrong topic key looks like.",
                "short",
                within_range("bridge_audience_zero_total"),
                [(None, "green"), (1, "red")],
                width=6,
            ),
            number(
                "Dead letters",
                "Records of source topics within the time shown that are no events.",
                "short",
                within_range("bridge_dead_letters_total"),
                [(None, "green"), (1, "red")],
                width=6,
            ),
        ],
        "By route": [
            sheet(
                "What became of the triggers",
                "How many triggers of each route ended in which outcome within the time shown.",
                "short",
                ("brand", "route"),
                {outcome: _by_route(outcome) for outcome in _OUTCOMES},
            ),
            lines(
                "Triggers that ended",
                "A second, by route.",
                "reqps",
                Query(per_second("bridge_triggers_total", "route"), "{{route}}"),
                stacked=True,
            ),
            lines(
                "Not published",
                "Triggers a second that ended otherwise, by route and outcome.",
                "reqps",
                Query(f"{per_second('bridge_triggers_total', 'route, outcome', _BAD)} > 0", "{{route}} {{outcome}}"),
            ),
            lines(
                "People reached",
                "People in the audiences of published campaigns, a second, by route.",
                "short",
                Query(per_second("bridge_audience_total", "route"), "{{route}}"),
            ),
        ],
        "How long": [
            *latency(
                "From the call to the known end",
                "How long executions take until the bridge knows that they have ended: the vendor's time, and up to one pause between polls.",
                "bridge_call_to_end_seconds",
            ),
            lines(
                "Age of the event when called, p95",
                "How late the campaigns of each route are.",
                "s",
                Query(quantile(0.95, "bridge_event_to_call_seconds", "route"), "{{route}}"),
                width=12,
            ),
            lines(
                "From the call to the known end, p95",
                "By route. The pace of polls follows it.",
                "s",
                Query(quantile(0.95, "bridge_call_to_end_seconds", "route"), "{{route}}"),
                width=12,
            ),
        ],
        "Audiences and corrections": [
            lines(
                "Audiences that look wrong",
                "Campaigns within each interval published to nobody, or to less than a tenth of their usual audience.",
                "short",
                Query("sum by (route) (increase(bridge_audience_zero_total{}[$__rate_interval]))", "{{route}} nobody"),
                Query("sum by (route) (increase(bridge_audience_dropped_total{}[$__rate_interval]))", "{{route}} few"),
            ),
            lines(
                "Corrections",
                "Results that correct an earlier one: `unresolved` that ended after all, `unknown` that was found out.",
                "short",
                Query(
                    "sum by (outcome) (increase(bridge_corrections_total{}[$__rate_interval]))",
                    "{{outcome}}",
                ),
            ),
            timeline(
                "Routes held",
                "Which route was held when, and why: its own limit, a wrong generator, an operator.",
                Query('max by (scope, reason) (bridge_hold_active{scope=~"route/.+"})', "{{scope}}: {{reason}}"),
                {"0": ("over", "green"), "1": ("held", "orange")},
                width=8,
            ),
        ],
        "Sources and the routing table": [
            lines(
                "Decisions by source",
                "What the events of each source mean, a second.",
                "reqps",
                Query(per_second("bridge_events_total", "source, decision"), "{{source}} {{decision}}"),
                stacked=True,
            ),
            lines(
                "Dead letters by topic",
                "Records within each interval that are no events.",
                "short",
                Query("sum by (topic) (increase(bridge_dead_letters_total{}[$__rate_interval]))", "{{topic}}"),
            ),
            lines(
                "Routing tables in force",
                "Replicas by the hash of their table: one hash, but for the seconds of a change. And replicas that refuse the one in the files.",
                "short",
                Query("count by (hash) (bridge_routes_info{})", "{{hash}}"),
                Query("sum(bridge_routes_refused{})", "refusing"),
            ),
            lines(
                "Routes by mode",
                "Routes of the table in force: live; shadow, which decide and count and call nobody; off. In a service in shadow all are.",
                "short",
                Query("max by (mode) (bridge_routes{})", "{{mode}}"),
            ),
            lines(
                "Tables read",
                "Changed routing tables found while running, within each interval: taken, refused, unchanged.",
                "short",
                Query("sum by (result) (increase(bridge_routes_reloads_total{}[$__rate_interval]))", "{{result}}"),
            ),
            lines(
                "Entries of lookups from topics",
                "How many keys each such lookup has. Different replicas must agree but for seconds.",
                "short",
                Query("max by (lookup) (bridge_lookup_entries{})", "{{lookup}}"),
            ),
            lines(
                "Lookup records of no use",
                "Records of a lookup's topic, within each interval, without a usable key or value.",
                "short",
                Query(
                    "sum by (lookup) (increase(bridge_lookup_records_unusable_total{}[$__rate_interval]))", "{{lookup}}"
                ),
            ),
        ],
    }
