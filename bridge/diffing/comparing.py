"""What two tables make of one event, held against each other: what would be sent differently. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from bridge.durations import format_duration
from bridge.routing.paths import MISSING
from bridge.routing.table import Table
from bridge.testing.comparing import Difference, same
from bridge.triggers import Rejected, Trigger, Unmapped

Kind = Literal["only in old", "only in new", "other"]


@dataclass(frozen=True, slots=True)
class Change:
    """A trigger that only one of the tables makes, or that both make and not alike: then `parts` says in what."""

    route: str
    old: Trigger | None
    new: Trigger | None
    parts: tuple[Difference, ...] = ()

    @property
    def kinds(self) -> tuple[str, ...]:
        """What to count it as."""
        if self.new is None or self.old is None:
            made, where = (self.old, "old") if self.new is None else (self.new, "new")
            verdict = "" if made is None or made.verdict is None else f", {_verdict(made).partition(':')[0]}"
            return (f"only in {where}{verdict}",)
        return tuple(f"other {one.what}" for one in self.parts)


def changes(old: Sequence[Trigger], new: Sequence[Trigger], tables: tuple[Table, Table]) -> Iterator[Change]:
    """What differs between the triggers of one event; `tables` are the old and the new one."""
    for route in dict.fromkeys(trigger.route for trigger in (*old, *new)):
        yield from _of_route(
            route, [one for one in old if one.route == route], [one for one in new if one.route == route], tables
        )


def _of_route(route: str, old: list[Trigger], new: list[Trigger], tables: tuple[Table, Table]) -> Iterator[Change]:
    for one, other in _pairs(old, new):
        if one is None or other is None:
            yield Change(route, one, other)
        elif parts := tuple(_parts(one, other, tables)):
            yield Change(route, one, other, parts)


def _pairs(old: list[Trigger], new: list[Trigger]) -> Iterator[tuple[Trigger | None, Trigger | None]]:
    """Those of one id, then those for one topic key and with one verdict, then the rest in order: they go to another topic
    now.
    """
    for name in (_id, _topic_and_verdict):
        for one in list(old):
            other = next((two for two in new if name(two) == name(one)), None)
            if other is not None:
                old.remove(one)
                new.remove(other)
                yield one, other
    for position in range(max(len(old), len(new))):
        yield (old[position] if position < len(old) else None, new[position] if position < len(new) else None)


def _id(trigger: Trigger) -> str:
    return trigger.id


def _topic_and_verdict(trigger: Trigger) -> tuple[str, str]:
    return trigger.topic_key, _verdict(trigger)


def _parts(old: Trigger, new: Trigger, tables: tuple[Table, Table]) -> Iterator[Difference]:
    if _verdict(old) != _verdict(new):
        yield Difference("verdict", _verdict(old), _verdict(new))
    if old.verdict is not None or new.verdict is not None:
        return  # nothing would be sent of one of them, so there is nothing else to compare
    before, after = (_settings(trigger, table) for trigger, table in zip((old, new), tables, strict=True))
    for what, value in before.items():
        if value != after[what]:
            yield Difference(what, value, after[what])
    for name in {**old.context, **new.context}:
        one, other = old.context.get(name, MISSING), new.context.get(name, MISSING)
        if not same(one, other):
            yield Difference(f"context: {name}", one, other)


def _verdict(trigger: Trigger) -> str:
    match trigger.verdict:
        case None:
            return "called"
        case Rejected():
            return "rejected"
        case Unmapped(key=key):
            return f"unmapped: {key}"


def _settings(trigger: Trigger, table: Table) -> dict[str, Any]:
    limit = trigger.limit
    happened = trigger.received if trigger.event_time is None else trigger.event_time
    return {
        "topic key": trigger.topic_key,
        "generator": trigger.event_generator_id,
        "brand": trigger.brand,
        "event time": happened,
        "expiry": format_duration(trigger.expires_at - happened),
        "priority": str(trigger.priority),
        "on_unknown": str(trigger.on_unknown),
        "limit": None if limit is None else f"{limit.max_calls} in {format_duration(limit.per)} by {limit.by}",
        "dedup_window": format_duration(table.routes[trigger.route].dedup_window),
        "order": trigger.order_by,
        "trigger id": trigger.id,
    }
