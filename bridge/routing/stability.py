"""What identifies a trigger must be the same when an event is published again: else what was called looks new."""

from collections.abc import Iterable

from bridge.routing.findings import Spot
from bridge.routing.parts import Parts
from bridge.routing.paths import Path
from bridge.routing.routes import SourceConfig
from bridge.routing.values import LookedUp


def check_stable_source(source: SourceConfig, spot: Spot) -> None:
    """Note an event id or an order that depends on where a record lies, or on when its event happened."""
    _check([source.event_id], "event_id", spot["event_id"])
    if source.order_by is not None:
        _check([source.order_by], "order_by", spot["order_by"])
    if source.event_time is not None and source.event_time.path == source.event_id:
        spot["event_id"].warning(
            f"event_id is the event's time, {source.event_id}: of two events at one moment only the first would be sent"
        )


def check_stable_route(parts: Parts) -> None:
    """Note a dedup key, a supersede_by or a topic key that depends on where a record lies."""
    for name, template in (("dedup_key", parts.dedup_key), ("supersede_by", parts.supersede_by)):
        if template is not None:
            _check(template.paths, name, parts.spot[name])
    for key, spot in parts.topic_keys:
        if isinstance(key, LookedUp):
            _check(key.key.paths, "topic_key", spot["key"])
        else:
            _check(key.paths, "topic_key", spot)


def _check(paths: Iterable[Path], what: str, spot: Spot) -> None:
    for path in paths:
        if path.root == "record":
            spot.warning(
                f"{what} is not stable: {path} is another one when the event is published again, and it would be sent again;"
                " use a field of the event"
            )
