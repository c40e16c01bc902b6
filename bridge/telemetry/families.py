"""Metrics whose children are looked up once, and the list of all that were made."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

_Metric = TypeVar("_Metric", Counter, Gauge, Histogram)


@dataclass(frozen=True, slots=True)
class Definition:
    """A metric as the reference page shows it."""

    name: str
    kind: str
    labels: tuple[str, ...]
    meaning: str


class Family(Generic[_Metric]):
    """A metric with its labels: `events("matches", "trigger").inc()`; without labels `in_flight().set(3)`.

    prometheus-client checks and copies label values at each look-up; here thousands a second cost one dict each.
    """

    def __init__(self, metric: _Metric) -> None:
        self._metric: _Metric = metric
        self._children: dict[tuple[str, ...], _Metric] = {}

    def __call__(self, *labels: str) -> _Metric:
        """The child of these label values, in the order of the definition."""
        child = self._children.get(labels)
        if child is None:
            child = self._children[labels] = self._metric.labels(*labels) if labels else self._metric
        return child

    def forget(self, *labels: str) -> None:
        """No longer show the child of these labels."""
        if self._children.pop(labels, None) is not None:
            self._metric.remove(*labels)

    def forget_all(self) -> None:
        """No longer show any child."""
        self._children.clear()
        self._metric.clear()


class Maker:
    """Makes metrics in a registry, and remembers their definitions. Every name gets the prefix `bridge_`."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry
        self.definitions: list[Definition] = []

    def counter(self, name: str, labels: str, meaning: str) -> Family[Counter]:
        """A counter; `labels` are names with commas between."""
        return Family(Counter(*self._define(name, "counter", labels, meaning), registry=self._registry))

    def gauge(self, name: str, labels: str, meaning: str) -> Family[Gauge]:
        """A gauge; `labels` are names with commas between."""
        return Family(Gauge(*self._define(name, "gauge", labels, meaning), registry=self._registry))

    def histogram(self, name: str, labels: str, meaning: str, buckets: Sequence[float]) -> Family[Histogram]:
        """A histogram; `labels` are names with commas between."""
        definition = self._define(name, "histogram", labels, meaning)
        return Family(Histogram(*definition, buckets=buckets, registry=self._registry))

    def _define(self, name: str, kind: str, labels: str, meaning: str) -> tuple[str, str, tuple[str, ...]]:
        names = tuple(labels.split(",")) if labels else ()
        definition = Definition(f"bridge_{name}", kind, names, meaning)
        self.definitions.append(definition)
        return definition.name, meaning, names
