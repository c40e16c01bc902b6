"""Triggers whose lookup has no entry."""

from typing import Any

from bridge.events import Source
from bridge.triggers import OnUnknown, Priority, Trigger, Unmapped, trigger_id


def wanting(key: str, event: str = "e1", brand: str = "acme", **context: Any) -> tuple[Trigger, Unmapped]:
    missing = Unmapped("teams", key, f"route goal: lookup teams has no entry for {key!r}", topic=True)
    trigger = Trigger(
        id=trigger_id(brand, "goal", f"teams/{key}", event),
        brand=brand,
        route="goal",
        event_generator_id="generator-1",
        topic_key="",
        event_id=event,
        dedup_key=event,
        order_by=None,
        priority=Priority.NORMAL,
        on_unknown=OnUnknown.PARK,
        context=context,
        expires_at=2_000_000_000_000,
        event_time=1_800_000_000_000,
        received=1_800_000_000_000,
        source=Source("matches", 0, 0),
        table="table",
        verdict=missing,
    )
    return trigger, missing
