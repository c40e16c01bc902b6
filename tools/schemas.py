"""JSON Schemas of the configuration files, for editors: completion, hover texts, and a red line under what is wrong.

Made from the shapes that read the files. `bridge check` finds more: what no schema can say.
"""

import json
from collections.abc import Callable
from typing import Any

from pydantic.json_schema import models_json_schema

from bridge.durations import DURATION, format_duration
from bridge.routing import shape, valueshapes
from bridge.routing.kinds import Shape
from bridge.settings import Settings
from tools.languageparts import PARTS, Schema, to

_BOUNDS = {"ge": "minimum", "gt": "exclusiveMinimum", "le": "maximum", "lt": "exclusiveMaximum"}
_REFERENCE = {"type": "string", "pattern": r"\$\{[^}]+\}"}
_SHAPES = [
    one
    for module in (shape, valueshapes)
    for one in vars(module).values()
    if isinstance(one, type) and issubclass(one, Shape) and one is not Shape
]


def routes_schema(how: str) -> str:
    """Of a file of the routing table; `how` says where it comes from."""
    _, made = models_json_schema([(one, "validation") for one in _SHAPES])
    definitions = {name: _tidied(one, _of_routes) for name, one in (made["$defs"] | PARTS).items()}
    root = definitions.pop("FileShape")
    return _written(root | {"description": "A routing table: which events become which campaigns."}, definitions, how)


def settings_schema(how: str) -> str:
    """Of the settings."""
    made = Settings.model_json_schema()
    definitions = {name: _tidied(one, _of_settings) for name, one in made.pop("$defs").items()}
    root: Schema = _tidied(made, _of_settings)
    return _written(root, definitions, how)


def _written(root: Schema, definitions: Schema, how: str) -> str:
    whole: Schema = (
        {"$schema": "http://json-schema.org/draft-07/schema#", "$comment": how} | root | {"$defs": definitions}
    )
    return json.dumps(whole, indent=2, ensure_ascii=False) + "\n"


def _tidied(node: Any, of_value: Callable[[Schema], Schema]) -> Any:
    """What pydantic made of a model, as an editor should see it."""
    if isinstance(node, list):
        return [_tidied(one, of_value) for one in node]
    if not isinstance(node, dict):
        return node
    made: Schema = {
        str(_BOUNDS.get(name, name)): _tidied(one, of_value)
        for name, one in node.items()
        if not _of_pydantic(name, one)
    }
    part = made.pop("x-part", None)
    if part is not None:
        made = {name: one for name, one in made.items() if name in ("description", "default")} | to(part)
    if "propertyNames" in made:
        made.pop("patternProperties", None)  # pydantic's, of the names alone: it would let any value pass
    if isinstance(made.get("properties"), dict):
        made["properties"] = {name: _property(one, of_value) for name, one in made["properties"].items()}
    return made


def _of_pydantic(name: str, value: Any) -> bool:
    """Titles that repeat names, defaults that stand for none, what no editor reads."""
    return (
        (name == "title" and isinstance(value, str))
        or (name == "default" and value in ("", None, {}, [], 0))
        or name == "writeOnly"
    )


def _property(schema: Schema, of_value: Callable[[Schema], Schema]) -> Schema:
    described = {name: _sentence(schema.pop(name)) for name in ("description",) if name in schema}
    default = schema.pop("default", None)
    if default is not None:
        duration = schema.get("pattern") == f"^{DURATION}$"
        described["default"] = format_duration(default) if duration and isinstance(default, int) else default
    if schema.get("type") == "string":
        for bound in _BOUNDS.values():  # of durations, in milliseconds
            schema.pop(bound, None)
    return described | of_value(schema)


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:] + ("" if text.endswith(".") else ".")


def _of_routes(schema: Schema) -> Schema:
    """What is a text may come from the environment; numbers may not, for what comes from there is text. Nothing may be
    empty.
    """
    options = [one for one in schema.get("anyOf", ()) if one != {"type": "null"}]
    schema = options[0] if len(options) == 1 else schema
    return {"anyOf": [schema, _REFERENCE]} if "enum" in schema or schema.get("pattern") == f"^{DURATION}$" else schema


def _of_settings(schema: Schema) -> Schema:
    """Every value may be text, because text is what `${NAME}` gives."""
    plain = "enum" in schema or schema.get("type") in ("integer", "number", "boolean")
    duration = schema.get("pattern") == f"^{DURATION}$"
    return {"anyOf": [schema, _REFERENCE]} if plain or duration else schema
