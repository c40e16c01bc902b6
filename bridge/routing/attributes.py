"""What the routing table knows of CloudEvents: what their sources have by default, and who may refer to attributes."""

from collections.abc import Iterator
from typing import Any

from bridge.routing.expressions import Expression
from bridge.routing.findings import Spot
from bridge.routing.parts import Parts
from bridge.routing.paths import Path, parse_path
from bridge.routing.routes import EventTime, SourceConfig
from bridge.routing.templates import Template, parse_template
from bridge.routing.values import Items, LookedUp, Members, Value
from bridge.routing.written import WrittenNumber, WrittenTime

CE_ID = parse_path("$ce.id")
CE_TIME = EventTime(parse_path("$ce.time"), "rfc3339", or_timestamp=True)
"""The attribute `time` is optional: an event without it is as old as its record."""
OF_CLOUDEVENTS: dict[str, Any] = {"event_id": str(CE_ID)}
SOURCE_AND_ID = parse_template("{$ce.source} {$ce.id}")
"""What makes a CloudEvent the same: an id is unique within its source only. A source has no spaces."""


def check_no_attributes(parts: Parts, source: SourceConfig) -> None:
    """Note what refers to attributes of CloudEvents in a route whose source has none."""
    spot = parts.spot
    for condition in parts.conditions:
        if condition.path.root == "ce":
            _say(str(condition.path), source, spot["match"][condition.written])
    if parts.when is not None and "ce" in parts.when.variables:
        _say("ce", source, spot["when"])
    values: list[tuple[Value, Spot]] = [*parts.topic_keys]
    values += [(value, spot["context"][name]) for name, value in parts.context.items()]
    for name, template in (("dedup_key", parts.dedup_key), ("supersede_by", parts.supersede_by)):
        values += [] if template is None else [(template, spot[name])]
    for value, at in values:
        for reference in dict.fromkeys(_attributes(value)):
            _say(reference, source, at)


def _say(reference: str, source: SourceConfig, spot: Spot) -> None:
    spot.error(
        f"{reference} is an attribute of a CloudEvent, and source {source.name} is {source.format}: its events have none"
    )


def _attributes(value: Value) -> Iterator[str]:
    match value:
        case Template():
            yield from (str(path) for path in value.paths if _is_attribute(path))
        case Expression():
            yield from ("ce" for variable in value.variables if variable == "ce")
        case LookedUp():
            yield from _attributes(value.key)
        case WrittenTime() | WrittenNumber():
            yield from _attributes(value.source)
        case Members(members):
            yield from (one for inner in members.values() for one in _attributes(inner))
        case Items(items):
            yield from (one for inner in items for one in _attributes(inner))
        case _:
            pass


def _is_attribute(path: Path) -> bool:
    return path.root == "ce"
