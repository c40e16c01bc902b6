"""A contract as JSON Schema (2020-12), for other programs, and as a file that another table can take as its contract."""

from collections.abc import Mapping
from typing import Any

from bridge.routing.contract import Contract, ContractField, FieldType

_SAID: Mapping[FieldType, dict[str, Any]] = {
    FieldType.URL: {"type": "string", "format": "uri"},
    FieldType.DATETIME: {"type": "string", "format": "date-time"},
}


def as_json_schema(contract: Contract) -> dict[str, Any]:
    """The schema; where the contract is a schema file, that file's."""
    if contract.agreed is not None:
        return dict(contract.agreed.schema)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **_object(contract.fields)}


def _object(fields: Mapping[str, ContractField]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {name: _field(field) for name, field in fields.items()},
        "required": [name for name, field in fields.items() if field.required],
        "additionalProperties": False,
    }


def _field(field: ContractField) -> dict[str, Any]:
    schema: dict[str, Any] = _SAID.get(field.type, {"type": field.type.value})
    if field.of is not None:
        schema = {**schema, "items": _field(field.of)}
    if field.fields is not None:
        schema = {**schema, **_object(field.fields)}
    return {**schema, "description": field.description} if field.description else schema
