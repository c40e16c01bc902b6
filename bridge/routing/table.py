"""The routing table: what decides, for each event of a source, which triggers it makes."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from msgspec import Struct

from bridge.configfile import Problem
from bridge.errors import Undecodable
from bridge.events import Event, Format
from bridge.routing import fingerprints
from bridge.routing.deciding import facts_of, triggers_of
from bridge.routing.lookups import Lookup
from bridge.routing.matching import Index
from bridge.routing.refusals import Refusal
from bridge.routing.routes import Generator, Route, SourceConfig
from bridge.routing.templates import key_text
from bridge.routing.unwanted import Unwanted
from bridge.triggers import Trigger


class Decided(Struct, frozen=True, gc=False):
    """What an event means: `triggers` to write, those with a verdict among them; `shadow` counts those of routes in
    shadow mode, which must not be written. Both empty: no route wants the event.
    """

    event_id: str
    triggers: tuple[Trigger, ...] = ()
    shadow: int = 0


class Table:
    """A routing table without errors. It never changes: a new one takes its place.

    `hash` names its meaning; `identity` holds by route the fingerprint of what decides ids and partitions;
    `route_fingerprints` by route that of the whole route with its generator; `dedup_window` is the longest, in ms,
    `longest_limit` the longest time (ms) over which a route's own limit counts; `files` are what it was read from, folders too.
    What `lookups` from topics hold may change all the same, and is not in the hash.
    """

    def __init__(
        self,
        sources: Mapping[str, SourceConfig],
        routes: Iterable[Route],
        lookups: Iterable[Lookup] = (),
        warnings: Iterable[Problem] = (),
        *,
        files: Iterable[Path] = (),
        generators: Iterable[Generator] = (),
    ) -> None:
        """Every route's source must be in `sources`, and names must be unique. `generators` may hold more than routes
        use.
        """
        self.sources = dict(sources)
        self.routes = {route.name: route for route in routes}
        self.lookups = tuple(lookups)
        self.warnings = tuple(warnings)
        self.files = frozenset(files)
        self.generators = {one.name: one for one in (*generators, *(route.generator for route in self.routes.values()))}
        self.hash = fingerprints.of_table(self.sources, self.routes.values(), self.lookups)
        self.identity = {
            route.name: fingerprints.of_identity(route, self.sources[route.source]) for route in self.routes.values()
        }
        self.route_fingerprints = {route.name: fingerprints.of_route(route) for route in self.routes.values()}
        self.dedup_window = max((route.dedup_window for route in self.routes.values()), default=0)
        limits = [route.limit for route in self.routes.values() if route.limit is not None]
        self.longest_limit = max((limit.per for limit in limits), default=0)
        on = [route for route in self.routes.values() if route.mode != "off"]
        self._indexes = {name: Index(route for route in on if route.source == name) for name in self.sources}

    def formats(self, topic: str, named: str | None = None) -> set[Format]:
        """How those sources are encoded that read a topic, or have this name."""
        return {source.format for name, source in self.sources.items() if topic == source.topic or name == named}

    def unwanted(self, source: str) -> Unwanted | None:
        """How to tell events of `source` that no route wants from few fields; None where few don't do. Raises KeyError."""
        event_id = self.sources[source].event_id.name
        wanted = self._indexes[source].wanted()
        return None if event_id is None or wanted is None else Unwanted(event_id, wanted)

    def decide(self, source: str, event: Event, now: int) -> Decided:
        """What an event of `source` means at `now` (ms since 1970 UTC). Every route that matches fires.

        Raises Undecodable when the event has no readable id, and KeyError for a source that the table has not.
        """
        config = self.sources[source]
        try:
            event_id = key_text(config.event_id, event)
        except Refusal as refusal:
            raise Undecodable(f"no event id: {refusal}") from refusal
        matching = self._indexes[source].matching(event)
        if not matching:
            return Decided(event_id)
        facts = facts_of(config, event_id, event, now)
        triggers: list[Trigger] = []
        shadow = 0
        for route in matching:
            made = triggers_of(route, event, facts, now, self.hash)
            if route.mode == "shadow":
                shadow += len(made)
            else:
                triggers.extend(made)
        return Decided(event_id, tuple(triggers), shadow)
