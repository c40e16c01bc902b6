"""Holding what a route refers to against what a schema says that events have."""

from bridge.configfile.validation import did_you_mean
from bridge.routing.contract import ContractField, FieldType
from bridge.routing.eventschemas.model import ANY, EventSchema, Way
from bridge.routing.expressions import Expression, references
from bridge.routing.findings import Spot
from bridge.routing.matching import Condition, match_key
from bridge.routing.parts import Parts
from bridge.routing.paths import Path, Segment
from bridge.routing.refusals import shown
from bridge.routing.routes import EventTime, SourceConfig, TopicKey
from bridge.routing.templates import Template
from bridge.routing.values import Items, LookedUp, Members, Value
from bridge.routing.written import WrittenNumber, WrittenTime

Types = frozenset[str]

_MOST_SHOWN = 8
_KEY: Types = frozenset({"string", "integer"})
_IN_TEXT: Types = frozenset({"string", "integer", "number", "boolean"})
_NUMBER: Types = frozenset({"integer", "number"})
_OF_FIELD: dict[FieldType, Types] = {
    FieldType.STRING: frozenset({"string"}),
    FieldType.URL: frozenset({"string"}),
    FieldType.DATETIME: frozenset({"string"}),
    FieldType.INTEGER: frozenset({"integer"}),
    FieldType.NUMBER: _NUMBER,
    FieldType.BOOLEAN: frozenset({"boolean"}),
    FieldType.OBJECT: frozenset({"object"}),
    FieldType.ARRAY: frozenset({"array"}),
}


def check_source(source: SourceConfig, schema: EventSchema, spot: Spot) -> None:
    """Note what a source reads of every event and the schema does not have, or has otherwise."""
    checked = _Checked(schema, f"the schema of source {source.name} ({schema.file})")
    checked.path(source.event_id, _KEY, "an id", spot["event_id"])
    if source.order_by is not None:
        checked.path(source.order_by, _KEY, "an order", spot["order_by"])
    if source.event_time is not None:
        where = spot["event_time"] if source.event_time.unit == "rfc3339" else spot["event_time"]["path"]
        checked.path(source.event_time.path, _moment(source.event_time), "a time", where)


def check_route(parts: Parts, source: str, schema: EventSchema) -> None:
    """Note what a route refers to and the schema of its source does not have, or has otherwise than the contract. Only
    what the schema says of events that fulfil `match` counts.
    """
    spot = parts.spot
    whole = f"the schema of source {source} ({schema.file})"
    before = len(spot.findings)
    everything = _Checked(schema, whole)
    for condition in parts.conditions:
        everything.condition(condition, spot["match"][condition.written])
    matching = schema.matching(parts.conditions)
    if not matching.ways and len(spot.findings) == before:
        spot["match"].error(f"{whole} has no events with all of these, so the route can't match")
    if not matching.ways:
        return
    checked = _Checked(matching, whole, " that match lets through" if parts.conditions else "")
    if parts.when is not None:
        checked.expression(parts.when, spot["when"])
    for key, at in parts.topic_keys:
        checked.key(key, at)
    for name, template in (("dedup_key", parts.dedup_key), ("supersede_by", parts.supersede_by)):
        if template is not None:
            checked.template(template, _KEY, "a key", spot[name])
    fields = parts.contract.fields if parts.contract is not None else {}
    for name, value in parts.context.items():
        checked.value(value, fields.get(name), name, spot["context"][name])


def _moment(event_time: EventTime) -> Types:
    return {"rfc3339": frozenset({"string"}), "epoch_ms": frozenset({"integer"})}.get(event_time.unit, _NUMBER)


class _Checked:
    """A schema, what to call it, and which events it tells of."""

    def __init__(self, schema: EventSchema, name: str, which: str = "") -> None:
        self._schema = schema
        self._name = name
        self._which = which

    def path(self, path: Path, wanted: Types | None, what: str, spot: Spot) -> None:
        """Note a path that leads nowhere, or to what can't be one of the wanted types; None: it may be anything."""
        if path.root or not self._leads(path.segments, str(path), spot) or wanted is None:
            return
        types = {way.type for way in self._schema.at(path.segments)} - {"null"}
        if ANY in types:
            return
        names = " or ".join(sorted(wanted))
        if not types:
            spot.error(f"{path} is always null, says {self._name}")
        elif types.isdisjoint(wanted) and not ("number" in types and "integer" in wanted):
            spot.error(f"{path} should be {names} for {what}, but is {' or '.join(sorted(types))} in {self._name}")
        elif odd := sorted(types - wanted):
            spot.warning(
                f"{path} should be {names} for {what}, but may be {' or '.join(odd)} in {self._name}: such events are rejected"
            )

    def condition(self, condition: Condition, spot: Spot) -> None:
        """Note each value that a condition asks for and no event of the schema has."""
        path = condition.path
        if path.root or not self._leads(path.segments, str(path), spot):
            return
        ways = self._schema.at(path.segments)
        for value in condition.values:
            if not any(way.admits([match_key(value)]) for way in ways):
                then = ", so the route can't match" if len(condition.values) == 1 else ""
                spot.error(f"{path} is never {shown(value)}{then}: by {self._name} it is {_told(ways, value)}")

    def expression(self, expression: Expression, spot: Spot) -> None:
        """Note each field of the event that an expression names and no event has."""
        for segments in references(expression.source):
            self._leads(segments, ".".join(segments), spot)

    def template(self, template: Template, sole: Types | None, what: str, spot: Spot) -> None:
        """Note what is wrong with the references of a text; `sole` is what one alone should be."""
        for path in template.paths:
            alone = template.sole is not None or sole is _KEY
            self.path(path, sole if alone else _IN_TEXT, what if alone else "a text", spot)

    def key(self, key: TopicKey, spot: Spot) -> None:
        """Note what is wrong with a topic key."""
        if isinstance(key, LookedUp):
            self.template(key.key, _KEY, "a key", spot["key"])
        else:
            self.template(key, _KEY, "a key", spot)

    def value(self, value: Value, field: ContractField | None, name: str, spot: Spot) -> None:
        """Note what is wrong with a value of a context, for the field of the contract that it fills."""
        what = f"{name}, {field.words} by the contract" if field is not None else name
        match value:
            case Template():
                self.template(value, _OF_FIELD[field.type] if field is not None else None, what, spot)
            case Expression():
                self.expression(value, spot["cel"])
            case LookedUp():
                self.key(value, spot)
            case WrittenTime() | WrittenNumber():
                self._written(value, spot)
            case Members(members):
                inside = field.fields if field is not None else None
                for member, inner in members.items():
                    self.value(inner, inside[member] if inside else None, f"{name}.{member}", spot[member])
            case Items(items):
                of = field.of if field is not None else None
                for index, item in enumerate(items):
                    self.value(item, of, f"{name}[{index}]", spot[index])
            case _:
                pass

    def _written(self, value: WrittenTime | WrittenNumber, spot: Spot) -> None:
        if isinstance(value, WrittenNumber):
            wanted, part, what = _NUMBER, "number", "a number"
        else:
            wanted = {"rfc3339": frozenset({"string"}), "epoch_ms": frozenset({"integer"})}.get(value.unit, _NUMBER)
            part, what = "time", "a time"
        if isinstance(value.source, Expression):
            self.expression(value.source, spot[part]["cel"])
        else:
            self.template(value.source, wanted, what, spot[part])

    def _leads(self, segments: tuple[Segment, ...], written: str, spot: Spot) -> bool:
        """Whether a path leads somewhere; noted when it does not."""
        for length in range(1, len(segments) + 1):
            if not self._schema.at(segments[:length]):
                name = segments[length - 1]
                known = self._schema.names(segments[: length - 1])
                around = written_of(segments[: length - 1])
                hint = did_you_mean(str(name), known) or (f": it has {', '.join(known[:_MOST_SHOWN])}" if known else "")
                spot.error(f"{written} is in no event{self._which}: {self._name} has no {name}{around}{hint}")
                return False
        return True


def _told(ways: tuple[Way, ...], value: object) -> str:
    """What a value may be instead."""
    values = [text for way in ways for text in (way.values or {}).values()]
    if values:
        more = ", ..." if len(values) > _MOST_SHOWN else ""
        texts = [key for way in ways for key in way.values or () if isinstance(key, str)]
        hint = did_you_mean(value, texts) if isinstance(value, str) else ""
        return f"{', '.join(values[:_MOST_SHOWN])}{more}{hint}"
    return " or ".join(sorted({way.type for way in ways}))


def written_of(segments: tuple[Segment, ...]) -> str:
    """Where a field is missing, for people."""
    return f" in {Path('', segments)}" if segments else ""
