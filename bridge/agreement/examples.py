"""Example payloads: what the table makes of an event in the tests beside its routes, else made up from the types."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from bridge.agreement.model import Example
from bridge.durations import parse_instant
from bridge.events import Event, Source
from bridge.routing import Generator, Route, Table
from bridge.routing.contract import ContractField, FieldType
from bridge.routing.deciding import event_time_of, facts_of, triggers_of
from bridge.routing.refusals import Refusal
from bridge.routing.shape import ATTRIBUTES_OF_A_TEST, TestShape
from bridge.routing.templates import key_text
from bridge.routing.values import LookedUp

Test = tuple[str, TestShape]
"""A test with the name of the route that it stands beside."""

_MADE: Mapping[FieldType, tuple[Any, ...]] = {
    FieldType.INTEGER: (12, 1, 0),
    FieldType.NUMBER: (1.5, 1, 0),
    FieldType.BOOLEAN: (True,),
    FieldType.URL: ("https://example.com/page",),
    FieldType.DATETIME: ("2026-02-05T20:00:00Z",),
    FieldType.OBJECT: ({"name": "value"},),
    FieldType.ARRAY: (["item"],),
}


def example_of(generator: Generator, routes: Sequence[Route], table: Table, tests: Iterable[Test]) -> Example:
    """The body of a call of this generator. Of several tests the one that fills most fields, of equal ones the first."""
    names = {route.name for route in routes}
    best: Example | None = None
    for route, test in tests:
        if route not in names:
            continue
        for body in _bodies(route, test, table):
            if best is None or len(body["context"]) > len(best.body["context"]):
                best = Example(body, f"route {route}, test “{test.name}”")
    return best or Example(_made_up(generator, routes), None)


def _bodies(name: str, test: TestShape, table: Table) -> Iterator[dict[str, Any]]:
    """What the route would send for the event of a test, whatever its mode."""
    route = table.routes[name]
    event = Event(
        test.event,
        Source(table.sources[route.source].topic, 0, 0),
        parse_instant(test.timestamp) if test.timestamp else 0,
        test.key or None,
        test.headers,
        {**ATTRIBUTES_OF_A_TEST, **test.ce},
    )
    if not all(condition.holds(event) for condition in route.conditions):
        return
    source = table.sources[route.source]
    try:
        now = parse_instant(test.now) if test.now else event_time_of(source.event_time, event)
        facts = facts_of(source, key_text(source.event_id, event), event, now)
    except Refusal:
        return  # a test of what is rejected
    for trigger in triggers_of(route, event, facts, now, table.hash):
        if trigger.verdict is None:
            yield {"topic_key": trigger.topic_key, "context": trigger.context}


def _made_up(generator: Generator, routes: Sequence[Route]) -> dict[str, Any]:
    context = {name: _value(name, field) for name, field in generator.contract.fields.items()}
    return {"topic_key": _topic_key(routes), "context": context}


def _topic_key(routes: Sequence[Route]) -> str:
    for key in (key for route in routes for key in route.topic_keys):
        if not isinstance(key, LookedUp) and not key.paths:
            return "".join(map(str, key.parts))
        if isinstance(key, LookedUp) and key.lookup.entries and key.lookup.origin is None:
            return str(next(iter(key.lookup.entries.values())))
    return "00000000-abcd-abcd-abcd-000000000000"


def _value(name: str, field: ContractField) -> Any:
    candidates = [*field.examples, *_made(name, field)]
    return next((one for one in candidates if field.misfit(one) is None), candidates[0])


def _made(name: str, field: ContractField) -> tuple[Any, ...]:
    if field.of is not None:
        return ([_value(name, field.of)],)
    if field.fields is not None:
        return ({inner: _value(inner, one) for inner, one in field.fields.items()},)
    if field.type is FieldType.STRING:
        return (f"some {name.replace('_', ' ')}",)
    return _MADE[field.type]
