"""What the user's endpoint is asked: a template from the settings, filled for one trigger. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bridge.events import Event, Source
from bridge.routing.refusals import Refusal
from bridge.routing.templates import BadTemplate, parse_template
from bridge.triggers import Trigger, Unmapped

NAMES = ("brand", "route", "generator", "lookup", "key", "event_id")
_CONTEXT = "context"


@dataclass(frozen=True, slots=True)
class RequestTemplate:
    """A JSON value whose texts may hold `{brand}`, `{route}`, `{generator}` (the Event Generator's id), `{lookup}`, `{key}`,
    `{event_id}` and `{context.FIELD}`.
    """

    body: Any

    def __post_init__(self) -> None:
        """Raises BadTemplate with every text that can't be filled."""
        problems = list(_problems(self.body))
        if problems:
            raise BadTemplate("; ".join(problems))

    def filled(self, trigger: Trigger, missing: Unmapped) -> Any:
        """The body for a trigger. What the context lacks is null."""
        known = {
            "brand": trigger.brand,
            "route": trigger.route,
            "generator": trigger.event_generator_id,
            "lookup": missing.lookup,
            "key": missing.key,
            "event_id": trigger.event_id,
            _CONTEXT: trigger.context,
        }
        return _filled(self.body, Event(known, Source("", 0, 0), 0))


def _filled(part: Any, event: Event) -> Any:
    if isinstance(part, str):
        try:
            return parse_template(part).value(event) if part.strip() else part
        except Refusal:
            return None
    if isinstance(part, Mapping):
        return {name: _filled(value, event) for name, value in part.items()}
    if isinstance(part, list | tuple):
        return [_filled(value, event) for value in part]
    return part


def _problems(part: Any) -> Iterator[str]:
    if isinstance(part, Mapping):
        for value in part.values():
            yield from _problems(value)
    elif isinstance(part, list | tuple):
        for value in part:
            yield from _problems(value)
    elif isinstance(part, str) and part.strip():
        try:
            paths = parse_template(part).paths
        except BadTemplate as error:
            yield str(error)
            return
        for path in paths:
            first, more = path.segments[0] if path.segments else "", path.segments[1:]
            if path.root or not ((first in NAMES and not more) or (first == _CONTEXT and more)):
                yield f"{{{path}}} is not known: there are {', '.join(f'{{{name}}}' for name in NAMES)} and {{context.FIELD}}"
