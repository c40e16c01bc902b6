"""What Prometheus answered to the queries of a panel, as it is drawn. Pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Series:
    """`points`: time and value, without those that are no number. `target`: of which query, by its letter."""

    legend: str
    labels: Mapping[str, str]
    points: tuple[tuple[float, float], ...]
    target: str = "A"

    @property
    def last(self) -> float | None:
        """The newest value."""
        return self.points[-1][1] if self.points else None


def read(result: Iterable[Mapping[str, Any]], legend: str, target: str) -> list[Series]:
    """The `result` of a range query, or of an instant one."""
    found = []
    for one in result:
        values = one["values"] if "values" in one else [one["value"]]
        points = tuple((float(at), float(value)) for at, value in values if value not in {"NaN", "+Inf", "-Inf"})
        if points:
            found.append(Series(_named(legend, one["metric"]), one["metric"], points, target))
    return found


def _named(template: str, labels: Mapping[str, str]) -> str:
    return re.sub(r"\{\{\s*(\w+)\s*\}\}", lambda found: labels.get(found[1], ""), template)


@dataclass(frozen=True, slots=True)
class Answers:
    """Of a whole dashboard: series by the id of the panel, moments (time, colour, text) of annotations."""

    start: float
    end: float
    panels: Mapping[int, list[Series]]
    moments: list[tuple[float, str, str]]


def beginnings(series: Series, step: float) -> list[float]:
    """When each stretch of a series begins: what an annotation marks."""
    found, last = [], float("-inf")
    for at, _ in series.points:
        if at - last > 1.5 * step:
            found.append(at)
        last = at
    return found
