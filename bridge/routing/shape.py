"""The shape of a routing file: which keys there are and what each may hold. What they mean together is checked later.

Parts that have a language of their own (`match`, `topic_key`, `context`, `tests`) are Any here and read where they are
compiled, so that a mistake in one key never hides those in another.
"""

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from bridge.durations import parse_duration, parse_instant
from bridge.triggers import OnUnknown, Priority

LONGEST_WINDOW = 7 * 86_400_000
"""Milliseconds. The triggers topic and the ledger keep no more."""


def _duration(value: object) -> int:
    if not isinstance(value, str):
        raise ValueError('must be a duration with its unit, as in 10s, 5m or 24h (write "10s", not 10)')  # noqa: TRY004 - pydantic turns ValueErrors into problems
    return parse_duration(value)


def _start(value: object) -> object:
    if not isinstance(value, str):
        raise ValueError("must be expiry, earliest, latest, or a time as in 2026-02-05T20:12:00Z")  # noqa: TRY004 - as above
    return value if value in ("expiry", "earliest", "latest") else parse_instant(value)


def _version(value: object) -> object:
    if type(value) is not int or value != 1:  # true and 1.0 equal 1
        raise ValueError("must be 1, the only version there is")
    return value


def _said(text: str) -> str:
    if not text.strip():
        raise ValueError("is blank: give it a text")
    return text


def _name(text: str) -> str:
    if re.fullmatch(r"[A-Za-z][A-Za-z0-9_.-]{0,99}", text) is None:
        raise ValueError("must be a name: a letter, then letters, digits, _ . and -, at most 100")
    return text


def _brand(text: str) -> str:
    if re.fullmatch(r"[a-z][a-z0-9_]*", text) is None:
        raise ValueError("must be the name of a brand: a small letter, then small letters, digits and _")
    return text


Text = Annotated[str, AfterValidator(_said)]
Name = Annotated[str, AfterValidator(_name)]
Brand = Annotated[str, AfterValidator(_brand)]
Duration = Annotated[int, BeforeValidator(_duration), Field(ge=1, json_schema_extra={"type": "string"})]
Start = Literal["expiry", "earliest", "latest"] | int


class Shape(BaseModel):
    """A mapping of the file, with no key that we do not know."""

    model_config = ConfigDict(extra="forbid")


class EventTimeShape(Shape):
    """Where an event says when it happened, as a number."""

    path: Text = Field(description="path of the number in the event")
    unit: Literal["epoch_ms", "epoch_s"] = Field(description="what the number counts since 1970 UTC")


class SourceShape(Shape):
    """A topic with events."""

    topic: Text = Field(description="the Kafka topic")
    format: Literal["json", "cloudevents", "avro", "protobuf", "json-schema"] = Field(
        default="json", description="how records are encoded"
    )
    event_id: Text = Field(description="path of the event's id: the same when an event is published again")
    event_time: Any = Field(
        default=None,
        description="path of an RFC 3339 time with a zone, or {path, unit}; default: the record's timestamp",
    )
    order_by: Text = Field(
        default="", description="path: triggers with the same value are called one after the other; default: no order"
    )
    start: Annotated[Start, BeforeValidator(_start)] = Field(
        default="expiry", description="where to begin without a committed offset"
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


class GeneratorShape(Shape):
    """An Event Generator: its brand, its id, and the contract agreed with marketing."""

    brand: Brand = Field(description="the brand of the settings that it belongs to")
    id: Text = Field(description="the Event Generator's id")
    name: Text = Field(default="", description="what marketing calls it")
    context: dict[str, Any] = Field(description="the contract: the type of each field, or {type, required}")


class ContractFieldShape(Shape):
    """A field of a contract, the long way."""

    type: Text
    required: Annotated[bool, Field(strict=True)] = True


class LookupShape(Shape):
    """A table from keys to values, from a file beside this one or from a compacted topic."""

    file: Text = Field(default="", description="a .csv, .yaml, .yml or .json file, relative to the file that names it")
    topic: Text = Field(default="", description="a compacted Kafka topic, whose records have the keys")
    key: Text = Field(default="", description="the column or field that holds the key; not needed for a mapping")
    value: Text = Field(
        default="",
        description="the column or field that holds the value; of a topic the path to it in the record's JSON, or nothing: then the record's value is the value",
    )


class LimitShape(Shape):
    """At most so many calls of a route; above it the route is held."""

    max: Annotated[int, Field(strict=True, ge=1)]
    per: Duration
    by: Literal["topic_key", "route"] = "route"


class TestShape(Shape):
    """An event and the triggers that it must make."""

    __test__ = False  # for pytest: the word is the file's

    name: Text
    event: Any
    expect: list[Any]
    now: Text = ""
    key: Text = ""
    headers: dict[str, Text] = {}
    timestamp: Text = ""
    lookups: dict[str, dict[str, Any]] = {}


class RouteShape(DefaultsShape):
    """Which events become which calls."""

    name: Name
    source: Name
    generator: Name
    topic_key: Any = Field(description="a text, {lookup, key}, or a list of either: one trigger for each")
    context: Any = Field(description="what is sent; the fields of the generator's contract")
    match: Any = None
    when: Text = Field(default="", description="a CEL condition")
    dedup_key: Text = Field(default="", description="a template; default: the event id")
    limit: LimitShape | None = None
    mode: Literal["live", "shadow", "off"] = "live"
    tests: list[Any] = []


class FileShape(Shape):
    """A routing file, each section still unread."""

    version: Annotated[Literal[1], BeforeValidator(_version)]
    sources: dict[Name, Any] = {}
    defaults: dict[str, Any] = {}
    generators: dict[Name, Any] = {}
    lookups: dict[Name, Any] = {}
    routes: list[Any] = []
