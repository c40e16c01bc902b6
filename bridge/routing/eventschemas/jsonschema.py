"""What a JSON Schema says of an event: types, fields, values. What it says of lengths, patterns and the like is left out.

A field that is not named counts as one that is not there, unless the schema lets others in by name
(`additionalProperties: true` or a schema, `patternProperties`): leaving that out lets everything in, and typos too.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import product
from typing import Any
from urllib.parse import unquote

from bridge.routing.eventschemas.model import ANY, UNTOLD, Inside, Way
from bridge.routing.matching import match_key
from bridge.routing.refusals import shown, type_name

_DEEPEST = 30  # references and combinations inside one another, before any field
_MOST_WAYS = 200
_OBJECT = ("properties", "additionalProperties", "patternProperties", "required", "propertyNames")
_ARRAY = ("items", "prefixItems", "contains", "minItems", "uniqueItems")

Schema = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Root:
    """The whole schema, and what is known of its parts by now, by their identity and depth: parts that refer to parts that
    refer to parts, each twice, would else take for ever.
    """

    schema: Any
    known: dict[tuple[int, int], tuple[Way, ...]] = field(default_factory=dict)


def ways_of(schema: Any) -> tuple[Way, ...]:
    """The ways that a value which fulfils a schema may be."""
    return _ways(schema, _Root(schema), 0)


def _ways(schema: Any, root: _Root, depth: int) -> tuple[Way, ...]:
    if schema is False:
        return ()
    if not isinstance(schema, dict) or depth > _DEEPEST:
        return UNTOLD
    at = (id(schema), depth)
    if at not in root.known:
        root.known[at] = _combined(schema, root, depth)
    return root.known[at]


def _combined(schema: Schema, root: _Root, depth: int) -> tuple[Way, ...]:
    ways = _own(schema, root)
    if "$ref" in schema:
        ways = _both(ways, _ways(_referred(schema["$ref"], root.schema), root, depth + 1))
    for one in _listed(schema.get("allOf")):
        ways = _both(ways, _ways(one, root, depth + 1))
    for combination in ("anyOf", "oneOf"):
        if isinstance(schema.get(combination), list):
            options = [way for one in schema[combination] for way in _ways(one, root, depth + 1)]
            ways = _both(ways, options)
    if "if" in schema:
        then = _both(_ways(schema["if"], root, depth + 1), _ways(schema.get("then", True), root, depth + 1))
        ways = (*_both(ways, then), *_both(ways, _ways(schema.get("else", True), root, depth + 1)))
    return ways if len(ways) <= _MOST_WAYS else UNTOLD


def _listed(raw: Any) -> list[Any]:
    return raw if isinstance(raw, list) else []


def _referred(reference: Any, root: Any) -> Any:
    """The part that a reference inside of the file leads to; for another, a schema that takes everything."""
    if not isinstance(reference, str) or not reference.startswith("#"):
        return True
    node = root
    for part in reference[1:].split("/")[1:]:
        name = unquote(part).replace("~1", "/").replace("~0", "~")
        if isinstance(node, list) and name.isdecimal() and int(name) < len(node):
            node = node[int(name)]
        elif isinstance(node, dict) and name in node:
            node = node[name]
        else:
            return True
    return node


def _own(schema: Schema, root: _Root) -> tuple[Way, ...]:
    """What a schema says by itself, without what it refers to and combines."""
    values = [schema["const"]] if "const" in schema else schema.get("enum")
    if isinstance(values, list):
        by_type: dict[str, dict[Any, str]] = {}
        for value in values:
            by_type.setdefault(type_name(value), {})[match_key(value)] = shown(value)
        allowed = _types(schema) or set(by_type)
        return tuple(Way(kind, told) for kind, told in by_type.items() if _is_a(kind, allowed))
    kinds = _types(schema) or {_implied(schema)}
    return tuple(_way(kind, schema, root) for kind in sorted(kinds))


def _is_a(kind: str, allowed: set[str]) -> bool:
    return kind in allowed or (kind == "integer" and "number" in allowed)


def _types(schema: Schema) -> set[str]:
    given = schema.get("type")
    return {given} if isinstance(given, str) else {one for one in _listed(given) if isinstance(one, str)}


def _implied(schema: Schema) -> str:
    if any(word in schema for word in _OBJECT):
        return "object"
    return "array" if any(word in schema for word in _ARRAY) else ANY


def _way(kind: str, schema: Schema, root: _Root) -> Way:
    if kind == "object":
        named = schema.get("properties")
        fields = {name: _inside(one, root) for name, one in named.items()} if isinstance(named, dict) else {}
        return Way(kind, fields=fields, others=_others(schema, root, closed=bool(fields)))
    if kind == "array":
        items = schema.get("items")
        return Way(kind, items=_inside(items, root) if isinstance(items, dict) else None)
    return Way(kind)


def _others(schema: Schema, root: _Root, *, closed: bool) -> Inside | None:
    further = schema.get("additionalProperties")
    if isinstance(further, dict):
        return _inside(further, root)
    if further is True or (isinstance(schema.get("patternProperties"), dict)):
        return _inside(True, root)
    # An object of which nothing is told may have anything; one whose fields are named has these.
    return None if closed or further is False else _inside(True, root)


def _inside(schema: Any, root: _Root) -> Inside:
    return partial(_ways, schema, root, 0)


def _both(some: Iterable[Way], others: Iterable[Way]) -> tuple[Way, ...]:
    """What fulfils two schemas at once."""
    pairs = list(product(some, others))
    if len(pairs) > _MOST_WAYS:
        return UNTOLD
    return tuple(merged for one, other in pairs if (merged := _merged(one, other)) is not None)


def _merged(one: Way, other: Way) -> Way | None:
    if one.type == ANY:
        return other
    if other.type == ANY:
        return one
    numbers = {one.type, other.type} == {"integer", "number"}
    if one.type != other.type and not numbers:
        return None
    values = one.values if other.values is None else other.values
    if one.values is not None and other.values is not None:
        values = {key: text for key, text in one.values.items() if key in other.values}
        if not values:
            return None
    fields = {**one.fields, **other.fields}
    for name in one.fields.keys() & other.fields.keys():
        fields[name] = partial(_both_inside, one.fields[name], other.fields[name])
    return Way("integer" if numbers else one.type, values, fields, _further(one, other), one.items or other.items)


def _further(one: Way, other: Way) -> Inside | None:
    """A part that names no fields says nothing of further ones, so it does not open one that names them."""
    if bool(one.fields) == bool(other.fields):
        return one.others or other.others if one.fields else one.others and other.others
    return one.others if one.fields else other.others


def _both_inside(one: Inside, other: Inside) -> tuple[Way, ...]:
    return _both(one(), other())
