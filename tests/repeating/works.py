"""Triggers as the table makes them, and the terms on which they may be written again."""

from dataclasses import dataclass
from typing import Any

import orjson
from repeating.results import NOW
from routing.tables import GOAL

from bridge.durations import format_instant
from bridge.events import Source
from bridge.kafka import Headers
from bridge.repeating.redriving import Case, decide
from bridge.repeating.terms import Terms
from bridge.routing.table import Table
from bridge.triggers import Trigger

EVENT_TIME = NOW - 120_000
TOPIC = "sports.match-events"


@dataclass(frozen=True, slots=True)
class Read:
    """A record of the source topic."""

    value: bytes | None
    key: bytes | None = None
    headers: Headers = ()
    topic: str = TOPIC
    partition: int = 3
    offset: int = 17
    timestamp: int = EVENT_TIME


def goal(**changes: Any) -> Read:
    return Read(orjson.dumps(GOAL | {"occurred_at": format_instant(EVENT_TIME)} | changes))


def terms(routes: Table, *, now: int = NOW, expires_after: int | None = None, limit: int = 1_000_000) -> Terms:
    return Terms(routes.routes, now, expires_after, "bridge.triggers", 12, limit)


def trigger(routes: Table, **changes: Any) -> Trigger:
    """The one that the event makes."""
    record = goal(**changes)
    case = Case(source_of(record), "goal", ())
    decided = decide(routes, record, case, terms(routes))
    assert isinstance(decided, list)
    (made,) = decided
    return made


def source_of(record: Read) -> Source:
    return Source(record.topic, record.partition, record.offset)
