"""Reading what a route sends, and checking it against the contract before there is any event."""

import json
from typing import Any

import orjson

from bridge.configfile.validation import did_you_mean
from bridge.routing.contract import Contract
from bridge.routing.findings import Spot, but_is, read_text
from bridge.routing.fitting import fitted
from bridge.routing.formats import is_written, read_written
from bridge.routing.references import Lookups, read_expression, read_looked_up, read_template
from bridge.routing.refusals import is_blank
from bridge.routing.templates import Template
from bridge.routing.values import Constant, Items, Members, Value

_RESERVED = ("cel", "lookup", "value")


def read_context(raw: Any, contract: Contract | None, lookups: Lookups, spot: Spot) -> dict[str, Value]:
    """The values of a route's context by field; those with problems are left out and noted."""
    if not isinstance(raw, dict):
        spot.error(f"context must be a mapping from the contract's fields to values{but_is(raw)}")
        return {}
    if contract is not None:
        for name, field in contract.fields.items():
            if field.required and name not in raw:
                spot.error(f"context lacks {name}, which the generator's contract requires", key=True)
    found: dict[str, Value] = {}
    for name, given in raw.items():
        value = read_value(given, lookups, spot[name])
        if contract is not None and name not in contract.fields:
            hint = did_you_mean(name, contract.fields) or f": it has {', '.join(contract.fields)}"
            spot[name].error(f"the generator's contract has no field {name}{hint}", key=True)
        elif contract is not None and value is not None:
            value = fitted(value, contract.fields[name], name, spot[name])
        if value is not None:
            found[name] = value
    return found


def read_value(raw: Any, lookups: Lookups, spot: Spot) -> Value | None:
    """One value of a context, or None with its problems noted."""
    what = f"context {spot.path[-1]}"
    if isinstance(raw, str):
        template = read_template(raw, spot, what)
        return _constant_if_fixed(template) if template is not None else None
    if isinstance(raw, dict) and (is_written(raw) or raw.keys() & set(_RESERVED)):
        return _reserved(raw, lookups, spot)
    if isinstance(raw, dict) and any(value is None for value in raw.values()) and len(raw) == 1:
        read_text(raw, spot, what)
        return None
    if isinstance(raw, dict) and raw:
        members = {name: read_value(value, lookups, spot[name]) for name, value in raw.items()}
        whole = {name: value for name, value in members.items() if value is not None}
        return Members(whole) if len(whole) == len(members) else None
    if isinstance(raw, list) and raw:
        items = [read_value(value, lookups, spot[index]) for index, value in enumerate(raw)]
        return Items(tuple(item for item in items if item is not None)) if None not in items else None
    return _constant(raw, spot, what)


def _reserved(raw: dict[str, Any], lookups: Lookups, spot: Spot) -> Value | None:
    if is_written(raw):
        return read_written(raw, spot)
    if "lookup" in raw and "cel" not in raw and "value" not in raw:
        return read_looked_up(raw, lookups, spot)
    if len(raw) > 1:
        reserved = next(name for name in _RESERVED if name in raw)
        spot[next(name for name in raw if name != reserved)].error(
            f"{reserved} stands alone: cel, lookup and value are reserved in a context, as {{cel: ...}},"
            " {lookup: ..., key: ...} and {value: ...}; remove what is beside it",
            key=True,
        )
        return None
    if "cel" in raw:
        return read_expression(raw["cel"], spot["cel"], "cel")
    return _constant(raw["value"], spot["value"], f"context {spot.path[-1]}")


def _constant(raw: Any, spot: Spot, what: str) -> Constant | None:
    if _has_blank(raw):
        spot.error(f"{what} is blank: nothing would be shown in its place on every phone")
        return None
    try:
        orjson.dumps(raw)
        json.dumps(raw, allow_nan=False)
    except (orjson.JSONEncodeError, ValueError) as error:
        spot.error(f"{what} can't be written as JSON: {error}")
        return None
    return Constant(raw)


def _has_blank(raw: Any) -> bool:
    if is_blank(raw):
        return True
    inside = raw.values() if isinstance(raw, dict) else raw if isinstance(raw, list) else ()
    return any(_has_blank(part) for part in inside)


def _constant_if_fixed(template: Template) -> Value:
    match template.parts:
        case (part,) if isinstance(part, str):
            return Constant(part)
        case _:
            return template
