"""The dashboards, each with what it is for."""

from tools.ops.dashboards import campaigns, inside, overview, routes
from tools.ops.dashboards.making import made


def dashboards() -> dict[str, str]:
    """Grafana's JSON by file name."""
    return {
        "bridge-overview.json": made(
            "bridge-overview",
            "Bridge / Overview",
            "Is it working, what is being sent, what became of it, the budget against the limit, the oldest event.",
            overview.rows(),
        ),
        "bridge-routes.json": made(
            "bridge-routes",
            "Bridge / Routes",
            "By route: triggers, outcomes, audience, time to published; sources and the routing table.",
            routes.rows(),
        ),
        "bridge-inside.json": made(
            "bridge-inside",
            "Bridge / Inside",
            "Stages, Kafka, ledger, budget, event loop and memory, by replica.",
            inside.rows(),
        ),
        "bridge-campaigns.json": made(
            "bridge-campaigns",
            "Bridge / Campaigns",
            "For marketing: what went out when, and to how many.",
            campaigns.rows(),
            since="now-24h",
        ),
    }
