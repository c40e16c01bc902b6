"""Reading what a route sends, and checking it against the contract before there is any event."""

import json
from collections.abc import Mapping
from typing import Any

import orjson

from bridge.configfile.validation import did_you_mean
from bridge.routing.contract import TEXTS, Contract, ContractField, FieldType
from bridge.routing.expressions import BadExpression, Expression, compile_expression
from bridge.routing.findings import Spot, but_is, read_text
from bridge.routing.lookups import Lookup
from bridge.routing.paths import Path
from bridge.routing.refusals import is_blank, shown
from bridge.routing.templates import BadTemplate, Template, parse_template
from bridge.routing.values import Constant, Items, LookedUp, Members, Value

Lookups = Mapping[str, Lookup | None]
"""By name; None for one whose own problems are already noted."""

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
            wrong = _misfit(value, contract.fields[name])
            if wrong is not None:
                spot[name].error(f"{name} {wrong}")
        if value is not None:
            found[name] = value
    return found


def read_value(raw: Any, lookups: Lookups, spot: Spot) -> Value | None:
    """One value of a context, or None with its problems noted."""
    what = f"context {spot.path[-1]}"
    if isinstance(raw, str):
        template = read_template(raw, spot, what)
        return _constant_if_fixed(template) if template is not None else None
    if isinstance(raw, dict) and raw.keys() & set(_RESERVED):
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


def read_template(raw: Any, spot: Spot, what: str) -> Template | None:
    """A text with references, or None with its problem noted."""
    text = read_text(raw, spot, what)
    if text is None:
        return None
    try:
        return parse_template(text)
    except BadTemplate as error:
        spot.error(f"{what}: {error}")
        return None


def read_expression(raw: Any, spot: Spot, what: str) -> Expression | None:
    """A CEL expression, or None with its problem noted."""
    text = read_text(raw, spot, what)
    if text is None:
        return None
    try:
        return compile_expression(text)
    except BadExpression as error:
        spot.error(f"{what}: {error}")
        return None


def read_looked_up(raw: dict[str, Any], lookups: Lookups, spot: Spot) -> LookedUp | None:
    """`{lookup: NAME, key: TEMPLATE}`, or None with its problems noted."""
    for unknown in sorted(raw.keys() - {"lookup", "key"}):
        spot[unknown].error(f"unknown key {unknown} beside lookup{did_you_mean(unknown, ('lookup', 'key'))}", key=True)
    if "key" not in raw:
        spot.error('a lookup needs a key, as in {lookup: teams, key: "{team.id}"}')
    key = read_template(raw["key"], spot["key"], "the key of a lookup") if "key" in raw else None
    name = read_text(raw.get("lookup"), spot["lookup"], "the name of a lookup")
    if name is None:
        return None
    if name not in lookups:
        spot["lookup"].error(f"there is no lookup {name}{did_you_mean(name, lookups)}")
        return None
    lookup = lookups[name]
    return LookedUp(lookup, key) if lookup is not None and key is not None else None


def _reserved(raw: dict[str, Any], lookups: Lookups, spot: Spot) -> Value | None:
    if "lookup" in raw and "cel" not in raw and "value" not in raw:
        return read_looked_up(raw, lookups, spot)
    if len(raw) > 1:
        spot.error(
            "cel, lookup and value are reserved in a context and stand alone: {cel: ...}, {lookup: ..., key: ...} or {value: ...}"
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


def _misfit(value: Value, field: ContractField) -> str | None:
    """Why a value can't have the type of its field, whatever the event; None when it may have."""
    match value:
        case Constant(constant):
            wrong = field.misfit(constant)
            bare = wrong is not None and field.type in TEXTS and isinstance(constant, bool | int | float)
            return f'{wrong}: quote it ("{shown(constant)}")' if bare else wrong
        case Template() if value.sole is None:
            return _misfit_of_text(value, field)
        case Members() if field.type is not FieldType.OBJECT:
            return f"should be {field.type}, is an object"
        case Items() if field.type is not FieldType.ARRAY:
            return f"should be {field.type}, is an array"
        case LookedUp(lookup):
            return _entry_misfit(lookup, field)
        case _:
            return None


def _misfit_of_text(template: Template, field: ContractField) -> str | None:
    if field.type not in TEXTS:
        return f"should be {field.type}, but a text around a reference is a string: write the reference alone"
    if field.type is not FieldType.URL or isinstance(template.parts[0], Path):
        return None
    return field.misfit("".join("1" if isinstance(part, Path) else part for part in template.parts))


def _entry_misfit(lookup: Lookup, field: ContractField) -> str | None:
    if lookup.origin is not None:
        return None  # they come and go: each event's are checked as it is decided
    for key, entry in lookup.entries.items():
        if (wrong := field.misfit(entry)) is not None:
            return f"{wrong} in lookup {lookup.name} for {shown(key)}"
    return None
