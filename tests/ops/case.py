"""A case of an alert: series, when it fires with them, and what it says of whom. Samples are 30 s apart.

The notation is promtool's: `a+bxn` are n+1 samples that grow by b, `axn` n+1 alike, `_` is none.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

JOB = {"job": "bridge", "namespace": "prod"}
ONE = JOB | {"instance": "a:8080"}
BRAND = {"brand": "acme"}
ROUTE = BRAND | {"route": "goal"}


def series(name: str, labels: Mapping[str, str]) -> str:
    return name + braced(ONE | dict(labels))


def braced(labels: Mapping[str, str]) -> str:
    """Labels as a selector has them."""
    return "{" + ", ".join(f'{name}="{value}"' for name, value in labels.items()) + "}"


@dataclass(frozen=True, slots=True)
class Case:
    """`at`: seconds until it fires, None for never; `labels`: of the alert, but for severity."""

    alert: str
    what: str
    series: Mapping[str, str]
    at: int | None
    labels: Mapping[str, str] = field(default_factory=dict)


def fires(alert: str, at: int, labels: Mapping[str, str], *given: tuple[str, Mapping[str, str], str]) -> Case:
    return Case(alert, "fires", {series(name, own): values for name, own, values in given}, at, labels)


def silent(alert: str, what: str, *given: tuple[str, Mapping[str, str], str]) -> Case:
    return Case(alert, what, {series(name, own): values for name, own, values in given}, None)


def once(alert: str, metric: str, labels: Mapping[str, str], shown: Mapping[str, str]) -> Case:
    return fires(alert, 120, shown, (metric, labels, "0x3 1x40"))


def ended(outcome: str) -> Mapping[str, str]:
    return ROUTE | {"outcome": outcome}
