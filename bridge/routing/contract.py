"""Contracts: the fields of a generator's context and their types, as agreed with marketing, as JSON Schema.

A field that does not match its template is a blank on every phone and still accepted (docs/vendor.md #19): so nothing
is sent that the contract does not cover, and nothing is coerced (#20).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from jsonschema_rs import Draft4Validator, Draft202012Validator

from bridge.routing.refusals import is_blank, shown, type_name
from bridge.routing.validating import Validator, errors_of, first_error


class FieldType(StrEnum):
    """The types that a contract knows."""

    STRING = "string"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    URL = "url"
    DATETIME = "datetime"
    OBJECT = "object"
    ARRAY = "array"


LIST_OF = "list of "
"""What stands before the type of a list's items: `list of string`."""

TEXTS = (FieldType.STRING, FieldType.URL, FieldType.DATETIME)

_WORDS = {
    FieldType.STRING: "a string",
    FieldType.INTEGER: "an integer",
    FieldType.NUMBER: "a number",
    FieldType.BOOLEAN: "a boolean",
    FieldType.URL: "a url (absolute, without spaces, as in https://example.com/m/1)",
    FieldType.DATETIME: "a datetime (ISO 8601 with a zone, as in 2026-02-05T20:12:00Z)",
    FieldType.OBJECT: "an object",
    FieldType.ARRAY: "an array",
}


def _is_datetime(text: str) -> bool:
    """Whether a text is a moment of ISO 8601 with a zone (docs/vendor.md #21)."""
    if not re.match(r"[0-9W-]+T", text):
        return False
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


# Draft 4 knows no IRI. Letters outside of ASCII are let through: every client of today follows such a link.
_URL = Draft202012Validator({"format": "iri", "pattern": r"^[A-Za-z][A-Za-z0-9+.\-]*://\S"}, validate_formats=True)

_SCHEMAS: dict[FieldType, dict[str, Any]] = {
    FieldType.STRING: {"type": "string"},
    FieldType.INTEGER: {"type": "integer"},
    FieldType.NUMBER: {"type": "number"},
    FieldType.BOOLEAN: {"type": "boolean"},
    FieldType.URL: {"type": "string", "format": "bridge-url"},
    FieldType.DATETIME: {"type": "string", "format": "bridge-datetime"},
    FieldType.OBJECT: {"type": "object"},
    FieldType.ARRAY: {"type": "array"},
}


def _is_said(text: str) -> bool:
    return not is_blank(text)


def _validator(schema: Mapping[str, Any]) -> Draft4Validator:
    # Draft 4, because since draft 6 the number 16.0 is an integer.
    formats = {"bridge-datetime": _is_datetime, "bridge-url": _URL.is_valid, "bridge-text": _is_said}
    return Draft4Validator(dict(schema), validate_formats=True, formats=formats)


_VALIDATORS = {kind: _validator(schema) for kind, schema in _SCHEMAS.items()}


@dataclass(frozen=True, slots=True)
class ContractField:
    """One field of a context. A field that is not required is left out when the event lacks it.

    `of` is what each item of an array must be, `fields` what an object must have; None leaves what is inside open.

    `description` is for people. Where the contract is a JSON Schema file, `also` checks what the file asks beyond the
    type, `rules` says it in words, and `examples` are values that it gives.
    """

    type: FieldType
    required: bool = True
    of: "ContractField | None" = None
    fields: Mapping[str, "ContractField"] | None = None
    description: str = ""
    rules: str = ""
    examples: tuple[Any, ...] = ()
    also: Validator | None = field(default=None, repr=False, compare=False)

    def misfit(self, value: Any) -> str | None:
        """What is wrong with a value for this field, in words; None when nothing is."""
        wrong = next(self.misfits(value), None)
        if wrong is not None:
            where, what = wrong
            return f"at {where} {what}" if where else what
        if self.also is None or self.also.is_valid(value):
            return None
        why = first_error(self.also, value).message
        return f"is {type_name(value)} {shown(value)}, and by the agreed schema {_cut(why)}"

    def schema(self) -> dict[str, Any]:
        """The field as JSON Schema (draft 4). What lies inside of it must not be blank either."""
        schema = dict(_SCHEMAS[self.type])
        if self.of is not None:
            schema["items"] = self.of.inside()
        if self.fields is not None:
            schema |= _members(self.fields)
        return schema

    def inside(self) -> dict[str, Any]:
        """As `schema`, for a part of another field."""
        schema = self.schema()
        match self.type:
            case FieldType.STRING:
                schema["format"] = "bridge-text"
            case FieldType.ARRAY:
                schema["minItems"] = 1
            case FieldType.OBJECT:
                schema["minProperties"] = 1
            case _:
                pass
        return schema

    @property
    def words(self) -> str:
        """What it must be, as in `a list of strings`."""
        return _WORDS[self.type] if self.of is None else f"a list, each item {self.of.words}"

    def misfits(self, value: Any, where: str = "") -> Iterator[tuple[str, str]]:
        """Each part of a value that is not as agreed, as a path inside of it, and what is wrong with it."""
        if where and is_blank(value):
            yield where, "is null" if value is None else "is empty"
        elif not _VALIDATORS[self.type].is_valid(value):
            yield where, f"should be {self.words}, is {type_name(value)} {shown(value)}"
        elif self.of is not None:
            for index, item in enumerate(value):
                yield from self.of.misfits(item, f"{where}[{index}]")
        elif self.fields is not None:
            for name, one in self.fields.items():
                if name in value:
                    yield from one.misfits(value[name], f"{where}.{name}")
                elif one.required:
                    yield f"{where}.{name}", "is required and missing"
            yield from ((f"{where}.{name}", "is not in the contract") for name in value if name not in self.fields)


def _members(fields: Mapping[str, ContractField], *, outermost: bool = False) -> dict[str, Any]:
    required = [name for name, one in fields.items() if one.required]
    return {
        "type": "object",
        "properties": {name: one.schema() if outermost else one.inside() for name, one in fields.items()},
        **({"required": required} if required else {}),  # draft 4 refuses an empty list
        "additionalProperties": False,
    }


_LONGEST_REASON = 200


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_REASON else f"{text[:_LONGEST_REASON]}..."


@dataclass(frozen=True, slots=True)
class Agreed:
    """The JSON Schema file that a contract is: `written` as the table names it."""

    written: str
    file: Path = field(compare=False)
    schema: Mapping[str, Any]
    validator: Validator = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Contract:
    """The fields that a generator's context may and must have; with `agreed`, all else that this file asks, too."""

    fields: Mapping[str, ContractField]
    agreed: Agreed | None = None
    _validator: Draft4Validator = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_validator", _validator(self.schema()))

    def schema(self) -> dict[str, Any]:
        """The contract as JSON Schema (draft 4)."""
        return _members(self.fields, outermost=True)

    def fulfilled(self, context: Mapping[str, Any]) -> bool:
        """Whether the context has all required fields, no others, and each of its type."""
        if not self._validator.is_valid(context):
            return False
        return self.agreed is None or self.agreed.validator.is_valid(context)

    def misfits(self, context: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """Each field that is not as agreed, and what is wrong with it; without a name, what is wrong with the whole.
        Slow: for when `fulfilled` said no.
        """
        said: set[str] = set()
        for name, wrong in self._misfits_of_fields(context):
            said.add(name)
            yield name, wrong
        if self.agreed is None:
            return
        for error in errors_of(self.agreed.validator, context):
            name = str(error.instance_path[0]) if error.instance_path else ""
            if name not in said:
                said.add(name)
                yield name, f"does not fit {self.agreed.written}: {_cut(error.message)}"

    def _misfits_of_fields(self, context: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        for name, one in self.fields.items():
            if name not in context:
                if one.required:
                    yield name, "is required and missing"
            elif (wrong := one.misfit(context[name])) is not None:
                yield name, wrong
        for name in context:
            if name not in self.fields:
                yield name, "is not in the contract"
