"""From a route and an event to triggers. Pure: no clock, no I/O, and never an exception, whatever the event holds."""

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from bridge.durations import LATEST
from bridge.events import Event
from bridge.routing.moments import moment_of
from bridge.routing.refusals import Absent, NoEntry, Refusal
from bridge.routing.routes import EventTime, Route, SourceConfig, TopicKey
from bridge.routing.templates import LONGEST_KEY, key_text, present
from bridge.routing.values import LookedUp
from bridge.triggers import Rejected, Trigger, Unmapped, Verdict, trigger_id

AHEAD = 5 * 60_000
"""Milliseconds that an event's time may lie ahead of ours: clocks differ, but not more than so."""
_MOST_REASONS = 5


class Facts(Struct, frozen=True, gc=False):
    """What all routes of a source share about an event. A text in `refusals` says why one could not be read."""

    event_id: str
    event_time: int | None
    order_by: str | None
    refusals: tuple[str, ...]


class _Draft(Struct, frozen=True, gc=False):
    """What the triggers of a route have in common, whatever their topic key."""

    route: Route
    event: Event
    now: int
    table: str
    facts: Facts
    dedup_key: str
    supersede_by: str | None
    context: dict[str, Any]
    refusals: tuple[str, ...]
    no_entry: NoEntry | None


def facts_of(source: SourceConfig, event_id: str, event: Event, now: int) -> Facts:
    """The facts of an event. `now` is in ms since 1970 UTC."""
    refusals: list[str] = []
    event_time: int | None = None
    order_by: str | None = None
    try:
        event_time = event_time_of(source.event_time, event)
        if event_time > now + AHEAD:
            refusals.append(f"event_time is {(event_time - now) // 1000} s ahead of this service's clock")
    except Refusal as refusal:
        refusals.append(f"event_time: {refusal}")
    if source.order_by is not None:
        try:
            order_by = key_text(source.order_by, event)
        except Refusal as refusal:
            refusals.append(f"order_by: {refusal}")
    return Facts(event_id, event_time, order_by, tuple(refusals))


def event_time_of(how: EventTime | None, event: Event) -> int:
    """When the event happened, in ms since 1970 UTC. Raises Refusal."""
    if how is None or how.stands_in(event):
        if event.timestamp < 0:  # what Kafka says for none
            raise Refusal("the record has no timestamp")
        if event.timestamp > LATEST:
            raise Refusal("the record's timestamp lies after the year 9999")
        return event.timestamp
    return moment_of(present(how.path, event), how.unit, how.path)


def triggers_of(route: Route, event: Event, facts: Facts, now: int, table: str) -> list[Trigger]:
    """What the route, whose `match` holds, makes of the event: one trigger for each topic key, or none.

    No two have the same id or are sent to the same topic key.
    """
    refusals = list(facts.refusals)
    try:
        if route.when is not None and not route.when.holds(event):
            return []
    except Refusal as refusal:
        refusals.append(f"when: {refusal}")
    dedup_key = facts.event_id
    if route.dedup_key is not None:
        try:
            dedup_key = route.dedup_key.key(event)
        except Refusal as refusal:
            dedup_key = ""
            refusals.append(f"dedup_key: {refusal}")
    supersede_by: str | None = None
    if route.supersede_by is not None:
        try:
            supersede_by = _short(route.supersede_by.key(event))
        except Refusal as refusal:
            refusals.append(f"supersede_by: {refusal}")
    context, no_entry = _context(route, event, refusals)
    draft = _Draft(route, event, now, table, facts, dedup_key, supersede_by, context, tuple(refusals), no_entry)
    made = (_trigger(key, draft) for key in route.topic_keys)
    return list(_once(made)) if len(route.topic_keys) > 1 else list(made)


def _short(key: str) -> str:
    """The key, which stands in every ledger record. Raises Refusal when it is too long for that."""
    if len(key) > LONGEST_KEY:
        raise Refusal(f"the text is longer than {LONGEST_KEY} characters, too long for a key")
    return key


def _context(route: Route, event: Event, refusals: list[str]) -> tuple[dict[str, Any], NoEntry | None]:
    """What would be sent; why not is added to `refusals`. An optional field that the event lacks is left out."""
    contract = route.generator.contract
    context: dict[str, Any] = {}
    no_entry: NoEntry | None = None
    before = len(refusals)
    for name, value in route.context.items():
        try:
            context[name] = value.value(event)
        except (Absent, NoEntry) as refusal:
            if not contract.fields[name].required:
                continue
            if isinstance(refusal, NoEntry):
                no_entry = no_entry or refusal
            else:
                refusals.append(f"field {name}: {refusal}")
        except Refusal as refusal:
            refusals.append(f"field {name}: {refusal}")
    if len(refusals) == before and no_entry is None and not contract.fulfilled(context):
        refusals.extend(
            f"field {name} {wrong}" if name else f"context {wrong}" for name, wrong in contract.misfits(context)
        )
    return context, no_entry


def _trigger(key: TopicKey, draft: _Draft) -> Trigger:
    route, event, facts, refusals = draft.route, draft.event, draft.facts, draft.refusals
    reference, topic_key, no_entry = "", "", draft.no_entry
    lacks_topic_alone = False
    try:
        text = (key.key if isinstance(key, LookedUp) else key).key(event)
        reference = f"{key.lookup.name}/{text}" if isinstance(key, LookedUp) else text
        topic_key = key.topic_key(text) if isinstance(key, LookedUp) else text
    except NoEntry as missing:
        lacks_topic_alone = no_entry is None
        no_entry = missing
    except Refusal as refusal:
        refusals = (*refusals, f"topic_key: {refusal}")
    verdict = _verdict(route, refusals, no_entry, topic=lacks_topic_alone)
    rejected = isinstance(verdict, Rejected)
    dedup_key = _of_rejected(draft.dedup_key, facts.event_id) if rejected else draft.dedup_key
    happened = min(event.timestamp, LATEST) if facts.event_time is None else facts.event_time
    return Trigger(
        id=trigger_id(route.brand, route.name, reference, dedup_key),
        brand=route.brand,
        route=route.name,
        event_generator_id=route.event_generator_id,
        topic_key=topic_key,
        event_id=facts.event_id,
        dedup_key=dedup_key,
        order_by=facts.order_by,
        priority=route.priority,
        on_unknown=route.on_unknown,
        context={} if rejected else draft.context,
        expires_at=happened + route.expires_after,
        event_time=facts.event_time,
        received=draft.now,
        source=event.source,
        table=draft.table,
        limit=route.limit,
        verdict=verdict,
        supersede_by=draft.supersede_by,
    )


def _verdict(route: Route, refusals: tuple[str, ...], no_entry: NoEntry | None, *, topic: bool) -> Verdict | None:
    """Rejected before unmapped, so that a lookup which was reloaded meanwhile does not change the id."""
    if refusals:
        more = f"; and {len(refusals) - _MOST_REASONS} more" if len(refusals) > _MOST_REASONS else ""
        return Rejected(f"route {route.name}: {'; '.join(refusals[:_MOST_REASONS])}{more}")
    if no_entry is not None:
        return Unmapped(no_entry.lookup, no_entry.key, f"route {route.name}: {no_entry}", topic)
    return None


def _of_rejected(dedup_key: str, event_id: str) -> str:
    """Two bad events must not pass for one, nor a bad one for the good one that comes later with the same key."""
    return event_id if dedup_key == event_id else f"{dedup_key}\x1f{event_id}"


def _once(triggers: Iterator[Trigger]) -> Iterator[Trigger]:
    ids: set[str] = set()
    topic_keys: set[str] = set()
    for trigger in triggers:
        if trigger.id in ids or (trigger.verdict is None and trigger.topic_key in topic_keys):
            continue
        ids.add(trigger.id)
        if trigger.verdict is None:
            topic_keys.add(trigger.topic_key)
        yield trigger
