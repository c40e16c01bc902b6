"""The shape of a routing file: which keys there are and what each may hold. What they mean together is checked later.

Parts that have a language of their own (`match`, `topic_key`, `context`, `tests`) are Any here and read where they are
compiled, so that a mistake in one key never hides those in another. `part` names what they are in the JSON Schema for
editors (tools/schemas.py), where the descriptions become hover texts.
"""

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from bridge.routing.kinds import BRAND, NAME, Brand, Duration, Name, Shape, Start, Text, Version, each, part
from bridge.triggers import OnUnknown, Priority

LONGEST_WINDOW = 7 * 86_400_000
"""Milliseconds. The triggers topic and the ledger keep no more."""


class EventTimeShape(Shape):
    """Where an event says when it happened, as a number."""

    path: Text = Field(description="path of the number in the event", json_schema_extra=part("path"))
    unit: Literal["epoch_ms", "epoch_s"] = Field(description="what the number counts since 1970 UTC")


def _event_id_but_of_cloudevents(schema: JsonDict) -> None:
    """CloudEvents have an id of their own."""
    schema["required"] = ["topic"]
    ours: JsonDict = {"const": "cloudevents", "description": "these have an id"}
    schema["if"] = {"properties": {"format": ours}, "required": ["format"]}
    schema["else"] = {"required": ["event_id"]}


class SourceShape(Shape):
    """A topic with events."""

    model_config = ConfigDict(json_schema_extra=_event_id_but_of_cloudevents)

    topic: Text = Field(description="the Kafka topic")
    format: Literal["json", "cloudevents", "avro", "protobuf", "json-schema"] = Field(
        default="json", description="how records are encoded"
    )
    events: Text = Field(
        default="",
        alias="schema",
        description="a .json (JSON Schema) or .avsc (Avro) file that says what its events hold, relative to the file that "
        "names it: check then finds references to fields that they lack",
    )
    event_id: Text = Field(
        description="path of the event's id: the same when an event is published again; default for CloudEvents: $ce.id",
        json_schema_extra=part("path"),
    )
    event_time: Any = Field(
        default=None,
        description="path of an RFC 3339 time with a zone, or {path, unit}; default: the record's timestamp, for "
        "CloudEvents $ce.time, and of those without one the record's timestamp",
        json_schema_extra=part("event_time"),
    )
    order_by: Text = Field(
        default="",
        description="path: triggers with the same value are called one after the other; default: no order",
        json_schema_extra=part("path"),
    )
    start: Start = Field(
        default="expiry",
        description="where to begin without a committed offset: expiry (now less the longest expires_after), earliest, "
        "latest, or a time as in 2026-02-05T20:12:00Z",
        json_schema_extra=part("start"),
    )
    tombstones: Literal["dead-letter", "skip"] = Field(
        default="dead-letter",
        description="what becomes of records without a value: dead-letter, or skip (counted, nothing else), for a "
        "compacted topic, where they delete a key",
    )
    defaults: dict[str, Any] = Field(
        default={},
        description="what its routes have when they do not say otherwise; before those of the brand",
        json_schema_extra=part("DefaultsShape"),
    )


class DefaultsShape(Shape):
    """What routes have when they do not say otherwise."""

    expires_after: Duration = Field(
        default=0, description="an event older than this is not sent; counted from the event's time"
    )
    dedup_window: Duration = Field(
        default=86_400_000, description="how long a repeated trigger is recognised; at most 7d"
    )
    on_unknown: OnUnknown = Field(
        default=OnUnknown.PARK, description="when nobody can know whether a call had an effect"
    )
    priority: Priority = Field(default=Priority.NORMAL, description="which of the waiting triggers is called first")


class BrandShape(Shape):
    """What is said of a brand as a whole. Its keys at the vendor are in the settings."""

    defaults: dict[str, Any] = Field(
        default={},
        description="what its routes have when neither they nor their source say otherwise",
        json_schema_extra=part("DefaultsShape"),
    )


class GeneratorShape(Shape):
    """An Event Generator: its brand, its id, and the contract agreed with marketing."""

    model_config = ConfigDict(json_schema_extra={"oneOf": [{"required": ["context"]}, {"required": ["schema"]}]})

    brand: Brand = Field(description="the brand of the settings that it belongs to")
    id: Text = Field(description="the Event Generator's id, a UUID from the vendor's page of it")
    name: Text = Field(default="", description="what marketing calls it")
    context: dict[str, Any] = Field(
        default={},
        description="the contract: the type of each field, or {type, required, of, fields, description}",
        json_schema_extra=each("field") | {"minProperties": 1},
    )
    schema_file: Text = Field(
        default="", alias="schema", description="the contract, instead of context: a JSON Schema file beside this one"
    )


class LookupShape(Shape):
    """A table from keys to values, from a file beside this one or from a compacted topic."""

    model_config = ConfigDict(json_schema_extra={"oneOf": [{"required": ["file"]}, {"required": ["topic"]}]})

    file: Text = Field(default="", description="a .csv, .yaml, .yml or .json file, relative to the file that names it")
    topic: Text = Field(default="", description="a compacted Kafka topic, whose records have the keys")
    key: Text = Field(default="", description="the column or field that holds the key; not needed for a mapping")
    value: Text = Field(
        default="",
        description="the column or field that holds the value; of a topic the path to it in the record's JSON, or nothing: then the record's value is the value",
    )


class LimitShape(Shape):
    """At most so many calls of a route; above it the route is held."""

    max: Annotated[int, Field(strict=True, ge=1)] = Field(description="calls within `per`, in each triggers partition")
    per: Duration = Field(description="how long calls count")
    by: Literal["topic_key", "route"] = Field(default="route", description="what is counted for itself")


ATTRIBUTES_OF_A_TEST = {"specversion": "1.0", "id": "test", "source": "/test", "type": "test"}
"""What a CloudEvent of a test has unless it says otherwise."""


class TestShape(Shape):
    """An event and the triggers that it must make."""

    __test__ = False  # for pytest: the word is the file's

    name: Text = Field(description="what it shows, as a sentence")
    event: Any = Field(
        default=None,
        description="the event's body, as JSON has it; of a CloudEvent its data, which it may lack",
        json_schema_extra={"not": {"type": "null"}},
    )
    ce: dict[str, Text] = Field(
        default={},
        description="attributes of a CloudEvent, over those that every event of a test has: id and type `test`, source "
        "`/test`, specversion 1.0",
    )
    expect: list[Any] = Field(
        description="all triggers that it makes, exactly; [] for none", json_schema_extra={"items": part("expected")}
    )
    now: Text = Field(
        default="", description="when it is decided; default: the event's time", json_schema_extra=part("instant")
    )
    key: Text = Field(default="", description="the record's key")
    headers: dict[str, Text] = Field(default={}, description="the record's headers")
    timestamp: Text = Field(default="", description="the record's own time", json_schema_extra=part("instant"))
    lookups: dict[str, dict[str, Any]] = Field(
        default={}, description="entries that stand in for those of the files, by lookup"
    )


class RouteShape(DefaultsShape):
    """Which events become which calls."""

    name: Name = Field(description="unique over all files; part of what identifies a trigger")
    source: Name = Field(description="the source whose events it reads")
    generator: Name = Field(description="the generator that it calls")
    topic_key: Any = Field(
        description="whom it is for: a text, {lookup, key}, or a list of either: one trigger for each",
        json_schema_extra=part("topic_key"),
    )
    context: Any = Field(
        description="what is sent: the fields of the generator's contract", json_schema_extra=part("context")
    )
    match: Any = Field(
        default=None,
        description="paths and the values that they must have; a list means any of; all must hold",
        json_schema_extra=part("match"),
    )
    when: Text = Field(default="", description="a CEL condition for what match can't say")
    dedup_key: Text = Field(default="", description="a text with references; default: the event id")
    supersede_by: Text = Field(
        default="",
        description="a text with references: a newer trigger of the same topic key and value replaces one that waits; default: none does",
    )
    limit: LimitShape | None = Field(
        default=None, description="a guard against a broken producer: above it the route is held, until a person acts"
    )
    mode: Literal["live", "shadow", "off"] = Field(
        default="live", description="shadow: decide and count, never call; off: not even that"
    )
    description: Text = Field(default="", description="when it fires, for marketing: `bridge contract` shows it")
    tests: list[Any] = Field(
        default=[],
        description="events, and the triggers that they must make",
        json_schema_extra={"items": part("TestShape")},
    )


class FileShape(Shape):
    """A routing file, each section still unread."""

    version: Version = Field(description="of this language")
    sources: dict[Name, Any] = Field(
        default={}, description="topics with events, by name", json_schema_extra=each("SourceShape", pattern=NAME)
    )
    defaults: dict[str, Any] = Field(
        default={},
        description="what all routes have when neither they, their source nor their brand say otherwise",
        json_schema_extra=part("DefaultsShape"),
    )
    brands: dict[Brand, Any] = Field(
        default={}, description="defaults of brands, by name", json_schema_extra=each("BrandShape", pattern=BRAND)
    )
    generators: dict[Name, Any] = Field(
        default={},
        description="Event Generators and their contracts, by name",
        json_schema_extra=each("GeneratorShape", pattern=NAME),
    )
    lookups: dict[Name, Any] = Field(
        default={},
        description="tables from keys to values, by name",
        json_schema_extra=each("LookupShape", pattern=NAME),
    )
    routes: list[Any] = Field(
        default=[],
        description="which events become which campaigns: every route that matches fires",
        json_schema_extra={"items": part("RouteShape")},
    )
