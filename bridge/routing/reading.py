"""Reading routes: from the file's shape to what decides."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bridge.configfile.validation import did_you_mean
from bridge.durations import format_duration, parse_duration
from bridge.routing.attributes import check_no_attributes
from bridge.routing.conditions import read_conditions
from bridge.routing.contexts import read_context
from bridge.routing.defaults import Defaults, check_dedup_window
from bridge.routing.eventschemas import EventSchema
from bridge.routing.eventschemas.conformity import check_route
from bridge.routing.examples import check_examples
from bridge.routing.expressions import BadExpression, Expression, constant
from bridge.routing.findings import Spot, read_shape
from bridge.routing.parts import Parts
from bridge.routing.reachability import check_reachable
from bridge.routing.references import Lookups, read_expression, read_looked_up, read_template
from bridge.routing.refusals import shown
from bridge.routing.routes import Generator, Route, SourceConfig, TopicKey
from bridge.routing.shape import DefaultsShape, RouteShape
from bridge.routing.stability import check_stable_route
from bridge.routing.superseding import read_supersede_by
from bridge.routing.templates import Template
from bridge.routing.values import no_topic_key
from bridge.triggers import Limit


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What routes refer to, by name. None stands for one whose own problems are already noted."""

    sources: Mapping[str, SourceConfig | None]
    generators: Mapping[str, Generator | None]
    lookups: Lookups
    defaults: Defaults
    schemas: Mapping[str, EventSchema | None] = field(default_factory=dict)


def read_route(raw: Any, around: Surroundings, spot: Spot) -> Route | None:
    """A route, or None with its problems noted. Every part is read, also when another has problems."""
    before = len(spot.findings)
    what = f"route {raw['name']}" if isinstance(raw, dict) and isinstance(raw.get("name"), str) else "a route"
    defaults = around.defaults.of(raw) if isinstance(raw, dict) else {}
    shape = read_shape(RouteShape, raw, spot, what, defaults)
    if not isinstance(raw, dict):
        return None
    source = _named("source", raw, around.sources, spot)
    generator = _named("generator", raw, around.generators, spot)
    conditions = tuple(read_conditions(raw["match"], spot["match"])) if raw.get("match") is not None else ()
    when = _when(raw, spot)
    topic_keys = _topic_keys(raw, around.lookups, spot)
    dedup_key = _dedup_key(raw, source, spot)
    supersede_by = read_supersede_by(raw, source, dedup_key, spot)
    contract = generator.contract if generator is not None else None
    context = (
        read_context(raw["context"], contract, around.lookups, spot["context"])
        if raw.get("context") is not None
        else {}
    )
    check_examples(raw, around.lookups, source, spot)
    _check_windows(raw, defaults, spot)
    parts = Parts(spot, conditions, when, topic_keys, dedup_key, supersede_by, context, contract)
    if source is not None and source.format != "cloudevents":
        check_no_attributes(parts, source)
    check_reachable(parts)
    check_stable_route(parts)
    schema = around.schemas.get(raw["source"]) if isinstance(raw.get("source"), str) else None
    if schema is not None:
        check_route(parts, raw["source"], schema)
    if shape is None or generator is None or source is None:
        return None
    if any(problem.severity == "error" for problem in spot.findings[before:]):
        return None
    return Route(
        name=shape.name,
        source=shape.source,
        generator=generator,
        conditions=conditions,
        when=when,
        topic_keys=tuple(key for key, _ in topic_keys),
        dedup_key=dedup_key,
        supersede_by=supersede_by,
        context=context,
        priority=shape.priority,
        on_unknown=shape.on_unknown,
        expires_after=shape.expires_after,
        dedup_window=shape.dedup_window,
        limit=Limit(shape.limit.max, shape.limit.per, shape.limit.by) if shape.limit is not None else None,
        mode=shape.mode,
        description=shape.description,
    )


def _named(kind: str, raw: dict[str, Any], known: Mapping[str, Any], spot: Spot) -> Any:
    name = raw.get(kind)
    if not isinstance(name, str) or not name:
        return None  # the shape says it
    if name not in known:
        spot[kind].error(f"there is no {kind} {name}{did_you_mean(name, known)}")
    return known.get(name)


def _check_windows(raw: dict[str, Any], defaults: Mapping[str, Any], spot: Spot) -> None:
    """What the dedup window forgot must be too old to be called."""
    if "expires_after" not in raw and "expires_after" not in defaults:
        spot["expires_after"].error(
            "a route needs expires_after, here or in defaults: when is its event too old to be sent?"
        )
    expires_after = _duration("expires_after", raw, defaults)
    dedup_window = _duration("dedup_window", raw, defaults) or DefaultsShape().dedup_window
    if expires_after is not None and expires_after > dedup_window:
        spot["expires_after"].error(
            f"expires_after ({format_duration(expires_after)}) is longer than dedup_window ({format_duration(dedup_window)}):"
            " an event that the window forgot could be sent twice; lengthen dedup_window (up to 7d) or shorten expires_after"
        )
    if "dedup_window" in raw:
        check_dedup_window(dedup_window, spot)


def _duration(name: str, raw: dict[str, Any], defaults: Mapping[str, Any]) -> int | None:
    """The duration that a route has, in ms; None when there is none, or none that can be read: the shape says that."""
    given = raw.get(name, defaults.get(name))
    try:
        return parse_duration(given) if isinstance(given, str) else None
    except ValueError:
        return None


def _when(raw: dict[str, Any], spot: Spot) -> Expression | None:
    if raw.get("when") is None or not isinstance(raw["when"], str) or not raw["when"].strip():
        return None  # not given, or the shape says it
    expression = read_expression(raw["when"], spot["when"], "when")
    if expression is None or expression.variables:
        return expression
    try:
        always = constant(expression)
    except BadExpression as error:
        spot["when"].error(f"when {error}, so the route can't match")
        return None
    if not isinstance(always, bool):
        spot["when"].error(f"when must be true or false for an event, is always {shown(always)}")
    elif not always:
        spot["when"].error("when is never true, so the route can't match: to switch a route off, write mode: off")
    else:
        spot["when"].warning("when is true for every event: remove it")
    return expression


def _topic_keys(raw: dict[str, Any], lookups: Lookups, spot: Spot) -> tuple[tuple[TopicKey, Spot], ...]:
    """Each with its own place in the file."""
    given = raw.get("topic_key")
    if given is None:
        return ()  # the shape says it
    at = spot["topic_key"]
    if given == []:
        at.error("topic_key is an empty list, so the route would never call")
    pairs = [(one, at[index]) for index, one in enumerate(given)] if isinstance(given, list) else [(given, at)]
    found: dict[str, tuple[TopicKey, Spot]] = {}
    for one, where in pairs:
        key = _topic_key(one, lookups, where)
        if key is not None and str(key) in found:
            where.error("this topic key is in the list already: it would make the same trigger twice")
        if key is not None:
            found[str(key)] = (key, where)
    return tuple(found.values())


def _topic_key(raw: Any, lookups: Lookups, spot: Spot) -> TopicKey | None:
    if not isinstance(raw, dict) or "lookup" not in raw:
        return read_template(raw, spot, "topic_key")
    looked_up = read_looked_up(raw, lookups, spot)
    if looked_up is None:
        return None
    if looked_up.lookup.origin is not None:
        return looked_up  # its entries come and go, also while this looks: each event's is checked as it is decided
    for key, entry in looked_up.lookup.entries.items():
        if isinstance(entry, bool | float):
            spot.error(no_topic_key(looked_up.lookup.name, key, entry))
            return None
    return looked_up


def _dedup_key(raw: dict[str, Any], source: SourceConfig | None, spot: Spot) -> Template | None:
    if "dedup_key" not in raw and source is not None:
        return source.dedup_key
    if not isinstance(raw.get("dedup_key"), str) or not raw["dedup_key"].strip():
        return None  # the shape says it
    at = spot["dedup_key"]
    template = read_template(raw["dedup_key"], at, "dedup_key")
    if template is None:
        return None
    if not template.paths:
        at.error("dedup_key is the same for every event, so only the first would ever be sent: refer to a field in it")
    elif source is not None and source.order_by and not {source.order_by, source.event_id} & set(template.paths):
        at.error(
            f"dedup_key must contain {{{source.order_by}}} (or the event id), which source {source.name} is ordered by:"
            " one dedup key must always mean one order, or its triggers would not meet in one place"
        )
    if template.runs_together():
        at.warning(
            "dedup_key has two references side by side, so that different events can make the same text: put a / between them"
        )
    # The event id written out is the default, and must not make other ids or fingerprints.
    return None if source is not None and template.sole == source.event_id else template
