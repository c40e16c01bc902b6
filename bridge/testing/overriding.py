"""Routes with other lookups, for the tests that bring their own. Pure."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

from bridge.routing.lookups import Lookup
from bridge.routing.routes import Route

Entries = Mapping[str, Mapping[str, Any]]
"""By name of a lookup."""


def with_lookups(route: Route, lookups: Entries) -> Route:
    """The route with these entries, and no others, in its lookups of these names."""
    context, topic_keys = _exchanged(route.context, lookups), _exchanged(route.topic_keys, lookups)
    return replace(route, context=context, topic_keys=topic_keys)


def _exchanged(part: Any, lookups: Entries) -> Any:
    """Whatever holds lookups, at any depth: so a new kind of value needs nothing here."""
    if isinstance(part, Lookup):
        return replace(part, entries=lookups[part.name]) if part.name in lookups else part
    if isinstance(part, Mapping):
        return {name: _exchanged(value, lookups) for name, value in part.items()}
    if isinstance(part, tuple):
        return tuple(_exchanged(value, lookups) for value in part)
    if is_dataclass(part) and not isinstance(part, type):
        held = {one.name: getattr(part, one.name) for one in fields(part) if one.init}
        changed = {name: _exchanged(value, lookups) for name, value in held.items()}
        differing = {name: value for name, value in changed.items() if value is not held[name] and value != held[name]}
        return replace(part, **differing) if differing else part
    return part
