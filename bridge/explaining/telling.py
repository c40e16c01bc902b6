"""An explanation as plain data, for programs."""

from typing import Any

from bridge.configfile import Place
from bridge.durations import format_instant
from bridge.explaining.explanation import Explanation, FieldMade, Given, Judged, KeyMade, RouteExplained
from bridge.explaining.fates import Service, fate_of
from bridge.explaining.origins import Origin, origins, references
from bridge.routing.paths import MISSING, Path
from bridge.routing.places import Places
from bridge.triggers import Trigger
from bridge.vendor.address import run_body, run_path


def told(explanation: Explanation, where: str, places: Places, service: Service) -> dict[str, Any]:
    """All of it, of the event at `where`. Times are RFC 3339, places `file:line:column`; what is not known is null."""
    event, facts, source = explanation.event, explanation.facts, explanation.source
    return {
        "source": {"name": source.name, "topic": source.topic, "place": _place(places.source(source.name))},
        "now": format_instant(explanation.now),
        "event": {
            "id": None if facts is None else facts.event_id,
            "time": None if facts is None or facts.event_time is None else format_instant(facts.event_time),
            "order_by": None if facts is None else facts.order_by,
            "from": where,
            "timestamp": event.timestamp,
            "key": event.key,
            "headers": dict(event.headers),
        },
        "dead_letter": explanation.undecodable,
        "routes": [_route(one, explanation, places, service) for one in explanation.routes],
    }


def _route(one: RouteExplained, explanation: Explanation, places: Places, service: Service) -> dict[str, Any]:
    route = one.route
    return {
        "route": route.name,
        "place": _place(places.route(route.name)),
        "mode": route.mode,
        "takes_it": one.wanted,
        "match": [
            {"path": str(c.condition.path), "wanted": list(c.condition.values), **_actual(c.actual), "holds": c.holds}
            for c in one.conditions
        ],
        "when": None if one.when is None else _when(one.when, explanation),
        "context": [
            _field(made, places.field(route.generator.name, made.name), explanation, places) for made in one.fields
        ],
        "topic_keys": [_key(made, explanation, places) for made in one.keys],
        "triggers": [_trigger(trigger, one, service, explanation.now) for trigger in one.triggers],
        "event_generator": {"name": route.generator.name, "id": route.event_generator_id, "brand": route.brand},
    }


def _when(judged: Judged, explanation: Explanation) -> dict[str, Any]:
    reads = tuple((path, path.read(explanation.event)) for path in references(judged.expression))
    return {"cel": judged.expression.source, **_given(judged.given), "reads": _reads(reads)}


def _field(made: FieldMade, place: Place | None, explanation: Explanation, places: Places) -> dict[str, Any]:
    return {
        "field": made.name,
        **_given(made.given),
        "left_out": made.left_out,
        "wrong": made.wrong,
        "from": [_origin(one, places) for one in origins(made.how, explanation.event)],
        "contract": _place(place),
    }


def _key(made: KeyMade, explanation: Explanation, places: Places) -> dict[str, Any]:
    (origin,) = origins(made.key, explanation.event)
    return {"topic_key": made.trigger.topic_key or None, "repeats": made.repeats, "from": _origin(origin, places)}


def _trigger(trigger: Trigger, one: RouteExplained, service: Service, now: int) -> dict[str, Any]:
    fated = fate_of(trigger, one, service, now)
    made = fated.trigger
    called = made.verdict is None
    return {
        "trigger_id": made.id,
        "fate": fated.fate,
        "reason": None if made.verdict is None else made.verdict.reason,
        "partition": fated.partition,
        "dedup_key": made.dedup_key,
        "priority": made.priority,
        "on_unknown": made.on_unknown,
        "expires_at": format_instant(made.expires_at),
        "topic_key": made.topic_key or None,
        "path": run_path(made.event_generator_id) if called else None,
        "body": run_body(made.topic_key, made.context).decode() if called else None,
    }


def _given(given: Given) -> dict[str, Any]:
    return {
        "value": None if given.value is MISSING else given.value,
        "refused": None if given.refusal is None else str(given.refusal),
    }


def _origin(origin: Origin, places: Places) -> dict[str, Any]:
    place = None if origin.lookup is None or origin.key is None else places.entry(origin.lookup, origin.key)
    return {
        "kind": origin.kind,
        "part": origin.part,
        "text": origin.text,
        "reads": _reads(origin.reads),
        "lookup": origin.lookup,
        "key": origin.key,
        "place": _place(place),
    }


def _reads(reads: tuple[tuple[Path, Any], ...]) -> list[dict[str, Any]]:
    return [{"path": str(path), **_actual(value)} for path, value in reads]


def _actual(value: Any) -> dict[str, Any]:
    return {"present": value is not MISSING, "actual": None if value is MISSING else value}


def _place(place: Place | None) -> str | None:
    return None if place is None else str(place)
