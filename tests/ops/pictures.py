"""Draws every dashboard from what Prometheus answers to its queries."""

from pathlib import Path
from typing import Any

from ops.evidence import asked
from ops.generated import dashboards
from ops.prometheus import Watch

from tools.ops.drawing.answers import Answers, Series, beginnings, read
from tools.ops.drawing.dashboard import draw

_POINTS = 100
_COLUMNS = 50
_NOTE = "From a live run with faults, scraped every second; drawn by tools/ops/drawing, not by Grafana."


async def draw_all(watch: Watch, start: float, end: float, folder: Path) -> None:
    """Write an SVG for each dashboard into the folder, which is there."""
    for name, dashboard in dashboards().items():
        found = Answers(
            start, end, await _panels(watch, dashboard, start, end), await _moments(watch, dashboard, start, end)
        )
        (folder / name.replace(".json", ".svg")).write_text(draw(dashboard, found, _NOTE), "utf-8")


async def _panels(watch: Watch, dashboard: dict[str, Any], start: float, end: float) -> dict[int, list[Series]]:
    found: dict[int, list[Series]] = {}
    for panel in dashboard["panels"]:
        if panel["type"] == "row":
            continue
        points = _COLUMNS if panel["type"] == "heatmap" else _POINTS
        step = max(1.0, (end - start) / points)
        found[panel["id"]] = []
        for target in panel["targets"]:
            query = asked(target["expr"], end - start)
            if panel["type"] == "table":
                result = await watch.at(query, end)
            else:
                result = await watch.over(query, start, end, step)
            found[panel["id"]] += read(result, target["legendFormat"], target["refId"])
    return found


async def _moments(watch: Watch, dashboard: dict[str, Any], start: float, end: float) -> list[tuple[float, str, str]]:
    found = []
    step = 2.0
    for annotation in dashboard["annotations"]["list"]:
        result = await watch.over(asked(annotation["expr"], end - start), start, end, step)
        for one in read(result, annotation["titleFormat"], "A"):
            found += [(at, annotation["iconColor"], one.legend) for at in beginnings(one, step)]
    return sorted(found)
