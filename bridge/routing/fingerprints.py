"""Fingerprints: of a table's meaning, of a route, and of what decides ids and partitions.

Of the meaning, never of the bytes: comments, the order of keys, a default written out and 600s for 10m change nothing.
"""

from collections.abc import Iterable, Mapping
from hashlib import blake2b
from typing import Any, assert_never

import orjson

from bridge.routing.contract import Contract, ContractField
from bridge.routing.expressions import Expression
from bridge.routing.lookups import Lookup
from bridge.routing.paths import Path
from bridge.routing.routes import EventTime, Route, SourceConfig
from bridge.routing.schemawords import meaning_of
from bridge.routing.templates import Template
from bridge.routing.values import Constant, Items, LookedUp, Members, Value
from bridge.routing.written import WrittenNumber, WrittenTime


def fingerprint(meaning: Any) -> str:
    """32 hexadecimal digits of what is JSON, whatever the order of its keys."""
    return blake2b(orjson.dumps(meaning, option=orjson.OPT_SORT_KEYS), digest_size=16).hexdigest()


def of_table(sources: Mapping[str, SourceConfig], routes: Iterable[Route], lookups: Iterable[Lookup]) -> str:
    """Of all that may change a decision, the lookups' entries with it, but for those that come from topics."""
    return fingerprint(
        {
            "sources": {name: _source(source) for name, source in sources.items()},
            "routes": {route.name: _route(route) for route in routes},
            "lookups": {lookup.name: _lookup(lookup) for lookup in lookups},
        }
    )


def _lookup(lookup: Lookup) -> Any:
    origin = lookup.origin
    return dict(lookup.entries) if origin is None else [origin.topic, _path(origin.value)]


def of_route(route: Route) -> str:
    """Of a whole route with its generator, without the entries of its lookups, which change every week."""
    return fingerprint(_route(route))


def of_identity(route: Route, source: SourceConfig) -> str:
    """Of what decides a trigger's id and partition: with another, what was called already would look new."""
    return fingerprint(identity(route, source))


def identity(route: Route, source: SourceConfig) -> dict[str, Any]:
    """What decides a trigger's id and partition."""
    return {
        "brand": route.brand,
        "source": route.source,
        "event_id": str(source.event_id),
        "dedup_key": None if route.dedup_key is None else str(route.dedup_key),
        "order_by": _path(source.order_by),
        "topic_key": [str(key) for key in route.topic_keys],
        "lookups": sorted({key.lookup.name for key in route.topic_keys if isinstance(key, LookedUp)}),
        # Where triggers are ordered it decides no partition.
        **(_supersede_by(route) if source.order_by is None else {}),
    }


def of_context(route: Route) -> str:
    """Of what a route sends."""
    return fingerprint({name: _value(value) for name, value in route.context.items()})


def _route(route: Route) -> dict[str, Any]:
    return {
        "source": route.source,
        "brand": route.brand,
        "generator": route.event_generator_id,
        "contract": _contract(route.generator.contract),
        "match": sorted((str(condition.path), sorted(map(repr, condition.keys))) for condition in route.conditions),
        "when": None if route.when is None else route.when.source.strip(),
        "topic_key": [_value(key) for key in route.topic_keys],
        "dedup_key": None if route.dedup_key is None else str(route.dedup_key),
        "context": {name: _value(value) for name, value in route.context.items()},
        "priority": route.priority,
        "on_unknown": route.on_unknown,
        "expires_after": route.expires_after,
        "dedup_window": route.dedup_window,
        "limit": None if route.limit is None else [route.limit.max_calls, route.limit.per, route.limit.by],
        "mode": route.mode,
    } | _supersede_by(route)


def _supersede_by(route: Route) -> dict[str, str]:
    """Nothing for a route without it: its fingerprints are those of releases that did not know it."""
    return {} if route.supersede_by is None else {"supersede_by": str(route.supersede_by)}


def _source(source: SourceConfig) -> dict[str, Any]:
    return {
        "topic": source.topic,
        "format": source.format,
        "event_id": str(source.event_id),
        "event_time": _event_time(source.event_time),
        "order_by": _path(source.order_by),
        "start": source.start,
    } | ({} if source.tombstones == "dead-letter" else {"tombstones": source.tombstones})


def _event_time(event_time: EventTime | None) -> list[str] | None:
    if event_time is None:
        return None
    return [str(event_time.path), event_time.unit, *(["or the timestamp"] if event_time.or_timestamp else [])]


def _path(path: Path | None) -> str | None:
    return None if path is None else str(path)


def _contract(contract: Contract) -> dict[str, Any]:
    fields = {name: _field(field) for name, field in contract.fields.items()}
    return fields if contract.agreed is None else {"fields": fields, "agreed": meaning_of(contract.agreed.schema)}


def _field(field: ContractField) -> list[Any]:
    inside: list[Any] = [] if field.of is None else [_field(field.of)]
    if field.fields is not None:
        inside.append({name: _field(one) for name, one in field.fields.items()})
    return [field.type, field.required, *inside]


def _value(value: Value) -> Any:
    match value:
        case Template():
            return ["template", str(value)]
        case Expression():
            return ["cel", value.source.strip()]
        case Constant():
            return ["constant", value.constant]
        case LookedUp():
            return ["lookup", value.lookup.name, str(value.key)]
        case WrittenTime() | WrittenNumber():
            return _written(value)
        case Members() | Items():
            return _nested(value)
        case _:
            assert_never(value)


def _written(value: WrittenTime | WrittenNumber) -> list[Any]:
    if isinstance(value, WrittenTime):
        how = [value.unit, value.pattern.pattern, value.zone.key, str(value.locale)]
        return ["time", _value(value.source), *how]
    return ["number", _value(value.source), value.decimals, value.currency, str(value.locale)]


def _nested(value: Members | Items) -> list[Any]:
    if isinstance(value, Members):
        return ["object", {name: _value(member) for name, member in value.members.items()}]
    return ["array", [_value(item) for item in value.items]]
