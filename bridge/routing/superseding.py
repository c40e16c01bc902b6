"""Reading a route's `supersede_by`: what must hold so that one trigger meets those that it replaces.

A newer trigger can replace an older one only where both lie in one triggers partition. So what decides the partition must be
the same for all triggers of one value, and for all copies of one trigger.
"""

from typing import Any

from bridge.routing.findings import Spot
from bridge.routing.paths import Path
from bridge.routing.references import read_template
from bridge.routing.routes import SourceConfig
from bridge.routing.templates import Template


def read_supersede_by(
    raw: dict[str, Any], source: SourceConfig | None, dedup_key: Template | None, spot: Spot
) -> Template | None:
    """The template, or None: not given, or with its problems noted. `dedup_key`: the route's own, if it has one."""
    if not isinstance(raw.get("supersede_by"), str) or not raw["supersede_by"].strip():
        return None  # not given, or the shape says it
    at = spot["supersede_by"]
    template = read_template(raw["supersede_by"], at, "supersede_by")
    if template is None:
        return None
    if not template.paths:
        at.error(
            "supersede_by is the same for every event, so each would replace all that wait: refer to a field in it,"
            f' as in "{{{raw["supersede_by"].strip()}}}"'
        )
    if template.runs_together():
        at.warning(
            "supersede_by has two references side by side, so that different events can make the same text: put a / between them"
        )
    if source is not None and template.paths:
        _check_places(template, source, dedup_key, spot)
    return template


def _check_places(template: Template, source: SourceConfig, dedup_key: Template | None, spot: Spot) -> None:
    """Note what would keep a trigger from meeting those that it replaces."""
    if source.event_id in template.paths:
        spot["supersede_by"].error(
            f"supersede_by contains {{{source.event_id}}}, the event id, so no two events have the same value and none would ever"
            " be replaced: refer to what the event is about"
        )
    elif source.order_by is not None:
        if source.order_by not in template.paths:
            spot["supersede_by"].error(
                f"supersede_by must contain {{{source.order_by}}}, which source {source.name} is ordered by: triggers of another"
                f' order lie in another place and could not be replaced; write "{{{source.order_by}}}" or'
                f' "{{{source.order_by}}}/{template}"'
            )
    elif dedup_key is not None and source.event_id not in dedup_key.paths:
        _check_dedup_key(template, dedup_key, spot)


def _check_dedup_key(template: Template, dedup_key: Template, spot: Spot) -> None:
    missing: list[Path] = [path for path in template.paths if path not in dedup_key.paths]
    if missing:
        named = " and ".join(f"{{{path}}}" for path in dict.fromkeys(missing))
        spot["dedup_key"].error(
            f"dedup_key must contain {named} (or the event id), because supersede_by does: one dedup key must always mean one"
            " place, or an event that is published again would not be recognised"
        )
