"""Pieces of work for tests of what is pure."""

from bridge.dispatch.work import Work
from bridge.events import Source
from bridge.triggers import OnUnknown, Priority, Trigger, trigger_id


def work(
    name: str,
    *,
    order_by: str | None = None,
    priority: Priority = Priority.NORMAL,
    route: str = "goal",
    supersede_by: str | None = None,
    offset: int = 0,
    partition: int = 0,
) -> Work:
    """A piece of work. One with a `supersede_by` is for the topic key `fans`."""
    trigger = Trigger(
        id=trigger_id("acme", route, name, name),
        brand="acme",
        route=route,
        event_generator_id="gen-1",
        topic_key=name if supersede_by is None else "fans",
        event_id=name,
        dedup_key=name,
        order_by=order_by,
        priority=priority,
        on_unknown=OnUnknown.PARK,
        context={},
        expires_at=10**15,
        event_time=None,
        received=0,
        source=Source("events", 0, 1),
        table="table-1",
        supersede_by=supersede_by,
    )
    return Work(trigger, partition, offset, 0.0)
