"""Reading a whole table: one file or a folder of them, with every problem at once."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from bridge.configfile import ConfigError, Document, Place, Problem, load
from bridge.configfile.loading import UnreadPartsError
from bridge.configfile.problems import besides
from bridge.formats import REGISTERED
from bridge.formats.schemas import MISSING_EXTRA, extra_is_installed
from bridge.routing.defaults import Entry, read_all_defaults
from bridge.routing.eventschemas import EventSchema, load_event_schema
from bridge.routing.eventschemas.conformity import check_source
from bridge.routing.findings import Spot, read_shape
from bridge.routing.live import Live, LiveEntries
from bridge.routing.lookups import Lookup, load_lookup
from bridge.routing.overlaps import check_overlaps, check_together
from bridge.routing.reading import Surroundings, read_route
from bridge.routing.routes import Generator, Route, SourceConfig
from bridge.routing.shape import FileShape, LookupShape
from bridge.routing.sources import read_generator, read_source
from bridge.routing.stability import check_stable_source
from bridge.routing.table import Table
from bridge.routing.unused import check_unused


def load_table(
    path: Path,
    environ: Mapping[str, str],
    *,
    brands: Collection[str] | None = None,
    registry: bool | None = None,
    live: Live = LiveEntries,
) -> Table:
    """The table in a file, or in all *.yaml of a folder. Its warnings are in `Table.warnings`.

    `environ` is what `${NAME}` reads. With `brands`, those of the settings, a generator of another brand is an error,
    and with `registry`, whether they have one, a source whose format needs it where there is none.
    `live` gives the entries of lookups that come from topics: by default there are none.
    Raises ConfigError with every problem that was found, warnings too.
    """
    documents, unread = read_documents(path, environ)
    findings: list[Problem] = []
    sections = Sections.of(documents, findings)
    sources = {name: read_source(name, raw, spot) for name, (raw, spot) in sections.sources.items()}
    _check_topics(sources, sections)
    _check_registry(sources, sections, registry=registry)
    schemas = {name: _event_schema(raw, spot) for name, (raw, spot) in sections.sources.items()}
    _check_sources(sources, schemas, sections)
    around = Surroundings(
        sources=sources,
        generators={name: read_generator(name, raw, spot, brands) for name, (raw, spot) in sections.generators.items()},
        lookups={name: _lookup(name, raw, spot, live) for name, (raw, spot) in sections.lookups.items()},
        defaults=read_all_defaults(sections.defaults, sections.brands, sections.sources, sections.generators),
        schemas=schemas,
    )
    _check_others(path, sections.lookups, findings)
    routes = [(read_route(raw, around, spot), spot) for raw, spot in sections.routes]
    whole = [(route, spot) for route, spot in routes if route is not None]
    check_overlaps(whole)
    check_together(whole)
    if sections.routes:
        check_unused(
            sections.sources,
            sections.generators,
            sections.lookups,
            sections.routes,
            all_read=len(whole) == len(routes),
        )
    else:
        findings.append(
            Problem("there are no routes, so nothing would ever be called", documents[0].place(()), "warning")
        )
    if unread or any(problem.severity == "error" for problem in findings):
        raise ConfigError(dict.fromkeys([*unread, *besides(findings, unread)]))
    lookups = [lookup for lookup in around.lookups.values() if lookup is not None]
    generators = [generator for generator in around.generators.values() if generator is not None]
    return Table(
        _with_expiry(
            {name: source for name, source in sources.items() if source is not None}, [one for one, _ in whole]
        ),
        [route for route, _ in whole],
        lookups,
        ConfigError(dict.fromkeys(findings)).problems,
        files=[path, *_files(lookups, generators), *(file for one in documents for file in one.secrets)],
        generators=generators,
    )


def _files(lookups: list[Lookup], generators: list[Generator]) -> Iterator[Path]:
    """What the table refers to."""
    yield from (lookup.file for lookup in lookups if lookup.file is not None)
    for generator in generators:
        if generator.contract.agreed is not None:
            yield generator.contract.agreed.file


def read_documents(path: Path, environ: Mapping[str, str]) -> tuple[list[Document], list[Problem]]:
    """The files, and what could not be read in them. Raises ConfigError when one can't be read at all."""
    files = sorted(path.glob("*.yaml")) if path.is_dir() else [path]
    if not files:
        raise ConfigError([Problem("there is no *.yaml in this folder", Place(str(path), 1, 1))])
    documents: list[Document] = []
    problems: list[Problem] = []
    for file in files:
        try:
            documents.append(load(file, environ))
        except UnreadPartsError as unread:
            documents.append(unread.document)
            problems.extend(unread.problems)
        except ConfigError as error:
            problems.extend(error.problems)
    if len(documents) < len(files):
        raise ConfigError(problems)
    return documents, problems


def _check_others(path: Path, lookups: Mapping[str, Entry], findings: list[Problem]) -> None:
    """Note files of a folder that look like parts of the table and are not read."""
    named = {
        (Path(spot.document.file).parent / str(raw.get("file"))).resolve()
        for raw, spot in lookups.values()
        if isinstance(raw, dict)
    }
    findings.extend(
        Problem("this file is not read: name it .yaml, or move it away", Place(str(file), 1, 1), "warning")
        for file in (sorted(path.glob("*.yml")) if path.is_dir() else ())
        if file.resolve() not in named
    )


@dataclass(slots=True)
class Sections:
    """The sections of all files together, each entry unread."""

    sources: dict[str, Entry] = field(default_factory=dict)
    generators: dict[str, Entry] = field(default_factory=dict)
    lookups: dict[str, Entry] = field(default_factory=dict)
    brands: dict[str, Entry] = field(default_factory=dict)
    routes: list[Entry] = field(default_factory=list)
    defaults: Entry | None = None

    @classmethod
    def of(cls, documents: list[Document], findings: list[Problem]) -> "Sections":
        """What the files hold; names that two of them define are noted."""
        sections = cls()
        for document in documents:
            spot = Spot(document, (), findings)
            read_shape(FileShape, document.data, spot, "a routing file")
            if isinstance(document.data, dict):
                sections._add(document.data, spot)
        sections._check_route_names()
        return sections

    def _add(self, data: dict[str, Any], spot: Spot) -> None:
        for kind, known in (
            ("source", self.sources),
            ("generator", self.generators),
            ("lookup", self.lookups),
            ("brand", self.brands),
        ):
            for name, raw in _members(data.get(f"{kind}s")).items():
                if name in known:
                    _say_twice(f"{kind} {name}", spot[f"{kind}s"][name], known[name][1])
                else:
                    known[name] = (raw, spot[f"{kind}s"][name])
        given = data.get("routes")
        if isinstance(given, list):
            self.routes.extend((raw, spot["routes"][index]) for index, raw in enumerate(given))
        if isinstance(data.get("defaults"), dict):
            if self.defaults is not None:
                _say_twice("defaults", spot["defaults"], self.defaults[1])
            self.defaults = (data["defaults"], spot["defaults"])

    def _check_route_names(self) -> None:
        first: dict[str, Spot] = {}
        for raw, spot in self.routes:
            name = raw.get("name") if isinstance(raw, dict) else None
            if isinstance(name, str) and name in first:
                _say_twice(f"route {name}", spot["name"], first[name])
            elif isinstance(name, str):
                first[name] = spot


def _members(raw: Any) -> dict[str, Any]:
    return raw if isinstance(raw, dict) else {}


def _say_twice(what: str, spot: Spot, first: Spot) -> None:
    spot.error(f"{what} is already defined at {first.place}", key=True)


def _check_topics(sources: Mapping[str, SourceConfig | None], sections: Sections) -> None:
    by_topic: dict[str, list[str]] = defaultdict(list)
    for name, source in sources.items():
        if source is not None:
            by_topic[source.topic].append(name)
    for topic, names in by_topic.items():
        for name in names[1:]:
            sections.sources[name][1]["topic"].error(
                f"topic {topic} is already read by source {names[0]}: give its routes that source"
            )


def _check_registry(sources: Mapping[str, SourceConfig | None], sections: Sections, *, registry: bool | None) -> None:
    for name, source in sources.items():
        if registry is None or source is None or source.format not in REGISTERED:
            continue
        spot = sections.sources[name][1]["format"]
        if not registry:
            spot.error(f"the format {source.format} needs a schema registry: set registry.url in the settings")
        elif not extra_is_installed():
            spot.error(f"the format {source.format} can't be read here: {MISSING_EXTRA}")


def _event_schema(raw: Any, spot: Spot) -> EventSchema | None:
    given = raw.get("schema") if isinstance(raw, dict) else None
    # What is no text is the shape's to say.
    return load_event_schema(given, spot["schema"]) if isinstance(given, str) and given.strip() else None


def _check_sources(
    sources: Mapping[str, SourceConfig | None], schemas: Mapping[str, EventSchema | None], sections: Sections
) -> None:
    for name, source in sources.items():
        if source is None:
            continue
        spot, schema = sections.sources[name][1], schemas[name]
        check_stable_source(source, spot)
        if schema is not None:
            check_source(source, schema, spot)


def _lookup(name: str, raw: Any, spot: Spot, live: Live) -> Lookup | None:
    shape = read_shape(LookupShape, raw, spot, f"lookup {name}")
    return load_lookup(name, shape, spot, live) if shape is not None else None


def _with_expiry(sources: Mapping[str, SourceConfig], routes: list[Route]) -> dict[str, SourceConfig]:
    longest = {name: max((one.expires_after for one in routes if one.source == name), default=0) for name in sources}
    return {name: replace(source, longest_expiry=longest[name]) for name, source in sources.items()}
