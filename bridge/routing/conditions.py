"""Reading a `match`, and finding one that no event can fulfil."""

from collections.abc import Iterator
from typing import Any

from bridge.routing.findings import Spot, but_is
from bridge.routing.matching import Condition, match_key
from bridge.routing.paths import Path
from bridge.routing.refusals import shown, type_name
from bridge.routing.sources import read_path


def read_conditions(raw: Any, spot: Spot) -> Iterator[Condition]:
    """The conditions of a `match`; those with problems are left out and noted."""
    if not isinstance(raw, dict) or not raw:
        spot.error(
            f"match must be a mapping from paths to values, as in {{type: goal}}{but_is(raw) if raw != {} else ''}"
        )
        return
    seen: dict[Path, str] = {}
    for name, given in raw.items():
        at = spot[name]
        path = read_path(name, at, "match")
        values = given if isinstance(given, list) else [given]
        if not values:
            at.error(f"match {name} is an empty list, so the route can't match: name the values that it may have")
        for index, value in enumerate(values):
            _check_value(
                name, value, path.root if path is not None else "", at[index] if isinstance(given, list) else at
            )
        if path is None:
            continue
        if path in seen:
            at.error(f"match {name} names the same field as {seen[path]}: write one list", key=True)
        for other, written in seen.items():
            if path.root == other.root and _inside(path.segments, other.segments):
                at.error(f"match {name} and {written} lie inside one another, so the route can't match", key=True)
        seen[path] = name
        if all(isinstance(value, str | bool | int | float) or value is None for value in values):
            yield Condition.of(path, values, name)


def _inside(one: tuple[Any, ...], other: tuple[Any, ...]) -> bool:
    return one != other and (one[: len(other)] == other or other[: len(one)] == one)


def _check_value(name: str, value: Any, root: str, at: Spot) -> None:
    if isinstance(value, dict | list):
        at.error(f"match {name} compares with texts, numbers, booleans and null, not with {type_name(value)}: use when")
    elif root in ("headers", "key") and not isinstance(value, str):
        at.error(
            f"match {name} is always a text and can't be {type_name(value)} {shown(value)}, so the route can't match: quote it"
        )
    elif isinstance(value, str) and match_key(value) != match_key(value.strip()):
        at.warning(f"match {name} has spaces around its value {shown(value)}")
    elif isinstance(value, str) and "{" in value:
        at.warning(f"match {name} compares with the text {shown(value)} as it stands: templates are not read here")
