"""What was generated, read as Prometheus, Grafana and Helm read it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from prometheus_client import CollectorRegistry
from ruamel.yaml import YAML

from bridge.telemetry import Metrics

ROOT = Path(__file__).parent.parent.parent
DASHBOARDS = sorted((ROOT / "helm/bridge/dashboards").glob("*.json"))
RULES = ROOT / "deploy/rules/bridge.rules.yaml"
_NAME = re.compile(r"\b(?:bridge|process)_\w+|(?<=[\s(])up(?=\{)|\b\w+:bridge_\w+:\w+")


@dataclass(frozen=True, slots=True)
class Panel:
    """A panel that shows something; rows are none."""

    dashboard: str
    content: dict[str, Any]

    @property
    def name(self) -> str:
        return f"{self.dashboard}: {self.content['title']}"

    @property
    def queries(self) -> list[str]:
        return [target["expr"] for target in self.content["targets"]]


def dashboards() -> dict[str, dict[str, Any]]:
    return {path.name: orjson.loads(path.read_bytes()) for path in DASHBOARDS}


def panels() -> Iterator[Panel]:
    for name, dashboard in dashboards().items():
        yield from (Panel(name, panel) for panel in dashboard["panels"] if panel["type"] != "row")


def annotations() -> dict[str, str]:
    return {
        f"{name}: {one['name']}": one["expr"]
        for name, dashboard in dashboards().items()
        for one in dashboard["annotations"]["list"]
    }


def rules() -> list[dict[str, Any]]:
    document = YAML(typ="safe").load(RULES.read_text("utf-8"))
    return [rule for group in document["groups"] for rule in group["rules"]]


def chart_data(name: str) -> list[dict[str, Any]]:
    loaded: list[dict[str, Any]] = YAML(typ="safe").load((ROOT / "helm/bridge/files" / name).read_text("utf-8"))
    return loaded


def samples() -> dict[str, str]:
    """Every time series of the service by its name, with the metric that it is of."""
    found: dict[str, str] = {}
    for one in Metrics(CollectorRegistry()).definitions:
        suffixes = ("_bucket", "_count", "_sum") if one.kind == "histogram" else ("",)
        found |= {one.name + suffix: one.name for suffix in suffixes}
    return found


def metrics_in(query: str) -> set[str]:
    """The metrics and recorded series that a query asks for."""
    return set(_NAME.findall(query))
