"""Reading a contract: the fields that a generator's templates expect, and what each must be."""

from typing import Any

from bridge.configfile.validation import did_you_mean
from bridge.routing.contract import LIST_OF, Contract, ContractField, FieldType
from bridge.routing.findings import Spot, but_is, read_shape
from bridge.routing.valueshapes import ContractFieldShape

_TYPES = [one.value for one in FieldType]


def read_contract(name: str, raw: Any, spot: Spot) -> Contract | None:
    """The contract of a generator, or None with its problems noted."""
    fields = _fields(raw, f"of generator {name}", spot)
    return Contract(fields) if fields is not None else None


def _fields(raw: Any, where: str, spot: Spot) -> dict[str, ContractField] | None:
    if not isinstance(raw, dict):
        return None  # the shape says it
    read = {name: _field(f"field {name} {where}", given, spot[name]) for name, given in raw.items()}
    whole = {name: field for name, field in read.items() if field is not None}
    return whole if len(whole) == len(read) else None


def _field(what: str, raw: Any, spot: Spot) -> ContractField | None:
    """A field: the name of its type, or {type, required, of, fields}."""
    if not isinstance(raw, dict):
        return _typed(what, raw, spot)
    shape = read_shape(ContractFieldShape, raw, spot, what)
    if shape is None:
        return None
    simple = _typed(what, shape.type, spot["type"])
    if simple is None:
        return None
    before = len(spot.findings)
    of = simple.of if shape.of is None else _items(what, shape.of, simple, spot["of"])
    fields = None if shape.fields is None else _members(what, shape.fields, simple, spot["fields"])
    return (
        ContractField(simple.type, shape.required, of, fields, shape.description)
        if len(spot.findings) == before
        else None
    )


def _items(what: str, raw: Any, around: ContractField, spot: Spot) -> ContractField | None:
    if around.type is not FieldType.ARRAY or around.of is not None:
        spot.error(f"{what}: of says what the items of an array are, so it needs type: array", key=True)
        return None
    of = _field(f"an item of {what}", raw, spot)
    if of is not None and not of.required:
        spot.error(f"{what}: an item can't be left out, so required is not for items", key=True)
    return of


def _members(what: str, raw: Any, around: ContractField, spot: Spot) -> dict[str, ContractField] | None:
    if around.type is not FieldType.OBJECT:
        spot.error(f"{what}: fields says what an object holds, so it needs type: object", key=True)
    elif not raw:
        spot.error(f"{what}: fields is empty: name what the object holds, or remove the line")
    return _fields(raw, f"in {what}", spot)


def _typed(what: str, raw: Any, spot: Spot) -> ContractField | None:
    """A field of a type that is written as a word, or as `list of` one."""
    if isinstance(raw, str) and raw.startswith(LIST_OF):
        item = _typed(f"an item of {what}", raw.removeprefix(LIST_OF).strip(), spot)
        return ContractField(FieldType.ARRAY, of=item) if item is not None else None
    try:
        return ContractField(FieldType(raw))
    except ValueError:
        hint = did_you_mean(raw, _TYPES) if isinstance(raw, str) else but_is(raw)
        spot.error(f"{what} needs a type: {', '.join(_TYPES)}, or {LIST_OF}one of them{hint}")
        return None
