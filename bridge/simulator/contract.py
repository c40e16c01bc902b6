"""The context fields that marketing and developers agreed on for a generator, checked as a careful reader would."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict

from bridge.durations import parse_instant

FieldType = Literal["string", "integer", "number", "boolean", "url", "datetime", "object", "array", "any"]


def _spelled_out(value: object) -> object:
    return {"type": value} if isinstance(value, str) else value


class _Field(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    type: FieldType
    required: bool = True


FieldContract = Annotated[_Field, BeforeValidator(_spelled_out)]
"""`integer`, or `{type: integer, required: false}`."""

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://\S+")


def breaches(contract: Mapping[str, _Field], context: Mapping[str, Any]) -> Iterator[str]:
    """Each way in which `context` differs from the contract. Names fields and types, never values."""
    for name, field in contract.items():
        value = context.get(name)
        if name not in context:
            if field.required:
                yield f"context.{name} is missing"
        elif value is None or value == "":
            if field.required:
                yield f"context.{name} is empty"
        elif not _FITS[field.type](value):
            yield f"context.{name} is {type(value).__name__}, not {field.type}"
    for name in context.keys() - contract.keys():
        yield f"context.{name} is not in the contract"


def _is_instant(value: Any) -> bool:
    try:
        parse_instant(value)
    except (TypeError, ValueError):
        return False
    return True


_FITS: dict[FieldType, Callable[[Any], bool]] = {
    "any": lambda _: True,
    "string": lambda value: isinstance(value, str),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "boolean": lambda value: isinstance(value, bool),
    "url": lambda value: isinstance(value, str) and _URL.fullmatch(value) is not None,
    "datetime": _is_instant,
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
}
