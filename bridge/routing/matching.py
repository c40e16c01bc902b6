"""`match`: exact comparison of fields, indexed, so that a table of 200 routes costs an event little more than one."""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

from bridge.events import Event
from bridge.routing.paths import Path

_NEVER = object()


def match_key(value: Any) -> Hashable:
    """Equal for two values exactly when JSON calls them equal: 1 is 1.0, but neither `true` nor "1".

    Lists and objects equal nothing, as nothing in a table could.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return (bool, value)
    if isinstance(value, int | float):
        return (float, value)
    if value is None:
        return (None,)
    return _NEVER


@dataclass(frozen=True, slots=True)
class Condition:
    """A field that must have one of some values."""

    path: Path
    values: tuple[Any, ...]
    keys: frozenset[Hashable]
    written: str = field(default="", compare=False)

    @classmethod
    def of(cls, path: Path, values: Iterable[Any], written: str = "") -> "Condition":
        """The condition that `path`, `written` so in its file, holds any of `values`: texts, numbers, booleans or null."""
        listed = tuple(values)
        return cls(path, listed, frozenset(map(match_key, listed)), written)

    def holds(self, event: Event) -> bool:
        """Whether the event has one of the values there."""
        return match_key(self.path.read(event)) in self.keys


class Conditioned(Protocol):
    """What can be indexed."""

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """All of them must hold."""


R = TypeVar("R", bound=Conditioned)


class Index(Generic[R]):
    """Routes by what they match."""

    def __init__(self, routes: Iterable[R]) -> None:
        """Each route is filed under that of its fields which most routes ask for: usually there is only one."""
        numbered = list(enumerate(routes))
        popularity = Counter(condition.path for _, route in numbered for condition in route.conditions)
        filed: dict[Path, dict[Hashable, list[tuple[int, R, tuple[Condition, ...]]]]] = defaultdict(
            lambda: defaultdict(list)
        )
        self._always = tuple((number, route, ()) for number, route in numbered if not route.conditions)
        for number, route in numbered:
            if route.conditions:
                chosen = max(route.conditions, key=lambda condition: popularity[condition.path])
                rest = tuple(condition for condition in route.conditions if condition is not chosen)
                for key in chosen.keys:
                    filed[chosen.path][key].append((number, route, rest))
        self._filed = tuple(
            (path, {key: tuple(routes) for key, routes in by_key.items()}) for path, by_key in filed.items()
        )

    def wanted(self) -> dict[str, frozenset[Hashable]] | None:
        """The keys (`match_key`) of which each route asks for one, by field of the body; None where a route asks for something else."""
        if self._always or any(path.name is None for path, _ in self._filed):
            return None
        return {path.name: frozenset(by_key) for path, by_key in self._filed if path.name is not None}

    def matching(self, event: Event) -> list[R]:
        """The routes whose conditions all hold, in the table's order."""
        found: list[tuple[int, R, tuple[Condition, ...]]] = list(self._always)
        for path, by_key in self._filed:
            candidates = by_key.get(match_key(path.read(event)))
            if candidates is not None:
                found.extend(one for one in candidates if all(condition.holds(event) for condition in one[2]))
        if not found:
            return []
        if len(found) > 1:
            found.sort(key=lambda one: one[0])
        return [route for _, route, _ in found]
