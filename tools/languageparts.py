"""The parts of a routing file that have a language of their own, as JSON Schema: paths, texts, contexts, conditions."""

from typing import Any

from bridge.routing.contract import LIST_OF, FieldType
from bridge.routing.formats import FORMATS

Schema = dict[str, Any]

_TYPES = "|".join(FieldType)
_SAID = {"type": "string", "pattern": r"\S"}
_JUST: Schema = {"type": ["string", "number", "boolean", "null"]}
_MOMENT = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})$"


def to(name: str) -> Schema:
    """A reference to a definition."""
    return {"$ref": f"#/$defs/{name}"}


def _mapping(description: str, members: Schema, *optional: str) -> Schema:
    """A mapping with these members and no others; `optional` names those that may be left out."""
    return {
        "type": "object",
        "description": description,
        "properties": members,
        "required": [name for name in members if name not in optional],
        "additionalProperties": False,
    }


def _reserved(otherwise: Schema) -> Schema:
    """A mapping in a context: which of the forms it is, by its keys."""
    forms: list[tuple[tuple[str, ...], str]] = [(("cel",), "cel"), (("lookup",), "looked_up"), (("value",), "constant")]
    shapes = {"time": "WrittenTimeShape", "number": "WrittenNumberShape"}
    forms += [(keys, shapes[keys[0]]) for keys in FORMATS]
    for keys, name in reversed(forms):
        otherwise = {"if": {"required": list(keys)}, "then": to(name), "else": otherwise}
    return otherwise


PARTS: dict[str, Schema] = {
    "path": {**_SAID, "pattern": r"^[^{}]*\S[^{}]*$", "description": 'A way to one value: team.name, goals[0].minute, ["odd name"].x, $headers.x, $key'},
    "text": {**_SAID, "description": "A text that may hold paths in braces, as in {home.goals}-{away.goals}; {{ and }} are literal braces"},
    "instant": {"type": "string", "pattern": _MOMENT, "description": "RFC 3339 with a zone, as in 2026-02-05T20:12:00Z"},
    "start": {"anyOf": [{"enum": ["expiry", "earliest", "latest"]}, to("instant")]},
    "event_time": {"anyOf": [to("path"), to("EventTimeShape")]},
    "type": {"type": "string", "pattern": f"^({LIST_OF} *)*({_TYPES})$", "examples": [*FieldType, *(f"{LIST_OF}{one}" for one in FieldType)]},
    "field": {"anyOf": [to("type"), to("ContractFieldShape")]},
    "fields": {"type": "object", "minProperties": 1, "additionalProperties": to("field")},
    "referred": {"anyOf": [{"type": "string", "pattern": r"^\{[^{}]+\}$"}, to("cel")]},
    "looked_up": _mapping("The entry of a lookup.", {"lookup": {**_SAID, "description": "The lookup's name."}, "key": {**to("text"), "description": "The key, with references."}}),
    "cel": _mapping("What an expression gives.", {"cel": {**_SAID, "description": "A CEL expression over event, headers, key, ce and record."}}),
    "constant": _mapping("A constant, in which braces mean nothing.", {"value": {"not": {"type": "null"}, "description": "What is sent."}}),
    "one_topic_key": {"anyOf": [to("text"), to("looked_up")]},
    "topic_key": {"anyOf": [to("text"), to("looked_up"), {"type": "array", "minItems": 1, "items": to("one_topic_key")}]},
    "context": {"type": "object", "additionalProperties": to("value")},
    "value": {
        "type": ["string", "number", "boolean", "array", "object"],
        "description": "A text with references, a number, true or false, a list or an object of these, or {cel: ...}, {lookup: ..., key: ...}, {value: ...}, {time: ..., format: ..., zone: ...}, {number: ..., decimals: ...}.",
        "pattern": r"\S",
        "minItems": 1,
        "minProperties": 1,
        "items": to("value"),
        "if": {"type": "object"},
        "then": _reserved({"additionalProperties": to("value")}),
    },
    "match": {"type": "object", "minProperties": 1, "additionalProperties": {"anyOf": [_JUST, {"type": "array", "minItems": 1, "items": _JUST}]}},
    "expected": {
        "anyOf": [
            _mapping("A trigger.", {"topic_key": {"type": "string"}, "context": {"type": "object"}}, "context"),
            _mapping("One that must not be called: a pattern of the reason.", {"rejected": {"type": "string"}}),
            _mapping("One whose lookup has no entry: the key.", {"unmapped": {"type": "string"}}),
        ]
    },
}  # fmt: skip
"""By name; the shapes are definitions beside them."""
