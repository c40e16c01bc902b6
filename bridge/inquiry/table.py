"""Outcomes as a table: for people, for spreadsheets, for programs. Pure."""

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import orjson

from bridge.outcomes.reading import WrittenResult

# By column, the field of the result (docs/reference/results.md).
_COLUMNS = {
    "time": "received",
    "brand": "brand",
    "route": "route",
    "generator": "event_generator_id",
    "topic_key": "topic_key",
    "audience": "audience_size",
    "outcome": "outcome",
    "possible_duplicate": "possible_duplicate",
    "repeats": "repeats",
    "event_id": "event_id",
    "reason": "reason",
    "execution_id": "execution_id",
    "trigger_id": "trigger_id",
    "test": "test",
}
COLUMNS = tuple(_COLUMNS)
# With these a spreadsheet takes a cell for a formula, and runs what somebody wrote into an event.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def row(result: WrittenResult) -> dict[str, Any]:
    """By column what a result says; `time` is when the event was received."""
    fields = result.fields | {"received": result.received}
    return {column: fields.get(name) for column, name in _COLUMNS.items()}


def as_csv(results: Iterable[WrittenResult]) -> Iterator[str]:
    """Lines as RFC 4180 has them, the header first. A text that a spreadsheet would run gets an apostrophe before it."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS)
    writer.writeheader()
    for result in results:
        yield _taken(text)
        writer.writerow({column: _cell(value) for column, value in row(result).items()})
    yield _taken(text)


def _taken(text: io.StringIO) -> str:
    told = text.getvalue()
    text.seek(0)
    text.truncate()
    return told


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def as_json(results: Iterable[WrittenResult]) -> Iterator[str]:
    """Lines of an array of the results as they are on their topic."""
    before = "["
    for result in results:
        yield f"{before}\n{orjson.dumps(result.fields).decode()}"
        before = ","
    yield "[]\n" if before == "[" else "\n]\n"


def counts(results: Sequence[WrittenResult]) -> str:
    """How many ended how, and how many of them are tests, in a line."""
    found = Counter(str(result.fields["outcome"]) for result in results)
    told = ", ".join(f"{count:,} {outcome}" for outcome, count in found.most_common())
    tests = sum(bool(result.get("test")) for result in results)
    of_them = f" ({tests:,} of them {'a test' if tests == 1 else 'tests'})" if tests else ""
    return f"{len(results):,} outcomes{': ' if told else ''}{told}{of_them}"


def chosen(route: str | None, outcome: str | None) -> Callable[[WrittenResult], bool]:
    """Whether a result is of that route and outcome; None is any."""
    wanted = {name: value for name, value in (("route", route), ("outcome", outcome)) if value is not None}
    return lambda result: all(result.fields[name] == value for name, value in wanted.items())
