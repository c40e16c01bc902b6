"""What the tests of a table have seen of it: which routes, fields and branches. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from bridge.explaining.explanation import Explanation, FieldMade, RouteExplained
from bridge.routing.matching import match_key
from bridge.routing.paths import MISSING
from bridge.routing.refusals import shown
from bridge.routing.routes import Route
from bridge.routing.values import Constant, LookedUp
from bridge.testing.running import Tested
from bridge.triggers import Unmapped


@dataclass(frozen=True, slots=True)
class RouteCoverage:
    """How many tests stand beside a route, what there is to see of it (a trigger first), and which of that no test has seen."""

    route: str
    tests: int
    points: tuple[str, ...]
    unseen: tuple[str, ...]


def coverage(routes: Mapping[str, Route], tested: Iterable[Tested]) -> list[RouteCoverage]:
    """By route, in the table's order. A route sees the events of all tests of its source, as in the service."""
    seen: dict[str, set[str]] = {name: set() for name in routes}
    tests = dict.fromkeys(routes, 0)
    for one in tested:
        tests[one.case.route] += 1
        for explained in () if one.explanation is None else _taking_part(one.explanation):
            seen[explained.route.name].update(_seen(explained))
    found = []
    for name, route in routes.items():
        points = tuple(_points(route))
        found.append(RouteCoverage(name, tests[name], points, tuple(p for p in points if p not in seen[name])))
    return found


def _taking_part(explanation: Explanation) -> Iterable[RouteExplained]:
    return (one for one in explanation.routes if one.route.mode == "live" and not one.unequal)


_TRIGGER = "a trigger that is called"
_WHEN = {True: "when: true", False: "when: false"}


def _points(route: Route) -> Iterator[str]:
    yield _TRIGGER
    for condition in route.conditions:
        if len(condition.values) > 1:
            yield from (f"match {condition.path}: {shown(value)}" for value in condition.values)
    if route.when is not None:
        yield from _WHEN.values()
    for name, value in route.context.items():
        yield f"field {name}: filled"
        if not route.generator.contract.fields[name].required and not isinstance(value, Constant):
            yield f"field {name}: left out"
    yield from dict.fromkeys(f"lookup {name}: without the key" for name in _lookups(route))


def _lookups(route: Route) -> Iterator[str]:
    """Those that make an event unmapped; of an optional field it is only left out."""
    yield from (key.lookup.name for key in route.topic_keys if isinstance(key, LookedUp))
    for name, value in route.context.items():
        if isinstance(value, LookedUp) and route.generator.contract.fields[name].required:
            yield value.lookup.name


def _seen(one: RouteExplained) -> Iterator[str]:
    if one.when is not None and isinstance(one.when.given.value, bool):
        yield _WHEN[one.when.given.value]
    if one.wanted:
        for compared in one.conditions:
            for value in compared.condition.values:
                if match_key(value) == match_key(compared.actual):
                    yield f"match {compared.condition.path}: {shown(value)}"
    for trigger in one.triggers:
        if isinstance(trigger.verdict, Unmapped):
            yield f"lookup {trigger.verdict.lookup}: without the key"
    if any(trigger.verdict is None for trigger in one.triggers):
        yield _TRIGGER
        yield from _fields_seen(one.fields)


def _fields_seen(fields: Iterable[FieldMade]) -> Iterator[str]:
    for made in fields:
        if made.left_out:
            yield f"field {made.name}: left out"
        elif made.given.value is not MISSING:
            yield f"field {made.name}: filled"
