"""Where the files of a table say what: for people who are told about a part of it, and for the tests beside the routes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bridge.configfile import Path_, Place, load
from bridge.routing.defaults import Entry
from bridge.routing.findings import Spot
from bridge.routing.loading import Sections, read_documents
from bridge.routing.lookups import places_of
from bridge.routing.shape import LookupShape


@dataclass(frozen=True, slots=True)
class Places:
    """The files of a table without errors. Places are None for what it does not have."""

    _sections: Sections
    _routes: Mapping[str, Entry]
    _entries: dict[str, Mapping[str, Place]] = field(default_factory=dict)

    @classmethod
    def of(cls, path: Path, environ: Mapping[str, str]) -> "Places":
        """Of the table that `load_table` takes, with the same arguments. Raises ConfigError when it can't be read."""
        documents, _ = read_documents(path, environ)
        sections = Sections.of(documents, [])
        return cls(sections, {raw["name"]: (raw, spot) for raw, spot in sections.routes})

    def source(self, name: str) -> Place | None:
        """Where a source is defined."""
        return _place(self._sections.sources.get(name), ())

    def route(self, name: str) -> Place | None:
        """Where a route says its name."""
        return _place(self._routes.get(name), ("name",))

    def field(self, generator: str, name: str) -> Place | None:
        """Where the contract of a generator says what a field is."""
        entry = self._sections.generators.get(generator)
        if entry is None:
            return None
        raw, spot = entry
        if "schema" in raw:
            return load(Path(spot.document.file).parent / raw["schema"], {}).place(("properties", name), key=True)
        return spot.document.place((*spot.path, "context", name), key=True)

    def entry(self, lookup: str, key: str) -> Place | None:
        """Where a lookup's file has a key."""
        if lookup not in self._entries:
            self._entries[lookup] = self._places(lookup)
        return self._entries[lookup].get(key)

    def tests(self) -> Iterator[tuple[str, Any, Spot]]:
        """Each test with the name of its route, in the order of the files."""
        for name, (raw, spot) in self._routes.items():
            for index, test in enumerate(raw.get("tests", ())):
                yield name, test, spot["tests"][index]

    def _places(self, lookup: str) -> Mapping[str, Place]:
        entry = self._sections.lookups.get(lookup)
        return {} if entry is None else places_of(LookupShape.model_validate(entry[0]), entry[1])


def _place(entry: Entry | None, path: Path_) -> Place | None:
    return None if entry is None else entry[1].document.place((*entry[1].path, *path), key=not path)
