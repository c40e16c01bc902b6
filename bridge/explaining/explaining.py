"""How a table decides about an event. Pure.

Nothing here decides: the parts that decide (`Condition`, `facts_of`, `triggers_of`) are asked as the table asks them, and
what a route's parts gave meanwhile is written down by stand-ins that pass everything on. So an explanation can't say one
thing and the service do another; a test holds both against each other for any event.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, cast

from bridge.events import Event
from bridge.explaining.explanation import Compared, Explanation, FieldMade, Given, Judged, KeyMade, RouteExplained
from bridge.routing.deciding import Facts, facts_of, triggers_of
from bridge.routing.expressions import Expression
from bridge.routing.paths import MISSING
from bridge.routing.refusals import Refusal
from bridge.routing.routes import Route
from bridge.routing.table import Table
from bridge.routing.templates import key_text
from bridge.routing.values import Value
from bridge.triggers import Trigger


def explain(table: Table, source: str, event: Event, now: int) -> Explanation:
    """Why `table.decide` with the same arguments says what it says. Raises KeyError for a source that the table has not."""
    config = table.sources[source]
    try:
        event_id = key_text(config.event_id, event)
    except Refusal as refusal:
        return Explanation(config, event, now, undecodable=f"no event id: {refusal}")
    facts = facts_of(config, event_id, event, now)
    routes = (route for route in table.routes.values() if route.source == source)
    explained = tuple(_explained(route, event, facts, now, table.hash) for route in routes)
    return Explanation(config, event, now, facts=facts, routes=explained)


@dataclass(slots=True)
class _Listening:
    """Stands where a value or a condition does, passes everything on, and keeps what came of it."""

    part: Any
    given: Given = field(default_factory=Given)

    def value(self, event: Event) -> Any:
        return self._kept(self.part.value, event)

    def holds(self, event: Event) -> bool:
        return bool(self._kept(self.part.holds, event))

    def _kept(self, asked: Any, event: Event) -> Any:
        try:
            value = asked(event)
        except Refusal as refusal:
            self.given = Given(refusal=refusal)
            raise
        self.given = Given(value)
        return value


def _explained(route: Route, event: Event, facts: Facts, now: int, table: str) -> RouteExplained:
    compared = tuple(Compared(one, one.path.read(event), one.holds(event)) for one in route.conditions)
    when = _Listening(route.when)
    context = {name: _Listening(value) for name, value in route.context.items()}
    listened = replace(
        route,
        when=None if route.when is None else cast("Expression", when),
        context=cast("dict[str, Value]", context),
    )
    off = route.mode == "off" or not all(one.holds for one in compared)
    triggers = () if off else tuple(triggers_of(listened, event, facts, now, table))
    judged = None if route.when is None or off else Judged(route.when, when.given)
    if not triggers:
        return RouteExplained(route, compared, judged)
    return RouteExplained(
        route,
        compared,
        judged,
        tuple(_field(route, name, listening) for name, listening in context.items()),
        tuple(_keys(route, triggers, lambda alone: triggers_of(alone, event, facts, now, table))),
        triggers,
    )


def _field(route: Route, name: str, listening: _Listening) -> FieldMade:
    agreed = route.generator.contract.fields[name]
    value = listening.given.value
    misfit = None if value is MISSING else agreed.misfit(value)
    return FieldMade(name, listening.part, listening.given, agreed.required, misfit)


def _keys(route: Route, triggers: tuple[Trigger, ...], made_by: Callable[[Route], list[Trigger]]) -> Iterator[KeyMade]:
    """By asking for each alone; which of several that come to one trigger counts, `triggers` says."""
    left = list(triggers)
    for key in route.topic_keys:
        (trigger,) = made_by(replace(route, topic_keys=(key,)))
        counts = trigger in left
        if counts:
            left.remove(trigger)
        yield KeyMade(key, trigger, repeats=not counts)
