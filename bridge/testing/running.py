"""Running tests: each event through the real decision."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import orjson
from msgspec import structs

from bridge.durations import parse_instant
from bridge.errors import Undecodable
from bridge.events import Event, Headers
from bridge.explaining.explaining import explain
from bridge.explaining.explanation import Explanation
from bridge.formats import decode
from bridge.recorded.records import Recorded, encoding_of
from bridge.routing import Table
from bridge.routing.deciding import event_time_of
from bridge.routing.refusals import Refusal
from bridge.routing.routes import SourceConfig
from bridge.routing.shape import TestShape
from bridge.testing.attributes import binary
from bridge.testing.cases import Case
from bridge.testing.comparing import Fault, compare
from bridge.testing.overriding import with_lookups


@dataclass(frozen=True, slots=True)
class Tested:
    """A test that was run. It passed without `faults` and without `no_event`, the reason why its event is none. The
    `explanation` tells what the table looked at; `empty` names the lookups without entries, because they come from topics
    and the test brings none.
    """

    case: Case
    faults: tuple[Fault, ...] = ()
    no_event: str | None = None
    explanation: Explanation | None = None
    empty: frozenset[str] = frozenset()

    @property
    def passed(self) -> bool:
        """Whether all is as expected."""
        return not self.faults and self.no_event is None


def run(cases: Iterable[Case], table: Table) -> Iterator[Tested]:
    """Run each against the table."""
    return (_run(case, table) for case in cases)


def _run(case: Case, table: Table) -> Tested:
    source = table.sources[table.routes[case.route].source]
    try:
        event, now = _happened(case, source)
        of = _for(case, table)
        made = of.decide(source.name, event, now).triggers
    except Undecodable as error:
        return Tested(case, no_event=str(error))
    explanation = explain(of, source.name, event, now)
    empty = {lookup.name for lookup in table.lookups if lookup.origin is not None} - case.said.lookups.keys()
    return Tested(case, tuple(compare(case.expected, made)), explanation=explanation, empty=frozenset(empty))


def _happened(case: Case, source: SourceConfig) -> tuple[Event, int]:
    """The event, and the moment (ms) at which it is decided: that of the event unless the test says another. Where neither
    is said it is 1970, so that a test says the same every day.
    """
    said = case.said
    value, attributes = _published(said, source)
    given = tuple((name, text.encode("utf-8", "replace")) for name, text in said.headers.items())
    headers = (*given, *attributes)
    key = said.key.encode("utf-8", "replace") or None
    now = parse_instant(said.now) if said.now else None
    timestamp = parse_instant(said.timestamp) if said.timestamp else None
    record = Recorded(value, timestamp or now or 0, source.topic, key=key, headers=headers)
    event = decode(record, encoding_of(record, source.format))
    if now is None:
        try:
            now = event_time_of(source.event_time, event)
        except Refusal:
            now = event.timestamp
    return structs.replace(event, timestamp=now if timestamp is None else timestamp), now


def _published(said: TestShape, source: SourceConfig) -> tuple[bytes | None, Headers]:
    """The record's value, and the headers that belong to it."""
    try:
        value = orjson.dumps(said.event)
    except TypeError as error:
        raise Undecodable(f"it can't be written as JSON: {error}") from error
    return (value, ()) if source.format != "cloudevents" else binary(said.ce, said.event, value)


def _for(case: Case, table: Table) -> Table:
    """The table as the test means it: with its lookups, and with its route live, so that one in shadow or off can be tested
    before it is let loose.
    """
    own = table.routes[case.route]
    if own.mode == "live" and not case.said.lookups:
        return table
    routes = (replace(route, mode="live") if route is own else route for route in table.routes.values())
    return Table(table.sources, (with_lookups(route, case.said.lookups) for route in routes))
