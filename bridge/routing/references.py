"""Reading what refers to an event: templates, expressions, lookups by a key."""

from collections.abc import Mapping
from typing import Any

from bridge.configfile.validation import did_you_mean
from bridge.routing.expressions import BadExpression, Expression, compile_expression
from bridge.routing.findings import Spot, read_text
from bridge.routing.lookups import Lookup
from bridge.routing.templates import BadTemplate, Template, parse_template
from bridge.routing.values import LookedUp

Lookups = Mapping[str, Lookup | None]
"""By name; None for one whose own problems are already noted."""


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
