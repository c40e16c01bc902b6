"""Tables whose contexts tell the vendor of which event and route a call is, so that its own log is enough to judge by."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from service.story import GENERATORS, TEAMS

from bridge.durations import parse_instant
from bridge.simulator import ExecutionRecord

TOPIC_KEY = next(iter(TEAMS.values()))


def route(name: str, *, brand: str = "acme", **more: Any) -> dict[str, Any]:
    """A route for events whose type is its name."""
    context = {"event": "{id}", "occurred": "{occurred_at}", "route": name}
    made = {"source": "matches", "match": {"type": name}, "generator": f"goal-{brand}", "topic_key": TOPIC_KEY}
    return made | {"name": name, "context": context, "expires_after": "2h"} | more


def table(topic: str, routes: Sequence[Mapping[str, Any]], **source: Any) -> dict[str, Any]:
    """A table of these routes; `source`: more of it, as order_by."""
    brands = {str(one["generator"]).removeprefix("goal-") for one in routes}
    contract = {"event": "string", "occurred": "datetime", "route": "string"}
    return {
        "version": 1,
        "sources": {"matches": {"topic": topic, "event_id": "id", "event_time": "occurred_at", **source}},
        "defaults": {"dedup_window": "24h"},
        "generators": {
            f"goal-{brand}": {"brand": brand, "id": GENERATORS[brand], "context": contract} for brand in sorted(brands)
        },
        "routes": list(routes),
    }


def age_when_called(made: ExecutionRecord) -> int:
    """Milliseconds from the event to the arrival of its call at the vendor."""
    return made.at - parse_instant(made.context["occurred"])


def by_route(every: Iterable[ExecutionRecord]) -> dict[str, list[ExecutionRecord]]:
    """Calls in the order of their arrival."""
    found: dict[str, list[ExecutionRecord]] = defaultdict(list)
    for one in every:
        found[one.context["route"]].append(one)
    return found
