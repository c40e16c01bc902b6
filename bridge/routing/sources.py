"""Reading the sources and the generators of a table."""

import re
from collections.abc import Collection
from typing import Any

from bridge.configfile.validation import did_you_mean
from bridge.routing.agreed import load_agreed
from bridge.routing.attributes import CE_ID, CE_TIME, OF_CLOUDEVENTS, SOURCE_AND_ID
from bridge.routing.contract import Contract
from bridge.routing.fields import read_contract
from bridge.routing.findings import Spot, read_shape, read_text
from bridge.routing.paths import BadPath, Path, parse_path
from bridge.routing.routes import EventTime, Generator, SourceConfig
from bridge.routing.shape import EventTimeShape, GeneratorShape, SourceShape

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def read_path(raw: Any, spot: Spot, what: str) -> Path | None:
    """A path, or None with its problem noted."""
    text = read_text(raw, spot, what)
    if text is None:
        return None
    try:
        return parse_path(text)
    except BadPath as error:
        hint = "; a path stands without braces" if "{" in text else ""
        spot.error(f"{what}: {error}{hint}")
        return None


def read_source(name: str, raw: Any, spot: Spot) -> SourceConfig | None:
    """A source, or None with its problems noted."""
    ours = isinstance(raw, dict) and raw.get("format") == "cloudevents"
    shape = read_shape(SourceShape, raw, spot, f"source {name}", OF_CLOUDEVENTS if ours else {})
    if not isinstance(raw, dict):
        return None
    event_id = CE_ID if ours and "event_id" not in raw else _path_of("event_id", raw, spot)
    order_by = _path_of("order_by", raw, spot)
    event_time = _event_time(name, raw, spot)
    if shape is None:
        return None
    bad = event_id is None or (order_by is None and "order_by" in raw) or (event_time is None and "event_time" in raw)
    if bad or event_id is None:
        return None
    return SourceConfig(
        name,
        shape.topic,
        shape.format,
        event_id,
        event_time,
        order_by,
        shape.start,
        dedup_key=SOURCE_AND_ID if ours and event_id == CE_ID else None,
        tombstones=shape.tombstones,
    )


def _path_of(name: str, raw: dict[str, Any], spot: Spot) -> Path | None:
    # What is no text is the shape's to say.
    return read_path(raw[name], spot[name], name) if isinstance(raw.get(name), str) and raw[name].strip() else None


def _event_time(name: str, raw: dict[str, Any], spot: Spot) -> EventTime | None:
    if raw.get("event_time") is None:
        if "event_time" not in raw and raw.get("format") == "cloudevents":
            return CE_TIME
        if "event_time" not in raw:
            spot.warning(
                f"source {name} has no event_time, so the record's timestamp is used: an event that is published again"
                " after the dedup_window is new",
                key=True,
            )
        return None
    given = raw["event_time"]
    if isinstance(given, dict):
        shape = read_shape(EventTimeShape, given, spot["event_time"], "event_time")
        path = read_path(shape.path, spot["event_time"]["path"], "event_time") if shape is not None else None
        return EventTime(path, shape.unit) if path is not None and shape is not None else None
    path = read_path(given, spot["event_time"], "event_time")
    return EventTime(path, "rfc3339") if path is not None else None


def read_generator(name: str, raw: Any, spot: Spot, brands: Collection[str] | None) -> Generator | None:
    """A generator, or None with its problems noted. `brands` are those of the settings, when they are known."""
    shape = read_shape(GeneratorShape, raw, spot, f"generator {name}")
    contract = _contract(name, raw, spot) if isinstance(raw, dict) else None
    if shape is None:
        return None
    if brands is not None and shape.brand not in brands:
        spot["brand"].error(f"the settings have no brand {shape.brand}{did_you_mean(shape.brand, brands)}")
    if not _UUID.fullmatch(shape.id):
        spot["id"].warning(
            f"the id of generator {name} is no UUID: copy it from the vendor's page of the Event Generator"
        )
    return Generator(name, shape.brand, shape.id, contract, shape.name) if contract is not None else None


def _contract(name: str, raw: dict[str, Any], spot: Spot) -> Contract | None:
    fields, file = raw.get("context"), raw.get("schema")
    if fields is not None and file is not None:
        spot["schema"].error(f"generator {name} has a context and a schema: the contract is one of them", key=True)
        return None
    if isinstance(file, str) and file.strip():
        return load_agreed(name, file, spot["schema"])
    if "context" not in raw and "schema" not in raw:
        spot.error(f"generator {name} needs its contract: context, with the type of each field, or schema", key=True)
    elif fields == {}:
        spot["context"].error(f"the contract of generator {name} has no fields")
    return read_contract(name, fields, spot["context"]) if fields else None
