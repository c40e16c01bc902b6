"""Parts of an explanation as words for people. Pure."""

from typing import Any

import orjson

from bridge.events import Event
from bridge.explaining.explanation import Compared, Given, Judged, RouteExplained
from bridge.explaining.origins import Origin, references
from bridge.routing.paths import MISSING, Path
from bridge.routing.places import Places
from bridge.terminal import plain

NOTHING = "nothing"


def json_of(value: Any) -> str:
    """A value as JSON in one line, whole."""
    return NOTHING if value is MISSING else plain(orjson.dumps(value).decode())


def wanted_of(compared: Compared) -> str:
    """What a field of `match` must be."""
    return " or ".join(map(json_of, compared.condition.values))


def unequal(compared: Compared) -> str:
    """Why a field of `match` keeps an event away."""
    path, actual = compared.condition.path, compared.actual
    if actual is MISSING:
        return f"the event has no {path}, and match wants {wanted_of(compared)}"
    return f"{path} is {json_of(actual)}, and match wants {wanted_of(compared)}"


def refused(given: Given) -> str:
    """What a part gave: a value, or why not."""
    return json_of(given.value) if given.refusal is None else plain(str(given.refusal))


def reads(paths: tuple[tuple[Path, Any], ...]) -> str:
    """What is referred to, with its values."""
    return ", ".join(f"{path} = {json_of(value)}" for path, value in paths)


def reads_of(judged: Judged, event: Event) -> str:
    """The values that a `when` refers to."""
    return reads(tuple((path, path.read(event)) for path in references(judged.expression)))


def why_not(explained: RouteExplained, event: Event) -> str:
    """What keeps a route from taking the event, the first thing first."""
    if explained.route.mode == "off":
        return "its mode is off"
    if explained.unequal:
        return unequal(explained.unequal[0])
    if explained.when is None:
        return ""
    judged = explained.when
    values = reads_of(judged, event)
    return f"when is false: {plain(judged.expression.source.strip())}" + (f"  ({values})" if values else "")


def origin(one: Origin, places: Places) -> str:
    """Where a value comes from."""
    part = f"{plain(one.part.lstrip('.'))}: " if one.part else ""
    match one.kind:
        case "constant":
            return f"{part}constant"
        case "template":
            return f"{part}{plain(one.text)}"
        case "cel":
            return f"{part}cel {plain(one.text)}" + (f"  ({reads(one.reads)})" if one.reads else "")
        case "lookup":
            place = None if one.lookup is None or one.key is None else places.entry(one.lookup, one.key)
            at = "" if place is None else f"  {place.file}:{place.line}"
            key = plain(one.text) if one.key is None else f"{json_of(one.key)} from {plain(one.text)}"
            return f"{part}lookup {one.lookup}, key {key}{at}"
