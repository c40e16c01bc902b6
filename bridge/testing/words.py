"""What is wrong with a test, in lines for people. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from bridge.configfile import Place
from bridge.explaining.words import json_of, why_not
from bridge.terminal import plain
from bridge.testing.comparing import Difference, Differs, Fault, Missing, Unexpected, verdict_of
from bridge.testing.running import Tested
from bridge.triggers import Rejected, Trigger, Unmapped


@dataclass(frozen=True, slots=True)
class Line:
    """A line, `depth` steps in from the left. `place`: where the file says it."""

    kind: Literal["what", "expected", "actual", "note"]
    text: str
    depth: int = 0
    place: Place | None = None


def lines_of(tested: Tested) -> Iterator[Line]:
    """All that is wrong with a test."""
    if tested.no_event is not None:
        yield Line("what", f"its event is none, and would go to the dead letters: {plain(tested.no_event)}")
    for fault in tested.faults:
        yield from _lines(fault, tested)


def _lines(fault: Fault, tested: Tested) -> Iterator[Line]:
    match fault:
        case Differs(expected, actual, differences):
            whom = f"for topic key {plain(actual.topic_key)}" if actual.topic_key else "without a topic key"
            yield Line("what", f"not as expected: the trigger of route {actual.route} {whom}", place=expected.place)
            for one in differences:
                yield from _difference(one)
            yield from _why_empty(actual, tested)
        case Missing(expected):
            yield Line("what", f"missing: {plain(str(expected))}", place=expected.place)
            yield from _why_missing(expected.route, tested)
        case Unexpected(actual):
            yield Line("what", f"unexpected: {_in_words(actual)}")
            yield from _why_empty(actual, tested)
            if actual.verdict is None:
                yield Line("actual", f"context {json_of(actual.context)}", 1)
            if actual.route != tested.case.route:
                yield Line(
                    "note",
                    f"every route that matches fires: expect it with route: {actual.route}, or tell them apart",
                    1,
                )


def _difference(one: Difference) -> Iterator[Line]:
    if one.what == "verdict":
        yield Line("expected", f"expected  {plain(one.expected)}", 1)
        yield Line("actual", f"got       {plain(one.actual)}", 1)
        return
    yield Line("note", plain(one.what), 1)
    yield Line("expected", f"expected  {json_of(one.expected)}", 2)
    yield Line("actual", f"got       {json_of(one.actual)}", 2)


def _why_missing(route: str, tested: Tested) -> Iterator[Line]:
    if tested.explanation is None:
        return
    found = {one.route.name: one for one in tested.explanation.routes}
    if route not in found:
        yield Line("note", f"route {route} reads another source, or there is none", 1)
    elif found[route].route.mode == "shadow":
        yield Line("note", f"route {route} is in shadow mode, and only the route beside its test is taken as live", 1)
    elif found[route].wanted:
        number = len(found[route].triggers)
        made = "1 trigger" if number == 1 else f"{number} triggers"
        yield Line("note", f"route {route} takes the event, and makes {made} of it, no more", 1)
    else:
        yield Line(
            "note", f"route {route} does not take the event: {why_not(found[route], tested.explanation.event)}", 1
        )


def _why_empty(actual: Trigger, tested: Tested) -> Iterator[Line]:
    if isinstance(actual.verdict, Unmapped) and actual.verdict.lookup in tested.empty:
        name, key = actual.verdict.lookup, json_of(actual.verdict.key)
        told = f"lookup {name} comes from a topic, so the test brings its entries: lookups: {{{name}: {{{key}: ...}}}}"
        yield Line("note", told, 1)


def _in_words(trigger: Trigger) -> str:
    if trigger.verdict is None:
        return f"a trigger of route {trigger.route} for topic key {plain(trigger.topic_key)}"
    kind = "a rejected trigger" if isinstance(trigger.verdict, Rejected) else "an unmapped trigger"
    return f"{kind} of route {trigger.route}: {plain(verdict_of(trigger).partition(': ')[2])}"
