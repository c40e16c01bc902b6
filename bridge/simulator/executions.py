"""Executions: what a run makes, and how far it has come, computed from its age when somebody asks."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import islice
from typing import Any

import orjson

from bridge.durations import format_instant

# The shares of its life after which an execution is processing, and after which its audience is known.
_PROCESSING_FROM = 0.2
_RESOLVED_FROM = 0.6
_DUPLICATES_SHOWN = 20

Identity = tuple[str, str, str, bytes]
"""Brand, generator, topic key, and what tells one event from another."""


@dataclass(slots=True)
class Execution:
    """One execution. `at` is in milliseconds since 1970 UTC, `born` and `lasts` are seconds; the rest is the page's.

    `answered`: a readable 202 left for the client. `hidden_for`: seconds during which its status says 404.
    `stuck_as`: the status that it never gets beyond.
    """

    id: str
    brand: str
    generator: str
    topic_key: str
    context: dict[str, Any]
    at: int
    born: float
    lasts: float
    audience: int
    fails: bool
    hidden_for: float = 0.0
    stuck_as: str | None = None
    answered: bool = False
    polls: int = 0


@dataclass(frozen=True, slots=True)
class ExecutionRecord:
    """An execution as the report lists it. `at` is when its request arrived, in milliseconds since 1970 UTC."""

    execution_id: str
    brand: str
    event_generator_id: str
    topic_key: str
    context: dict[str, Any]
    at: int
    status: str
    answered: bool
    polls: int


@dataclass(frozen=True, slots=True)
class Duplicate:
    """One event that made more than one execution."""

    brand: str
    event_generator_id: str
    topic_key: str
    context: dict[str, Any]
    executions: tuple[str, ...]


def status_of(execution: Execution, now: float) -> str:
    """queued, processing, published or failed; or what it is stuck as. `now` is in seconds, as `born`."""
    if execution.stuck_as is not None:
        return execution.stuck_as
    age = now - execution.born
    if age >= execution.lasts:
        return "failed" if execution.fails else "published"
    return "queued" if age < execution.lasts * _PROCESSING_FROM else "processing"


def status_body(execution: Execution, now: float, stuck_as: str | None = None) -> dict[str, Any]:
    """The body of a status answer; `stuck_as` takes the place of the status for this answer."""
    status = stuck_as or status_of(execution, now)
    age = now - execution.born
    moved = {"queued": 0.0, "processing": _PROCESSING_FROM, "published": 1.0, "failed": 1.0}.get(status, 0.0)
    if status == "processing" and age >= execution.lasts * _RESOLVED_FROM and not execution.fails:
        moved = _RESOLVED_FROM
    body: dict[str, Any] = {
        "execution_id": execution.id,
        "status": status,
        "created_at": format_instant(execution.at),
        "updated_at": format_instant(execution.at + int(moved * execution.lasts * 1000)),
        "event_generator_id": execution.generator,
        "topic_key": execution.topic_key,
    }
    if status == "published" or moved == _RESOLVED_FROM:
        body["audience_size"] = execution.audience
    if status == "failed":
        body["error_code"] = "AUDIENCE_RESOLUTION_FAILED"
        body["error_message"] = "the topic's audience could not be resolved"
    return body


class ExecutionLog:
    """Every execution made; and, since the report was last reset, how often each event made one."""

    def __init__(self, identity: Sequence[str]) -> None:
        self._identity = identity
        self._by_id: dict[str, Execution] = {}
        self._made: dict[str, Execution] = {}
        self._first: dict[Identity, str] = {}
        self._again: dict[Identity, list[str]] = {}

    def add(self, execution: Execution, canonical: bytes) -> None:
        """Keep an execution just made; `canonical` is its context as JSON with sorted keys."""
        self._by_id[execution.id] = self._made[execution.id] = execution
        identity = self._identity_of(execution, canonical)
        if self._first.setdefault(identity, execution.id) != execution.id:
            self._again.setdefault(identity, []).append(execution.id)

    def get(self, execution_id: str) -> Execution | None:
        """The execution of that id, also from before a reset."""
        return self._by_id.get(execution_id)

    @property
    def made(self) -> Sequence[Execution]:
        """The executions since the last reset, in the order in which they were made."""
        return tuple(self._made.values())

    @property
    def count(self) -> int:
        """How many executions since the last reset."""
        return len(self._made)

    @property
    def distinct(self) -> int:
        """How many events those came of."""
        return len(self._first)

    def duplicates(self) -> tuple[Duplicate, ...]:
        """The first 20 events that made more than one."""
        shown = []
        for identity, again in islice(self._again.items(), _DUPLICATES_SHOWN):
            first = self._made[self._first[identity]]
            ids = (first.id, *again[:_DUPLICATES_SHOWN])
            shown.append(Duplicate(first.brand, first.generator, first.topic_key, first.context, ids))
        return tuple(shown)

    def reset(self) -> None:
        """Count from here; what exists can still be polled."""
        self._made.clear()
        self._first.clear()
        self._again.clear()

    def _identity_of(self, execution: Execution, canonical: bytes) -> Identity:
        context = execution.context
        chosen = {name: context[name] for name in self._identity if name in context}
        data = orjson.dumps(chosen, option=orjson.OPT_SORT_KEYS) if chosen else canonical
        return (execution.brand, execution.generator, execution.topic_key, blake2b(data, digest_size=16).digest())


def record_of(execution: Execution, now: float) -> ExecutionRecord:
    """The execution as the report lists it."""
    return ExecutionRecord(
        execution.id,
        execution.brand,
        execution.generator,
        execution.topic_key,
        execution.context,
        execution.at,
        status_of(execution, now),
        execution.answered,
        execution.polls,
    )
