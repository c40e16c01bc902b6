"""Lookups: tables from keys to values, as they come from CSV, YAML and JSON files, or from a compacted topic."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bridge.configfile import ConfigError, Document, Place, Problem, load, read_file
from bridge.configfile.validation import did_you_mean
from bridge.routing.findings import Spot
from bridge.routing.jsonplaces import BadJson, Entries
from bridge.routing.live import FromTopic, Live
from bridge.routing.paths import BadPath, parse_path
from bridge.routing.refusals import is_blank, is_finite, shown, type_name
from bridge.routing.shape import LookupShape

LARGEST_FILE = 64 * 1_048_576
"""Bytes."""
_MOST_PROBLEMS = 20  # of one file: a column of the wrong file is not worth ten thousand lines


@dataclass(frozen=True, slots=True)
class Lookup:
    """Values by key, as `file` has them, or a topic: then they change. Keys are texts; values are never blank. `written`
    is the file or topic as the table names it.
    """

    name: str
    entries: Mapping[str, Any]
    file: Path | None = field(default=None, compare=False)
    origin: FromTopic | None = None
    written: str = ""


@dataclass(frozen=True, slots=True)
class _Row:
    """One entry as a file has it, and where."""

    key: Any
    value: Any
    place: Place


class Unusable(Exception):
    """A file that gives no entries at all."""

    def __init__(self, message: str, place: Place | None = None) -> None:
        self.place = place
        super().__init__(message)


def load_lookup(name: str, shape: LookupShape, spot: Spot, live: Live) -> Lookup | None:
    """The lookup in the file or topic that `shape` names, or None with its problems noted."""
    if bool(shape.file) == bool(shape.topic):
        spot.error(
            f"lookup {name} comes from a file or from a topic: say file: ... or topic: ..., one of them", key=True
        )
        return None
    if shape.topic:
        return _from_topic(name, shape, spot, live)
    path = Path(spot.document.file).parent / shape.file
    try:
        rows = list(_rows(path, shape, spot))
    except Unusable as error:
        place = error.place or spot["file"].place
        spot.findings.append(Problem(f"lookup {name}: {error}", place))
        return None
    except ConfigError as error:
        spot.findings.extend(error.problems)
        return None
    problems = list(_problems(name, rows))
    spot.findings.extend(problems[:_MOST_PROBLEMS])
    if not rows:
        spot["file"].error(f"lookup {name}: {shape.file} has no entries")
    if problems or not rows:
        return None
    return Lookup(name, {str(row.key): row.value for row in rows}, path, written=shape.file)


def _from_topic(name: str, shape: LookupShape, spot: Spot, live: Live) -> Lookup | None:
    if shape.key:
        spot["key"].error(f"lookup {name}: the keys of a topic are those of its records: remove key", key=True)
        return None
    try:
        value = parse_path(shape.value) if shape.value else None
    except BadPath as error:
        spot["value"].error(f"lookup {name}: {error}")
        return None
    if value is not None and value.root:
        spot["value"].error(f"lookup {name}: the value is looked for in the record's JSON: write a path without $")
        return None
    origin = FromTopic(shape.topic, value)
    return Lookup(name, live(origin).entries, origin=origin, written=shape.topic)


def places_of(shape: LookupShape, spot: Spot) -> Mapping[str, Place]:
    """Where each key stands in the file that `shape` names; nothing for a topic, and for a file that can't be read."""
    if not shape.file:
        return {}
    try:
        rows = list(_rows(Path(spot.document.file).parent / shape.file, shape, spot))
    except (Unusable, ConfigError):
        return {}
    return {str(row.key): row.place for row in rows}


def _rows(path: Path, shape: LookupShape, spot: Spot) -> Iterable[_Row]:
    if path.suffix in (".yaml", ".yml"):
        return _from_yaml(load(path, {}), shape)
    if path.suffix not in (".csv", ".json"):
        raise Unusable(f"{shape.file} must end in .csv, .yaml, .yml or .json")
    text = _read(path, shape.file)
    if path.suffix == ".csv":
        return _from_csv(text, str(path), shape, spot)
    return _from_json(text, str(path), shape)


def _read(path: Path, shown_as: str) -> str:
    try:
        content = read_file(path, LARGEST_FILE + 1)
    except OSError as error:
        raise Unusable(f"can't read {shown_as}: {error.strerror}") from error
    if len(content) > LARGEST_FILE:
        raise Unusable(f"{shown_as} is larger than {LARGEST_FILE} bytes")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise Unusable("the file is not UTF-8: save it as UTF-8", Place(str(path), line, 1)) from error


def _from_csv(text: str, file: str, shape: LookupShape, spot: Spot) -> Iterator[_Row]:
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    try:
        columns = list(reader.fieldnames or ())
        _check_column("key", shape.key, columns, spot)
        _check_column("value", shape.value, columns, spot)
        for record in reader:
            place = Place(file, reader.line_num, 1)
            if None in record or None in record.values():
                raise Unusable(f"this line has not {len(columns)} columns as the first line has", place)
            yield _Row(record[shape.key], record[shape.value], place)
    except csv.Error as error:
        raise Unusable(f"is not CSV: {error}", Place(file, max(reader.reader.line_num, 1), 1)) from error


def _check_column(role: str, column: str, columns: list[str], spot: Spot) -> None:
    if not column:
        raise Unusable(
            f"say which column holds the {role}, as in {role}: {columns[0] if columns else 'name'}", spot.place
        )
    if columns.count(column) != 1:
        how_many = "no" if column not in columns else "more than one"
        hint = did_you_mean(column, columns) or f": there are {', '.join(columns) or 'none at all'}"
        raise Unusable(f"the file has {how_many} column {column!r}{hint}", spot[role].place)


def _from_json(text: str, file: str, shape: LookupShape) -> Iterator[_Row]:
    try:
        kind, entries = Entries(text, file).read()
        _check_kind(kind, shape)
        for name, value, place in entries:
            yield _row(name, value, shape, place)
    except BadJson as error:
        raise Unusable(str(error), error.place) from error


def _from_yaml(document: Document, shape: LookupShape) -> Iterator[_Row]:
    data = document.data
    if data is None:
        return
    _check_kind(type(data), shape)
    for name, value in data.items() if isinstance(data, dict) else enumerate(data):
        yield _row(name, value, shape, document.place((name,), key=True))


def _check_kind(kind: type, shape: LookupShape) -> None:
    """A mapping (of values, or of objects that hold the value), or a list of objects."""
    if kind is list and not (shape.key and shape.value):
        raise Unusable("the file is a list: say which fields hold the key and the value (key: ..., value: ...)")
    if kind is not list and (kind is not dict or shape.key):
        raise Unusable("the file must be a mapping (then without key: ...) or a list of objects")


def _row(name: str | int, value: Any, shape: LookupShape, place: Place) -> _Row:
    if shape.key:
        return _Row(_member(value, shape.key, place), _member(value, shape.value, place), place)
    return _Row(name, _member(value, shape.value, place) if shape.value else value, place)


def _member(item: Any, name: str, place: Place) -> Any:
    if not isinstance(item, dict) or name not in item:
        raise Unusable(f"this entry has no field {name!r}", place)
    return item[name]


def _problems(name: str, rows: list[_Row]) -> Iterator[Problem]:
    seen: dict[str, Place] = {}
    for row in rows:
        if isinstance(row.key, bool) or not isinstance(row.key, str | int):
            yield Problem(
                f"lookup {name}: a key must be a text or an integer, is {type_name(row.key)} {shown(row.key)}",
                row.place,
            )
            continue
        key = str(row.key)
        if key != key.strip() or not key:
            yield Problem(f"lookup {name}: the key {shown(key)} is empty or has spaces around it", row.place)
        elif key in seen:
            yield Problem(
                f"lookup {name}: the key {shown(key)} is there twice, first on line {seen[key].line}: remove one of them",
                row.place,
            )
        elif is_blank(row.value):
            yield Problem(f"lookup {name}: the value of {shown(key)} is empty: fill it, or remove the entry", row.place)
        elif not isinstance(row.value, str | int | float) or not is_finite(row.value):
            yield Problem(
                f"lookup {name}: the value of {shown(key)} must be a text, a number or a boolean, is {type_name(row.value)}",
                row.place,
            )
        seen.setdefault(key, row.place)
