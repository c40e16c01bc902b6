"""A whole dashboard as one SVG: what Grafana would lay out, without Grafana. Pure.

It reads the same JSON and the same answers. It is not Grafana: fonts, colours and details differ.
"""

from collections.abc import Callable, Mapping
from typing import Any

from tools.ops.drawing import charts
from tools.ops.drawing.answers import Answers
from tools.ops.drawing.lines import timeseries
from tools.ops.drawing.svg import DARK, GREY, Box, Picture
from tools.ops.drawing.words import clock

_WIDTH, _COLUMNS, _UNIT, _GAP, _TOP = 1400.0, 24, 29.0, 8.0, 64.0
_Draw = Callable[[Picture, Box, Mapping[str, Any], Any, Answers], None]
_KINDS: Mapping[str, _Draw] = {
    "stat": charts.stat,
    "timeseries": timeseries,
    "heatmap": charts.heatmap,
    "state-timeline": charts.timeline,
    "table": charts.table,
}


def draw(dashboard: Mapping[str, Any], answers: Answers, note: str) -> str:
    """The picture; `note` says where its data come from."""
    picture = Picture()
    bottom = max(panel["gridPos"]["y"] + panel["gridPos"]["h"] for panel in dashboard["panels"])
    height = _TOP + bottom * _UNIT + _GAP
    picture.rectangle(Box(0, 0, _WIDTH, height), "#f3f4f6")
    picture.text((14, 28), dashboard["title"], size=19, fill=DARK, bold=True)
    span = f"{clock(answers.start)} to {clock(answers.end)} UTC. {note}"
    picture.text((14, 49), f"{dashboard['description']}  {span}", size=11.5)
    for panel in dashboard["panels"]:
        _panel(picture, panel, answers)
    return picture.whole(_WIDTH, height)


def _panel(picture: Picture, panel: Mapping[str, Any], answers: Answers) -> None:
    place = panel["gridPos"]
    column = (_WIDTH - _GAP) / _COLUMNS
    whole = Box(_GAP + place["x"] * column, _TOP + place["y"] * _UNIT, place["w"] * column, place["h"] * _UNIT)
    if panel["type"] == "row":
        picture.text((whole.x + 4, whole.y + 20), panel["title"], size=13, fill=DARK, bold=True)
        return
    box = whole.within(0, 0, _GAP, _GAP)
    picture.rectangle(box, "#ffffff", stroke="#d1d5db", corner=3)
    picture.text((box.x + 10, box.y + 18), panel["title"], size=12, fill=DARK, bold=panel["type"] != "stat")
    inner = box.within(4, 26, 4, 4)
    series = answers.panels.get(panel["id"], [])
    if not series and panel["type"] != "stat":
        picture.text((box.x + box.width / 2, box.y + box.height / 2), "no data", size=13, fill=GREY, anchor="middle")
        return
    _KINDS[panel["type"]](picture, inner, panel, series, answers)
