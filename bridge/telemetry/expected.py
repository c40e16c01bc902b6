"""Counters at 0 for what can happen, before it happens.

A counter that appears with its first event shows no increase for it: an alert on `increase()` would miss the first
`unknown` after each start, which may be the only one. So what the table and the settings can lead to stands at 0 from the
beginning. Label values stay bounded by them: some 16 series for each route, 21 for each brand.
"""

from collections.abc import Iterable, Mapping
from typing import get_args

from prometheus_client import Counter

from bridge.outcomes.model import OutcomeName
from bridge.telemetry.families import Family
from bridge.telemetry.metrics import Metrics

DECISIONS = ("trigger", "rejected", "unmapped", "none", "shadow", "dead_letter")
CALL_ENDS = ("accepted", "not_sent", "throttled", "refused_event", "refused_route", "refused_brand", "unknown")
POLL_ENDS = ("running", "published", "failed", "not_found", "throttled", "refused_brand", "error")
LANES = ("high", "normal", "low", "retry", "poll")
OUTCOMES: tuple[str, ...] = get_args(OutcomeName)
CORRECTIONS = ("published", "failed", "lost", "unresolved")
RELOADS = ("taken", "refused", "unchanged")


def expect(
    metrics: Metrics, sources: Mapping[str, str], routes: Iterable[tuple[str, str]], brands: Iterable[str]
) -> None:
    """Show counters of these sources (name to topic), routes (brand, name) and brands, at 0 where nothing has counted yet."""
    for source, topic in sources.items():
        _each(metrics.events, (source,), DECISIONS)
        metrics.dead_letters(topic)
    for brand, route in routes:
        _each(metrics.triggers, (brand, route), OUTCOMES)
        _each(metrics.corrections, (brand, route), CORRECTIONS)
        for audience in (metrics.audience, metrics.audience_zero, metrics.audience_dropped):
            audience(brand, route)
    for brand in brands:
        _each(metrics.calls, (brand,), CALL_ENDS)
        _each(metrics.polls, (brand,), POLL_ENDS)
        _each(metrics.slots, (brand,), LANES)
        metrics.fallbacks(brand)
        metrics.missed_slots(brand)
    _each(metrics.reloads, (), RELOADS)


def _each(family: Family[Counter], labels: tuple[str, ...], values: Iterable[str]) -> None:
    for value in values:
        family(*labels, value)
