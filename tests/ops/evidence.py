"""What a real Prometheus answers to the queries of panels and rules."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import promql_parser
from ops.generated import Panel, annotations, panels, rules
from ops.prometheus import Watch

_STEP = 2.0
# What a person chose: everything. `$__rate_interval` is four scrapes at least.
_CHOICES = {"$namespace": ".*", "$job": ".*", "$brand": ".*", "$route": ".*", "$__rate_interval": "15s"}


def asked(query: str, seconds: float) -> str:
    """A query as Grafana sends it for the last `seconds`."""
    for variable, value in _CHOICES.items():
        query = query.replace(variable, value)
    return query.replace("$__range", f"{max(1, round(seconds))}s")


async def empty_panels(watch: Watch, start: float, end: float) -> dict[str, str]:
    """The queries of panels that found nothing within this time, by panel and legend."""
    found = {}
    for panel in panels():
        for target in panel.content["targets"]:
            if not await _finds(watch, asked(target["expr"], end - start), start, end):
                found[name_of(panel, target)] = target["expr"]
    return found


def name_of(panel: Panel, target: Mapping[str, Any]) -> str:
    """Which query of which panel."""
    return f"{panel.name}, {target['legendFormat']}"


async def empty_annotations(watch: Watch, start: float, end: float) -> set[str]:
    return {name for name, query in annotations().items() if not await _finds(watch, asked(query, 60), start, end)}


async def empty_selectors(watch: Watch, start: float, end: float) -> set[str]:
    """What rules ask for and nothing is there of, whatever they compare it with."""
    selectors: set[str] = set()
    for rule in rules():
        _collect(promql_parser.parse(rule["expr"]), selectors)
    return {selector for selector in selectors if not await _finds(watch, selector, start, end)}


def _collect(expression: promql_parser.Expr, selectors: set[str]) -> None:
    def visit(one: promql_parser.Expr) -> None:
        if isinstance(one, promql_parser.MatrixSelector):
            one = one.vector_selector
        if isinstance(one, promql_parser.VectorSelector):
            matchers = ", ".join(_matcher(matcher) for matcher in one.matchers.matchers)
            selectors.add(f"{one.name}{{{matchers}}}")

    promql_parser.walk(expression, visit)


_OPERATORS = {"MatchOp.Equal": "=", "MatchOp.NotEqual": "!=", "MatchOp.Re": "=~", "MatchOp.NotRe": "!~"}


def _matcher(matcher: promql_parser.Matcher) -> str:
    return f'{matcher.name}{_OPERATORS[str(matcher.op)]}"{matcher.value}"'


async def _finds(watch: Watch, query: str, start: float, end: float) -> bool:
    series = await watch.over(query, start, end, _STEP)
    return any(value != "NaN" for one in series for _, value in one["values"])


async def labels(watch: Watch) -> dict[str, set[str]]:
    """Every value that a label of the service's metrics has had."""
    found: dict[str, set[str]] = defaultdict(set)
    for series in await watch.ask("series", **{"match[]": '{__name__=~"bridge_.*"}'}):
        for label, value in series.items():
            found[label].add(value)
    return found
