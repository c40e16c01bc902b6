"""What an Avro schema says of an event, once it is decoded to what JSON has (Avro 1.12, Schema Declaration)."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from bridge.routing.eventschemas.model import ANY, UNTOLD, Inside, Way

_PLAIN = {
    "null": "null",
    "boolean": "boolean",
    "int": "integer",
    "long": "integer",
    "float": "number",
    "double": "number",
    "string": "string",
}
_AS_IT_IS = ("uuid", None)
"""Logical types that are decoded as the type below them; others may be anything."""

Named = dict[str, Mapping[str, Any]]


def ways_of(schema: Any) -> tuple[Way, ...]:
    """The ways that an event of this schema may be."""
    named: Named = {}
    _collect(schema, "", named)
    return _ways(schema, "", named)


def _collect(schema: Any, space: str, named: Named) -> None:
    """Every record, enum and fixed by its full name, wherever it is defined."""
    if isinstance(schema, list):
        for one in schema:
            _collect(one, space, named)
    if not isinstance(schema, dict):
        return
    space = _space(schema, space)
    if isinstance(schema.get("name"), str) and schema.get("type") in ("record", "error", "enum", "fixed"):
        named[_full(schema["name"], space)] = schema | {"namespace": space}
    for field in _listed(schema.get("fields")):
        _collect(field.get("type") if isinstance(field, dict) else None, space, named)
    for part in ("items", "values", "type"):
        _collect(schema.get(part), space, named)


def _listed(raw: Any) -> list[Any]:
    return raw if isinstance(raw, list) else []


def _space(schema: Mapping[str, Any], around: str) -> str:
    name, space = schema.get("name"), schema.get("namespace")
    if isinstance(name, str) and "." in name:
        return name.rsplit(".", 1)[0]
    return space if isinstance(space, str) else around


def _full(name: str, space: str) -> str:
    return name if "." in name or not space else f"{space}.{name}"


def _ways(schema: Any, space: str, named: Named) -> tuple[Way, ...]:
    if isinstance(schema, list):
        return tuple(way for one in schema for way in _ways(one, space, named))
    if isinstance(schema, str):
        if schema in _PLAIN:
            return (Way(_PLAIN[schema]),)
        known = named.get(_full(schema, space)) or named.get(schema)
        return UNTOLD if known is None else _ways(known, space, named)
    if not isinstance(schema, dict) or schema.get("logicalType") not in _AS_IT_IS:
        return UNTOLD
    return _complex(schema, _space(schema, space), named)


def _complex(schema: Mapping[str, Any], space: str, named: Named) -> tuple[Way, ...]:
    def inside(part: Any) -> Inside:
        return partial(_ways, part, space, named)

    match schema.get("type"):
        case "record" | "error":
            fields = [field for field in _listed(schema.get("fields")) if isinstance(field, dict)]
            return (Way("object", fields={str(one.get("name")): inside(one.get("type")) for one in fields}),)
        case "enum":
            symbols = [str(one) for one in _listed(schema.get("symbols"))]
            return (Way("string", {one: f'"{one}"' for one in symbols}),)
        case "array":
            return (Way("array", items=inside(schema.get("items"))),)
        case "map":
            return (Way("object", others=inside(schema.get("values"))),)
        case "bytes" | "fixed":
            return (Way(ANY),)
        case other:
            return _ways(other, space, named)
