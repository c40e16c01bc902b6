"""JSON that a registry has a JSON Schema for: an event that does not fit its schema is none."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urljoin

import orjson
from jsonschema_rs import FancyRegexOptions, ValidationError, validator_for

from bridge.errors import Undecodable
from bridge.formats.jsonformat import json_object
from bridge.formats.schemas import Reader, Unfit, Written
from bridge.formats.wire import Framed

# The schema's own address where it says none. Nothing is fetched, whatever an address says.
_HERE = "https://schema.invalid/schema"
# Patterns may look around and back, as those of JavaScript; this bounds what a hostile text can cost.
_PATTERNS = FancyRegexOptions(backtrack_limit=100_000)
_LONGEST_REASON = 200


def json_schema_reader(schema: Written) -> Reader:
    """The reader of a JSON Schema. What it refers to are its own references; nothing is fetched. Raises Unfit."""
    text = _parsed(schema.text)
    home = text.get("$id") if isinstance(text, dict) else None
    known = {part.name: _parsed(part.text) for part in schema.parts}
    try:
        validator = validator_for(
            text,
            retriever=_Retriever(known, home if isinstance(home, str) else _HERE),
            base_uri=_HERE,
            validate_formats=False,
            pattern_options=_PATTERNS,
            mask="it",
        )
    except ValidationError as error:
        raise Unfit(f"it can't be used: {error.message}"[:_LONGEST_REASON]) from error

    def body(framed: Framed) -> Any:
        value = json_object(framed.payload)
        error = next(iter(validator.iter_errors(value)), None)
        if error is not None:
            # By the schema's own words alone: a message may show names that stand in the payload.
            rule = "/".join(str(part) for part in error.schema_path)
            raise Undecodable(f"the value does not fit its schema: it breaks #/{rule}"[:_LONGEST_REASON])
        return value

    return Reader(schema.kind, body)


class _Retriever:
    """Gives what a schema refers to, by the addresses under which its references may be asked for."""

    def __init__(self, known: Mapping[str, Any], home: str) -> None:
        self._known = {address: schema for name, schema in known.items() for address in (name, *_addresses(name, home))}
        own = {schema["$id"]: schema for schema in known.values() if isinstance(schema, dict) and "$id" in schema}
        self._known |= {str(address).removesuffix("#"): schema for address, schema in own.items()}

    def __call__(self, uri: str) -> Any:
        if uri not in self._known:
            raise LookupError("it is not among the references of the schema")
        return self._known[uri]


def _addresses(name: str, home: str) -> tuple[str, str]:
    return urljoin(_HERE, name), urljoin(home, name)


def _parsed(text: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise Unfit(f"it is not JSON: {error}"[:_LONGEST_REASON]) from error
