"""What kinds of charts have in common: colours, the axes, and where a value lies."""

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from tools.ops.drawing.answers import Answers
from tools.ops.drawing.svg import DARK, FAINT, Box, Picture
from tools.ops.drawing.words import clock, written

Content = Mapping[str, Any]

_PALETTE = (
    *("#73bf69", "#5794f2", "#ff9830", "#b877d9", "#37872d", "#fa6400"),
    *("#8ab8ff", "#e0b400", "#705da0", "#56a64b", "#c15c17", "#3274d9"),
)
_NAMED = {
    "green": "#56a64b",
    "yellow": "#e0b400",
    "red": "#e02f44",
    "orange": "#ff780a",
    "purple": "#a352cc",
    "blue": "#3274d9",
    "dark-orange": "#c4570b",
    "dark-red": "#8f1d2c",
    "text": DARK,
}
_STEPS = (15, 30, 60, 120, 300, 600, 1800, 3600)
_LABEL = 70.0


def colour(name: str) -> str:
    """The colour that Grafana shows by this name."""
    return _NAMED.get(name, name)


def settings_of(content: Content, legend: str, number: int) -> dict[str, Any]:
    """What the panel's overrides say of a series."""
    found: dict[str, Any] = {"color": _PALETTE[number % len(_PALETTE)]}
    for override in content["fieldConfig"].get("overrides", ()):
        if override["matcher"]["id"] == "byRegexp" and re.search(override["matcher"]["options"], legend):
            found |= {one["id"]: one["value"] for one in override["properties"]}
    if isinstance(found["color"], dict):
        found["color"] = colour(found["color"]["fixedColor"])
    return found


def place(box: Box, answers: Answers, at: float, part: float) -> tuple[float, float]:
    """Where a moment, and a part of the height, lie in a box."""
    across = (at - answers.start) / (answers.end - answers.start)
    return box.x + across * box.width, box.y + box.height * (1 - part)


def axes(picture: Picture, box: Box, marks: Sequence[float], unit: str, answers: Answers) -> Box:
    """Draw both axes; what is left for the chart."""
    plot = box.within(58, 6, 8, 18)
    for mark in marks:
        y = plot.y + plot.height * (1 - mark / marks[-1])
        picture.line([(plot.x, y), (plot.x + plot.width, y)], FAINT, width=1)
        picture.text((plot.x - 6, y + 4), written(mark, unit), size=10, anchor="end")
    times(picture, plot, answers)
    return plot


def times(picture: Picture, plot: Box, answers: Answers) -> None:
    """The axis of time."""
    span = answers.end - answers.start
    step = next((size for size in _STEPS if span / size * _LABEL <= plot.width), _STEPS[-1])
    at: float = math.ceil(answers.start / step) * step
    while at < answers.end - span / 30:
        x, _ = place(plot, answers, at, 0)
        picture.text((x, plot.y + plot.height + 14), clock(at), size=9.5, anchor="middle")
        at += step
