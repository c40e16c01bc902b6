"""Routes that no event can reach: `match` lets through only what `when` then turns away."""

from itertools import islice, product
from typing import Any

from bridge.events import Event, Source
from bridge.routing.expressions import Expression
from bridge.routing.matching import Condition
from bridge.routing.parts import Parts
from bridge.routing.refusals import Refusal

_MOST = 256  # ways in which a match can be fulfilled; above it, nothing is said


def check_reachable(parts: Parts) -> None:
    """Note a `when` that is decided by `match` already, because it reads only what `match` fixes."""
    when, at = parts.when, parts.spot["when"]
    if when is None or not when.variables:
        return  # nothing to ask, or noted where it is read
    fixed = _fixed(when, parts.conditions)
    if fixed is None:
        return
    answers = {_holds(when, dict(zip(fixed, values, strict=True))) for values in _ways(fixed)}
    if answers == {False}:
        at.error("when is never true for what match lets through, so the route can't match")
    elif answers == {True}:
        at.warning("when is true for all that match lets through: remove it")


def _fixed(when: Expression, conditions: tuple[Condition, ...]) -> dict[str, tuple[Any, ...]] | None:
    """What `match` says of the fields that an expression reads; None when it reads anything else."""
    if when.variables != ("event",) or not when.fields:
        return None
    told = {
        condition.path.segments[0]: condition.values
        for condition in conditions
        if not condition.path.root and len(condition.path.segments) == 1
    }
    return {field: told[field] for field in when.fields} if told.keys() >= set(when.fields) else None


def _ways(fixed: dict[str, tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    ways = list(islice(product(*fixed.values()), _MOST + 1))
    return ways if len(ways) <= _MOST else []


def _holds(when: Expression, body: dict[str, Any]) -> bool | None:
    """None when it fails: such an event is rejected, so the route is reached."""
    try:
        return when.holds(Event(body, Source("", 0, 0), 0))
    except Refusal:
        return None
