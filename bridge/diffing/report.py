"""What a comparison found, counted, with a few examples of each: as much as the tables are large, however many events."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bridge.diffing.comparing import Change
from bridge.routing.fingerprints import identity
from bridge.routing.table import Table


@dataclass(frozen=True, slots=True)
class Example:
    """A change, and the event that made it. `why`: what keeps the other table from making the trigger."""

    where: str
    event_id: str
    change: Change
    why: str | None


@dataclass(slots=True)
class RouteReport:
    """What differs of one route's triggers: how many of each kind, and the first few of each."""

    counts: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[Example]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """An event that only one table can read. `reason` is that of the other."""

    where: str
    only_in: str
    reason: str


@dataclass(slots=True)
class Report:
    """All that was found. `events` were read; `no_event` were none to either table, `unread` of a topic that neither reads;
    `triggers` are those that the old and the new table make; `dead_letters` counts what only one can read, by which.
    """

    identities: Mapping[str, Mapping[str, tuple[Any, Any]]]
    events: int = 0
    differing: int = 0
    no_event: int = 0
    unread: int = 0
    triggers: list[int] = field(default_factory=lambda: [0, 0])
    routes: dict[str, RouteReport] = field(default_factory=dict)
    dead_letters: Counter[str] = field(default_factory=Counter)
    dead_letter_examples: list[DeadLetter] = field(default_factory=list)
    untouched: tuple[str, ...] = ()

    @property
    def differs(self) -> bool:
        """Whether something would be sent differently, or identities change."""
        return bool(self.differing or self.identities)


def identities(old: Table, new: Table) -> dict[str, dict[str, tuple[Any, Any]]]:
    """By route that both have: what of its identity changes, before and after."""
    found: dict[str, dict[str, tuple[Any, Any]]] = {}
    for name, route in new.routes.items():
        if name in old.routes and old.identity[name] != new.identity[name]:
            before = identity(old.routes[name], old.sources[old.routes[name].source])
            after = identity(route, new.sources[route.source])
            found[name] = {part: (before[part], after[part]) for part in after if before[part] != after[part]}
    return found


def changed_routes(old: Table, new: Table) -> list[str]:
    """Those that are not the same in both, the new and the gone ones too."""
    before, after = old.route_fingerprints, new.route_fingerprints
    return [name for name in dict.fromkeys((*before, *after)) if before.get(name) != after.get(name)]
