"""Routes that would send the same campaign twice: each is fine alone, together they ring every phone two times."""

from collections.abc import Hashable, Sequence
from itertools import combinations

from bridge.routing.findings import Spot
from bridge.routing.fingerprints import of_context
from bridge.routing.routes import Route


def check_overlaps(routes: Sequence[tuple[Route, Spot]]) -> None:
    """Note each route that makes the trigger of an earlier one for the same event.

    Two conditions that differ may exclude one another, so only equal ones count, or one beside none.
    """
    called = [(route, spot) for route, spot in routes if route.mode != "off"]
    for (one, one_spot), (other, spot) in combinations(called, 2):
        if not _same_call(one, other) or not _may_fire_together(one, other):
            continue
        where = f"route {one.name} (line {one_spot.place.line} of {one_spot.document.file})"
        twice = "one event could match both, and both call the same generator for the same topic key"
        if of_context(one) == of_context(other):
            spot.error(
                f"route {other.name} makes the same trigger as {where}: {twice}, so each phone would ring twice;"
                " let match or when tell them apart, or remove one"
            )
        else:
            spot.warning(f"route {other.name} may fire together with {where}: {twice}, with different contexts")


def check_together(routes: Sequence[tuple[Route, Spot]]) -> None:
    """Note each route that fires for exactly the events of an earlier one, for another campaign or other people."""
    first: dict[Hashable, tuple[Route, Spot]] = {}
    for route, spot in routes:
        if route.mode == "off":
            continue
        when = None if route.when is None else route.when.source.strip()
        wanted = frozenset((condition.path, condition.keys) for condition in route.conditions)
        one, one_spot = first.setdefault((route.source, wanted, when), (route, spot))
        if one is not route and not _same_call(one, route):
            spot.warning(
                f"route {route.name} fires for exactly the events of route {one.name} (line {one_spot.place.line} of"
                f" {one_spot.document.file}): who is meant by both hears twice; fine if you want both"
            )


def _same_call(one: Route, other: Route) -> bool:
    """Whether both call one generator for one topic key of one source."""
    keys = {str(key) for key in one.topic_keys}
    return (
        one.source == other.source
        and one.brand == other.brand
        and one.event_generator_id == other.event_generator_id
        and any(str(key) in keys for key in other.topic_keys)
    )


def _may_fire_together(one: Route, other: Route) -> bool:
    """Whether some event can match both, as far as can be seen."""
    if one.when is not None and other.when is not None and one.when.source.strip() != other.when.source.strip():
        return False
    wanted = {condition.path: condition.keys for condition in one.conditions}
    return all(wanted[condition.path] & condition.keys for condition in other.conditions if condition.path in wanted)
