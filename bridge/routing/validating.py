"""Asking a JSON Schema what is wrong with a value, without asking for more than anybody reads. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from jsonschema_rs import ValidationError

from bridge.routing.bounds import measured

_MOST_LOOKED_AT = 1_000


class Validator(Protocol):
    """What checks a value by a JSON Schema."""

    def is_valid(self, instance: Any) -> bool:
        """Whether the value fits."""

    def iter_errors(self, instance: Any) -> Iterator[ValidationError]:
        """What does not fit: all of it is found before the first is given."""

    def validate(self, instance: Any) -> None:
        """Raises the first ValidationError."""


def errors_of(validator: Validator, context: Mapping[str, Any]) -> Iterator[ValidationError]:
    """What does not fit; of a context so large that there may be hundreds of thousands, the first alone."""
    if measured((context,))[0] <= _MOST_LOOKED_AT:
        yield from validator.iter_errors(context)
    elif not validator.is_valid(context):
        yield first_error(validator, context)


def first_error(validator: Validator, value: Any) -> ValidationError:
    """What is wrong with a value that does not fit."""
    try:
        validator.validate(value)
    except ValidationError as error:
        return error
    raise ValueError("it fits")
