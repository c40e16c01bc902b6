"""Why a value can't be made from an event. Raised inside routing only: deciding turns them into verdicts."""

import math
from typing import Any

import orjson

LONGEST_SHOWN = 60


class Refusal(Exception):
    """A value can't be made; the text says why, without naming route and field."""


class Absent(Refusal):
    """The event lacks it: nothing there, null, or blank. An optional field is left out instead."""


class NoEntry(Refusal):
    """A lookup has no entry for a key."""

    def __init__(self, lookup: str, key: str) -> None:
        self.lookup = lookup
        self.key = key
        super().__init__(f"lookup {lookup} has no entry for {shown(key)}")


_TYPE_NAMES: dict[type, str] = {
    type(None): "null",
    bool: "boolean",
    int: "integer",
    float: "number",
    str: "string",
    list: "array",
    tuple: "array",
    dict: "object",
}


def type_name(value: Any) -> str:
    """What JSON calls the type of a value: string, integer, number, boolean, null, array, object."""
    return _TYPE_NAMES.get(type(value), type(value).__name__)


def shown(value: Any) -> str:
    """A value as JSON for a person to see, cut to 60 characters: it may be long, and it may be anything."""
    if isinstance(value, str):
        text = orjson.dumps(value[: LONGEST_SHOWN + 1].encode("utf-8", "replace").decode()).decode()
    elif isinstance(value, dict | list):
        return f"of {len(value)} parts"
    elif value is None:
        return "null"
    elif isinstance(value, bool):
        return str(value).lower()
    else:
        text = str(value)
    return text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 1] + "…"


def is_blank(value: Any) -> bool:
    """Whether a reader of the campaign would see nothing: null, white space, an empty list or object."""
    if isinstance(value, str):
        return not value or value.isspace()
    return value is None or (isinstance(value, list | dict) and not value)


def is_finite(value: Any) -> bool:
    """False for what JSON can't say: infinities and not-a-number."""
    return not isinstance(value, float) or math.isfinite(value)
