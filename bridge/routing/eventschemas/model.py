"""What a schema says of a value: in which ways it may be, and what lies inside of each.

Schemas refer to themselves, so what lies inside is worked out when it is asked for.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field

from bridge.routing.matching import Condition
from bridge.routing.paths import Segment

Inside = Callable[[], tuple["Way", ...]]

ANY = "any"


@dataclass(frozen=True, slots=True)
class Way:
    """One way that a value may be. `type` is JSON's name of it, or `any` where the schema does not tell.

    `values` are all that it may have, as `match_key` has them, and None when it does not tell; `shown` are those for
    people. `others` is what fields that are not named hold, and None when only the named ones are told of.
    """

    type: str
    values: Mapping[Hashable, str] | None = None
    fields: Mapping[str, Inside] = field(default_factory=dict)
    others: Inside | None = None
    items: Inside | None = None

    def part(self, segment: Segment) -> tuple["Way", ...]:
        """The ways that its member or item may be; none when it has none."""
        if self.type == ANY:
            return UNTOLD
        if self.type == "object" and isinstance(segment, str):
            inside = self.fields.get(segment, self.others)
            return () if inside is None else inside()
        if self.type == "array" and isinstance(segment, int):
            return UNTOLD if self.items is None else self.items()
        return ()

    def admits(self, keys: Iterable[Hashable]) -> bool:
        """Whether it may have one of these values, as `match_key` has them."""
        if self.values is not None:
            return any(key in self.values for key in keys)
        return self.type == ANY or any(_fits(key, self.type) for key in keys)


UNTOLD = (Way(ANY),)


def _fits(key: Hashable, kind: str) -> bool:
    """Whether a value that `match_key` made a key of can have a type."""
    match key:
        case str():
            return kind == "string"
        case (first, *_) if first is bool:
            return kind == "boolean"
        case (first, int() | float() as number) if first is float:
            return kind == "number" or (kind == "integer" and number == int(number))
        case _:
            return kind == "null"


@dataclass(frozen=True, slots=True)
class EventSchema:
    """The ways that a whole event may be; `file` is the name of the schema, for people."""

    file: str
    ways: tuple[Way, ...]

    def at(self, segments: Iterable[Segment]) -> tuple[Way, ...]:
        """The ways that the value at a path in the event's body may be; none when no event has one."""
        ways = self.ways
        for segment in segments:
            ways = tuple(inner for way in ways for inner in way.part(segment))
        return ways

    def names(self, segments: Iterable[Segment]) -> list[str]:
        """The fields that the object there may have."""
        return list(dict.fromkeys(name for way in self.at(segments) for name in way.fields))

    def matching(self, conditions: Iterable[Condition]) -> "EventSchema":
        """What it says of the events that fulfil some conditions: of those with a type, say, only what that type has."""
        wanted = [condition for condition in conditions if not condition.path.root]

        def may_match(way: Way) -> bool:
            alone = EventSchema(self.file, (way,))
            return all(
                any(one.admits(condition.keys) for one in alone.at(condition.path.segments)) for condition in wanted
            )

        return EventSchema(self.file, tuple(way for way in self.ways if may_match(way)))
