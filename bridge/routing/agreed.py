"""An agreed JSON Schema file as a contract: its properties become fields, and whatever else it asks is checked as well.

The file is the agreement, so nothing of it is passed over in silence: what has no place in a contract is refused with
file and line. Nothing is fetched, and patterns take linear time.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import orjson
from jsonschema_rs import RegexOptions, Registry, ValidationError, validator_for

from bridge.configfile import ConfigError, load
from bridge.configfile.validation import did_you_mean
from bridge.routing.contract import Agreed, Contract, ContractField, FieldType
from bridge.routing.findings import Spot, but_is
from bridge.routing.schemawords import examples_of, rules_of, unknown_keywords
from bridge.routing.validating import Validator

_URI = "urn:agreed"
_LONGEST_MESSAGE = 200
_FORMATS = {"date-time": FieldType.DATETIME, "uri": FieldType.URL, "iri": FieldType.URL}
_TYPES = {
    one.value: one for one in FieldType if one not in (FieldType.URL, FieldType.DATETIME)
}  # the names are JSON Schema's own


def load_agreed(name: str, file: str, spot: Spot) -> Contract | None:
    """The contract in the JSON Schema file that generator `name` refers to, or None with its problems noted."""
    path = Path(spot.document.file).parent / file
    try:
        document = load(path, {})
    except ConfigError as error:
        if path.is_file():
            spot.findings.extend(error.problems)
        else:
            spot.error(f"can't read {file}: there is no such file beside this one")
        return None
    inside = Spot(document, (), spot.findings)
    schema = document.data
    if not isinstance(schema, dict):
        inside.error(f"a JSON Schema must be an object{but_is(schema)}")
        return None
    if not _usable(schema, inside):
        return None
    for path_, keyword, hint in unknown_keywords(schema):
        at = Spot(document, path_, spot.findings)
        at.warning(f"{keyword} is no keyword of JSON Schema, so nothing checks it{hint}", key=True)
    return _contract(name, schema, file, inside)


def _usable(schema: dict[str, Any], spot: Spot) -> bool:
    """Whether it is a JSON Schema that can be checked without a network; if not, why is noted."""
    try:
        orjson.dumps(schema)
        _validator(schema)
    except ValidationError as error:
        at = spot
        for part in error.instance_path:
            at = at[part]
        at.error(f"not a JSON Schema that can be used: {_first_line(error.message)}{_what_to_do(error.message)}")
        return False
    except orjson.JSONEncodeError as error:
        spot.error(f"not a JSON Schema that can be used: {error}")
        return False
    return True


def _what_to_do(message: str) -> str:
    if "Retrieval is disabled" in message:
        return "; a schema can't refer to another file: put what it refers to under $defs"
    if "meta-schema" in message:
        return "; leave $schema out, or write https://json-schema.org/draft/2020-12/schema"
    if '"regex"' in message:
        return "; patterns have neither look-around nor back-references"
    if "Unknown format" in message:
        return ": nobody could check it; say it as a pattern, or in the description"
    return ""


def _validator(schema: Mapping[str, Any], registry: Registry | None = None) -> Validator:
    return validator_for(
        dict(schema),
        validate_formats=True,
        ignore_unknown_formats=False,
        pattern_options=RegexOptions(),
        registry=registry,
        offline=True,
        mask="it",  # the value is shown beside it, cut
    )


@dataclass(frozen=True, slots=True)
class _Property:
    """One property of the schema."""

    name: str
    schema: Any
    root: Mapping[str, Any]
    spot: Spot


def _contract(name: str, schema: dict[str, Any], file: str, spot: Spot) -> Contract | None:
    before = len(spot.findings)
    if schema.get("type", "object") != "object":
        spot["type"].error(f"the context of a call is an object{but_is(schema['type'])}")
    properties = schema.get("properties")
    if not isinstance(properties, dict) or not properties:
        spot["properties"].error(
            f"the contract of generator {name} has no fields: list them under properties", key=True
        )
        return None
    required = schema.get("required", [])
    for index, field in enumerate(required):
        if field not in properties:
            spot["required"][index].error(
                f"{field} is required and not described: give it a type under properties"
                f"{did_you_mean(str(field), properties)}"
            )
    known = [(str(schema["$id"]), schema)] if "$id" in schema else []
    registry = Registry([*known, (_URI, {key: value for key, value in schema.items() if key != "$id"})])
    fields: dict[str, ContractField] = {}
    for field, given in properties.items():
        kind = _type(_Property(field, given, schema, spot["properties"][field]))
        if kind is not None:
            pointer = quote(field.replace("~", "~0").replace("/", "~1"), safe="~")
            fields[field] = ContractField(
                kind,
                field in required,
                description=str(_resolved(given, schema).get("description", "")),
                rules=", ".join(rules_of(_resolved(given, schema))),
                examples=tuple(examples_of(_resolved(given, schema))),
                also=_validator({"$ref": f"{_URI}#/properties/{pointer}"}, registry),
            )
    if any(problem.severity == "error" for problem in spot.findings[before:]):
        return None
    return Contract(fields, Agreed(file, Path(spot.document.file), schema, _validator(schema)))


def _type(of: _Property) -> FieldType | None:
    """The type of a field, or None with the problem noted."""
    if not isinstance(of.schema, dict):
        of.spot.error(f"{of.name} may be anything: give it a type, one of {', '.join(_TYPES)}")
        return None
    schema = _resolved(of.schema, of.root)
    at = of.spot["type"] if "type" in of.schema else of.spot
    kinds = set(_kinds(schema))
    if "null" in kinds:
        at.error(
            f"{of.name} may be null, which is never sent: let it have a type alone, and if it may be missing take it out of required"
        )
        return None
    if len(kinds) != 1:
        at.error(f"{of.name} must have one type of {', '.join(_TYPES)}: the templates of marketing expect one")
        return None
    kind = _TYPES[kinds.pop()]
    return _FORMATS.get(str(schema.get("format")), kind) if kind is FieldType.STRING else kind


def _kinds(schema: Mapping[str, Any]) -> Iterator[str]:
    """The types that a property may have by its own words: of `type`, or else of what `enum` or `const` lists."""
    given = schema.get("type")
    if given is not None:
        yield from given if isinstance(given, list) else [given]
        return
    for value in schema.get("enum", [schema["const"]] if "const" in schema else []):
        match value:
            case bool():
                yield "boolean"
            case None:
                yield "null"
            case str():
                yield "string"
            case int() | float():
                yield "integer" if isinstance(value, int) else "number"
            case _:
                yield "array" if isinstance(value, list) else "object"


def _resolved(schema: Any, root: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a property says, with what it refers to inside the same file."""
    found: dict[str, Any] = {}
    seen: set[str] = set()
    while isinstance(schema, dict):
        found = {**schema, **found}
        reference = schema.get("$ref")
        if not isinstance(reference, str) or not reference.startswith("#/") or reference in seen:
            break
        seen.add(reference)
        schema = _at(root, reference)
    return found


def _at(root: Any, reference: str) -> Any:
    for part in reference[2:].split("/"):
        root = root.get(part.replace("~1", "/").replace("~0", "~")) if isinstance(root, dict) else None
    return root


def _first_line(text: str) -> str:
    line = text.splitlines()[0] if text else text
    return line if len(line) <= _LONGEST_MESSAGE else f"{line[:_LONGEST_MESSAGE]}..."
