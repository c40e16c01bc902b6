"""The keywords of JSON Schema: which there are, which only describe, and how a person says what they ask."""

from collections.abc import Iterator, Mapping
from typing import Any

from bridge.configfile.validation import did_you_mean
from bridge.routing.refusals import shown

_ONE = (
    *("additionalItems", "additionalProperties", "contains", "contentSchema", "else", "if", "items", "not"),
    *("propertyNames", "then", "unevaluatedItems", "unevaluatedProperties"),
)
_LISTED = ("allOf", "anyOf", "items", "oneOf", "prefixItems")
_NAMED = ("$defs", "definitions", "dependencies", "dependentSchemas", "patternProperties", "properties")
_DESCRIBING = (
    *("$comment", "contentEncoding", "contentMediaType", "default", "deprecated", "description", "example"),
    *("examples", "readOnly", "title", "writeOnly"),
)
_OTHERS = (
    *("$anchor", "$dynamicAnchor", "$dynamicRef", "$id", "$recursiveAnchor", "$recursiveRef", "$ref", "$schema"),
    *("$vocabulary", "const", "dependentRequired", "enum", "exclusiveMaximum", "exclusiveMinimum", "format", "id"),
    *("maxContains", "maxItems", "maxLength", "maxProperties", "maximum", "minContains", "minItems", "minLength"),
    *("minProperties", "minimum", "multipleOf", "pattern", "required", "type", "uniqueItems"),
)
_KNOWN = frozenset((*_ONE, *_LISTED, *_NAMED, *_DESCRIBING, *_OTHERS))

Place = tuple[str | int, ...]


def unknown_keywords(schema: Mapping[str, Any]) -> Iterator[tuple[Place, str, str]]:
    """Where a word stands that is no keyword, the word, and a suggestion. Those with x- are somebody's own."""
    for path, part in _parts(schema, ()):
        for word in part:
            if word not in _KNOWN and not word.startswith("x-"):
                yield (*path, word), word, did_you_mean(word, _KNOWN)


def meaning_of(schema: Any) -> Any:
    """The schema without what only describes it."""
    if not isinstance(schema, dict):
        return schema
    return {word: _meaning_under(word, value) for word, value in schema.items() if word not in _DESCRIBING}


def _meaning_under(word: str, value: Any) -> Any:
    if word in _LISTED and isinstance(value, list):
        return [meaning_of(one) for one in value]
    if word in _NAMED and isinstance(value, dict):
        return {name: meaning_of(one) for name, one in value.items()}
    return meaning_of(value) if word in _ONE else value


def _parts(schema: Any, path: Place) -> Iterator[tuple[Place, Mapping[str, Any]]]:
    """Every schema within a schema, itself first, with where it stands."""
    if not isinstance(schema, dict):
        return
    yield path, schema
    for word, value in schema.items():
        if word in _LISTED and isinstance(value, list):
            for index, one in enumerate(value):
                yield from _parts(one, (*path, word, index))
        elif word in _NAMED and isinstance(value, dict):
            for name, one in value.items():
                yield from _parts(one, (*path, word, name))
        elif word in _ONE:
            yield from _parts(value, (*path, word))


_SAID = {
    "minimum": "at least {}",
    "maximum": "at most {}",
    "exclusiveMinimum": "above {}",
    "exclusiveMaximum": "below {}",
    "multipleOf": "a multiple of {}",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minItems": "at least {} items",
    "maxItems": "at most {} items",
    "pattern": "of the form {}",
    "const": "always {}",
}
_COMPLEX = ("allOf", "anyOf", "oneOf", "not", "if", "items", "prefixItems", "contains", "properties")


def rules_of(schema: Mapping[str, Any]) -> Iterator[str]:
    """What a property asks beyond its type, in words, one phrase each."""
    if "enum" in schema:
        yield f"one of {', '.join(map(shown, schema['enum']))}"
    for word, said in _SAID.items():
        if word in schema:
            value = schema[word]
            yield said.format(value if word == "pattern" else shown(value))
    if isinstance(schema.get("format"), str) and schema["format"] not in ("date-time", "uri", "iri"):
        yield f"written as {schema['format']}"
    if any(word in schema for word in _COMPLEX):
        yield "more in the schema file"


def examples_of(schema: Mapping[str, Any]) -> Iterator[Any]:
    """Values that a property gives as possible ones, the best first."""
    for word in ("examples", "enum"):
        if isinstance(schema.get(word), list):
            yield from schema[word]
    for word in ("example", "const", "default"):
        if word in schema:
            yield schema[word]
