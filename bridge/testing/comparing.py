"""What a test expects, held against what is decided: field by field, in any order. Pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from bridge.routing.paths import MISSING
from bridge.testing.cases import Expected
from bridge.triggers import Rejected, Trigger, Unmapped


@dataclass(frozen=True, slots=True)
class Difference:
    """A part of a trigger that is not as expected. MISSING: it is not there."""

    what: str
    expected: Any
    actual: Any


@dataclass(frozen=True, slots=True)
class Differs:
    """A trigger that is expected, and another in its place."""

    expected: Expected
    actual: Trigger
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class Missing:
    """A trigger that is expected, and not made."""

    expected: Expected


@dataclass(frozen=True, slots=True)
class Unexpected:
    """A trigger that is made, and not expected."""

    actual: Trigger


Fault = Differs | Missing | Unexpected


def compare(expected: Sequence[Expected], actual: Sequence[Trigger]) -> list[Fault]:
    """All that is wrong. Each expected trigger is paired with one that is made, the most alike first."""
    pairs = sorted(
        (_unlikeness(one, trigger), row, column)
        for row, one in enumerate(expected)
        for column, trigger in enumerate(actual)
        if one.route == trigger.route
    )
    paired: dict[int, int] = {}
    taken: set[int] = set()
    for _, row, column in pairs:
        if row not in paired and column not in taken:
            paired[row] = column
            taken.add(column)
    return [
        *_of_expected(expected, actual, paired),
        *(Unexpected(trigger) for column, trigger in enumerate(actual) if column not in taken),
    ]


def _unlikeness(expected: Expected, trigger: Trigger) -> int:
    """A verdict weighs more than a topic key, and that more than all fields of a context."""
    weights = {"verdict": 1_000_000, "topic_key": 1_000}
    return sum(weights.get(one.what, 1) for one in _differences(expected, trigger))


def _of_expected(expected: Sequence[Expected], actual: Sequence[Trigger], paired: dict[int, int]) -> Iterator[Fault]:
    for row, one in enumerate(expected):
        if row not in paired:
            yield Missing(one)
        elif differences := tuple(_differences(one, actual[paired[row]])):
            yield Differs(one, actual[paired[row]], differences)


def _differences(expected: Expected, trigger: Trigger) -> Iterator[Difference]:
    if expected.rejected is not None or expected.unmapped is not None:
        if not _as_judged(expected, trigger):
            yield Difference("verdict", _expected_verdict(expected), verdict_of(trigger))
        return
    if trigger.verdict is not None:
        yield Difference("verdict", "a trigger that is called", verdict_of(trigger))
        return
    if trigger.topic_key != expected.topic_key:
        yield Difference("topic_key", expected.topic_key, trigger.topic_key)
    if expected.context is not None:
        for name in {**expected.context, **trigger.context}:
            wanted, made = expected.context.get(name, MISSING), trigger.context.get(name, MISSING)
            if not same(wanted, made):
                yield Difference(name, wanted, made)


def _as_judged(expected: Expected, trigger: Trigger) -> bool:
    match trigger.verdict:
        case Rejected(reason):
            return expected.rejected is not None and re.search(expected.rejected, reason) is not None
        case Unmapped(key=key):
            return expected.unmapped == key
        case None:
            return False


def _expected_verdict(expected: Expected) -> str:
    return f"rejected: {expected.rejected}" if expected.rejected is not None else f"unmapped: {expected.unmapped}"


def verdict_of(trigger: Trigger) -> str:
    """What was decided about calling it, in words."""
    match trigger.verdict:
        case Rejected(reason):
            return f"rejected: {reason}"
        case Unmapped(key=key, reason=reason):
            return f"unmapped: {key} ({reason})"
        case None:
            return "a trigger that is called"


def same(one: Any, other: Any) -> bool:
    """Whether both are the same JSON: to Python 1 is true and 1.0, to a template they are not."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(value, other[name]) for name, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return type(one) is type(other) and bool(one == other)
