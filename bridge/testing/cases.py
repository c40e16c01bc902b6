"""The tests beside the routes, as they are to be run."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bridge.configfile import Place
from bridge.routing.places import Places
from bridge.routing.shape import TestShape


@dataclass(frozen=True, slots=True)
class Expected:
    """A trigger that a test expects: the `route` that makes it, and its topic key and context (None: whatever it is), or
    the verdict: a regular expression that the reason of a rejected one fulfils, or the key that a lookup lacks.
    """

    place: Place
    route: str
    topic_key: str | None = None
    context: Mapping[str, Any] | None = None
    rejected: str | None = None
    unmapped: str | None = None

    def __str__(self) -> str:
        """In words."""
        if self.rejected is not None:
            return f"a rejected trigger of route {self.route} whose reason has {self.rejected!r}"
        if self.unmapped is not None:
            return f"an unmapped trigger of route {self.route}, for want of the key {self.unmapped}"
        return f"a trigger of route {self.route} for topic key {self.topic_key}"


@dataclass(frozen=True, slots=True)
class Case:
    """A test: where it stands, and what it says."""

    route: str
    place: Place
    said: TestShape
    expected: tuple[Expected, ...]

    @property
    def name(self) -> str:
        """Unique over the whole table."""
        return f"{self.route}: {self.said.name}"


def cases(places: Places) -> Iterator[Case]:
    """All tests of a table without errors, in the order of its files."""
    for route, raw, spot in places.tests():
        said = TestShape.model_validate(raw)
        expected = tuple(
            Expected(spot["expect"][index].place, **({"route": route} | one)) for index, one in enumerate(said.expect)
        )
        yield Case(route, spot.place, said, expected)
