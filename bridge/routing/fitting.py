"""Whether what a route sends can be what the contract asks for, before there is any event."""

from collections.abc import Mapping
from dataclasses import replace

from bridge.configfile.validation import did_you_mean
from bridge.routing.contract import TEXTS, ContractField, FieldType
from bridge.routing.findings import Spot
from bridge.routing.lookups import Lookup
from bridge.routing.paths import Path
from bridge.routing.refusals import shown
from bridge.routing.templates import Template
from bridge.routing.values import Constant, Items, LookedUp, Members, Value
from bridge.routing.written import WrittenNumber, WrittenTime


def fitted(value: Value, field: ContractField, name: str, spot: Spot) -> Value:
    """The value, knowing which of its parts may be left out. Why it can't fit its field is noted, at the part that can't."""
    match value:
        case Members() if field.fields is not None:
            return _fitted_members(value, field.fields, name, spot)
        case Items() if field.of is not None:
            of = field.of
            return Items(
                tuple(fitted(item, of, f"{name}[{index}]", spot[index]) for index, item in enumerate(value.items))
            )
        case _:
            wrong = _misfit(value, field)
            if wrong is not None:
                spot.error(f"{name} {wrong}")
            return value


def _fitted_members(value: Members, fields: Mapping[str, ContractField], name: str, spot: Spot) -> Members:
    for missing in (field for field, one in fields.items() if one.required and field not in value.members):
        spot.error(f"{name} lacks {missing}, which the generator's contract requires", key=True)
    members: dict[str, Value] = {}
    for member, inner in value.members.items():
        if member in fields:
            members[member] = fitted(inner, fields[member], f"{name}.{member}", spot[member])
        else:
            hint = did_you_mean(member, fields) or f": it has {', '.join(fields)}"
            spot[member].error(f"the generator's contract has no field {member} in {name}{hint}", key=True)
    return replace(value, members=members, optional=frozenset(one for one in members if not fields[one].required))


def _misfit(value: Value, field: ContractField) -> str | None:
    """Why a value can't have the type of its field, whatever the event; None when it may have."""
    match value:
        case Constant(constant):
            wrong = field.misfit(constant)
            bare = wrong is not None and field.type in TEXTS and isinstance(constant, bool | int | float)
            return f'{wrong}: quote it ("{shown(constant)}")' if bare else wrong
        case Template() if value.sole is None:
            return _misfit_of_text(value, field)
        case WrittenTime() | WrittenNumber() if field.type is not FieldType.STRING:
            return f"should be {field.type}, but what is written by a format is a string"
        case Members() | Items():
            return _misfit_of_nested(value, field)
        case LookedUp(lookup):
            return _entry_misfit(lookup, field)
        case _:
            return None


def _misfit_of_nested(value: Members | Items, field: ContractField) -> str | None:
    if isinstance(value, Items):
        return None if field.type is FieldType.ARRAY else f"should be {field.type}, is an array"
    return None if field.type is FieldType.OBJECT else f"should be {field.type}, is an object{_forgotten(value)}"


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


def _forgotten(value: Members) -> str:
    """What makes a format of it, when it may be meant for one."""
    if "time" in value.members:
        return ': a time is written by {time: ..., format: "HH:mm", zone: Europe/Berlin}'
    if "number" in value.members:
        return ": a number is written by {number: ..., decimals: 2} or {number: ..., currency: EUR}"
    return ""
