"""Campaigns, for marketing: what went out when, to how many."""

from tools.ops.dashboards.making import Rows
from tools.ops.dashboards.panels import Query, latency, lines, number, sheet
from tools.ops.dashboards.queries import within_range

_PUBLISHED = 'outcome="published"'
_MISSED = 'outcome=~"failed|rejected|unmapped|expired|lost|unresolved"'


def rows() -> Rows:
    """Its panels by row."""
    campaigns, people = within_range("bridge_triggers_total", own=_PUBLISHED), within_range("bridge_audience_total")
    return {
        "At a glance": [
            number(
                "Campaigns sent",
                "Campaigns handed to the delivery pipeline within the time shown.",
                "short",
                campaigns,
                width=4,
            ),
            number(
                "People addressed",
                "People in their audiences, as the vendor counts them. Frequency caps, quiet hours and preferences still apply; somebody in "
                "two audiences counts twice.",
                "short",
                people,
                width=4,
            ),
            number(
                "People for each campaign",
                "On average, within the time shown.",
                "short",
                f"{people} / {campaigns}",
                width=4,
            ),
            number(
                "Sent to nobody",
                "Campaigns with an audience of 0: probably a topic key is wrong, or nobody has subscribed yet.",
                "short",
                within_range("bridge_audience_zero_total"),
                [(None, "green"), (1, "orange")],
                width=4,
            ),
            number(
                "Not sent",
                "Campaigns that failed, did not fit their contract, had no topic, or whose event had become too old.",
                "short",
                within_range("bridge_triggers_total", own=_MISSED),
                [(None, "green"), (1, "orange")],
                width=4,
            ),
            number(
                "Not known",
                "The vendor's answer was lost: they may have gone out or not. They are not sent again by themselves.",
                "short",
                within_range("bridge_triggers_total", own='outcome="unknown"'),
                [(None, "green"), (1, "red")],
                width=4,
            ),
        ],
        "What went out when": [
            lines(
                "Campaigns sent",
                "By route, within each interval.",
                "short",
                Query(
                    f"sum by (route) (increase(bridge_triggers_total{{{_PUBLISHED}}}[$__rate_interval]))", "{{route}}"
                ),
                width=12,
                stacked=True,
                bars=True,
            ),
            lines(
                "People addressed",
                "In the audiences of the campaigns sent, by route, within each interval.",
                "short",
                Query("sum by (route) (increase(bridge_audience_total{}[$__rate_interval]))", "{{route}}"),
                width=12,
                stacked=True,
                bars=True,
            ),
        ],
        "To how many": [
            sheet(
                "Campaigns by route",
                "Within the time shown. `few`: less than a tenth of the audience that such a campaign usually has.",
                "short",
                ("brand", "route"),
                {
                    "sent": within_range("bridge_triggers_total", "brand, route", _PUBLISHED),
                    "people": within_range("bridge_audience_total", "brand, route"),
                    "people each": f"{within_range('bridge_audience_total', 'brand, route')} / "
                    f"{within_range('bridge_triggers_total', 'brand, route', _PUBLISHED)}",
                    "to nobody": within_range("bridge_audience_zero_total", "brand, route"),
                    "to few": within_range("bridge_audience_dropped_total", "brand, route"),
                    "failed": within_range("bridge_triggers_total", "brand, route", 'outcome="failed"'),
                    "too old": within_range("bridge_triggers_total", "brand, route", 'outcome="expired"'),
                    "no topic": within_range("bridge_triggers_total", "brand, route", 'outcome="unmapped"'),
                    "not known": within_range("bridge_triggers_total", "brand, route", 'outcome="unknown"'),
                },
            ),
            lines(
                "Not sent, and why",
                "By outcome, within each interval.",
                "short",
                Query(
                    f"sum by (outcome) (increase(bridge_triggers_total{{{_MISSED}}}[$__rate_interval]))", "{{outcome}}"
                ),
                width=24,
                stacked=True,
                bars=True,
            ),
        ],
        "How fast": [
            *latency(
                "From the event to the call",
                "How soon after a goal, a start or a sale its campaign is called.",
                "bridge_event_to_call_seconds",
            ),
            *latency(
                "From the call to published",
                "How long the vendor takes until a campaign has gone out.",
                "bridge_call_to_end_seconds",
            ),
        ],
    }
