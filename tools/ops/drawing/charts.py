"""One panel of each kind, drawn from its own settings: units, colours, stacking, limits, thresholds."""

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from tools.ops.drawing.answers import Answers, Series
from tools.ops.drawing.svg import DARK, FAINT, GREY, Box, Picture
from tools.ops.drawing.words import clock, ticks, written

_PALETTE = ("#73bf69", "#5794f2", "#ff9830", "#b877d9", "#37872d", "#fa6400", "#8ab8ff", "#e0b400", "#705da0", "#56a64b", "#c15c17", "#3274d9")
_NAMED = {
    **{"green": "#56a64b", "yellow": "#e0b400", "red": "#e02f44", "orange": "#ff780a", "purple": "#a352cc", "blue": "#3274d9"},
    **{"dark-orange": "#c4570b", "dark-red": "#8f1d2c", "text": DARK},
}
_Content = Mapping[str, Any]


def colour(name: str) -> str:
    """The colour that Grafana shows by this name."""
    return _NAMED.get(name, name)


def _settings(content: _Content, legend: str, number: int) -> dict[str, Any]:
    """What the panel's overrides say of a series."""
    found: dict[str, Any] = {"color": _PALETTE[number % len(_PALETTE)]}
    for override in content["fieldConfig"].get("overrides", ()):
        if override["matcher"]["id"] == "byRegexp" and re.search(override["matcher"]["options"], legend):
            found |= {one["id"]: one["value"] for one in override["properties"]}
    if isinstance(found["color"], dict):
        found["color"] = colour(found["color"]["fixedColor"])
    return found


def stat(picture: Picture, box: Box, content: _Content, series: Sequence[Series], answers: Answers) -> None:
    """A number in the colour of its threshold, over its course."""
    value = series[0].last if series else None
    defaults = content["fieldConfig"]["defaults"]
    shade = DARK
    for step in defaults["thresholds"]["steps"]:
        if value is not None and (step["value"] is None or value >= step["value"]):
            shade = colour(step["color"])
    middle = (box.x + box.width / 2, box.y + box.height * 0.55)
    if series and len(series[0].points) > 1:
        course = series[0].points
        highest = max(v for _, v in course) or 1
        low = box.within(0, box.height * 0.68, 0, 2)
        drawn = [_place(low, answers, at, v / highest) for at, v in course]
        picture.area([(drawn[0][0], low.y + low.height), *drawn, (drawn[-1][0], low.y + low.height)], shade, 0.15)
        picture.line(drawn, shade, width=1)
    picture.text(middle, "no data" if value is None else written(value, defaults["unit"]), size=25, fill=shade, anchor="middle", bold=True)


def _place(box: Box, answers: Answers, at: float, part: float) -> tuple[float, float]:
    across = (at - answers.start) / (answers.end - answers.start)
    return box.x + across * box.width, box.y + box.height * (1 - part)


def timeseries(picture: Picture, box: Box, content: _Content, series: Sequence[Series], answers: Answers) -> None:
    """Lines, areas on one another, or bars; the limit dashed; what is marked as upright lines."""
    unit = content["fieldConfig"]["defaults"]["unit"]
    custom = content["fieldConfig"]["defaults"].get("custom", {})
    stacked, bars = custom.get("stacking", {}).get("mode") == "normal", custom.get("drawStyle") == "bars"
    looks = [_settings(content, one.legend, number) for number, one in enumerate(series)]
    alone = [not stacked or look.get("custom.stacking", {}).get("mode") == "none" for look in looks]
    below: dict[float, float] = {}
    shapes = []
    for one, single in zip(series, alone, strict=True):
        base = {at: 0.0 if single else below.get(at, 0.0) for at, _ in one.points}
        tops = {at: base[at] + value for at, value in one.points}
        if not single:
            below |= tops
        shapes.append((base, tops))
    # A limit far above everything else is told of, and not drawn: it would press the rest flat.
    own = [max(tops.values()) for (_, tops), one in zip(shapes, series, strict=True) if not one.legend.startswith("limit")]
    limits = [max(tops.values()) for (_, tops), one in zip(shapes, series, strict=True) if one.legend.startswith("limit")]
    highest = max([*own, *(limit for limit in limits if not own or limit <= 8 * max(own))], default=0)
    marks = ticks(highest)
    plot = _axes(picture, box.within(0, 0, 0, 30), marks, unit, answers)
    width = plot.width / max(1, len({at for one in series for at, _ in one.points})) * 0.9
    for (base, tops), look, single, one in zip(shapes, looks, alone, series, strict=True):
        if one.legend.startswith("limit") and max(tops.values()) > marks[-1]:
            continue
        drawn = [_place(plot, answers, at, value / marks[-1]) for at, value in tops.items()]
        floor = [_place(plot, answers, at, value / marks[-1]) for at, value in base.items()]
        limit = look.get("custom.lineStyle", {}).get("fill") == "dash"
        if bars and not limit:
            for (x, top), (_, bottom) in zip(drawn, floor, strict=True):
                if bottom - top > 0.3:
                    picture.rectangle(Box(x - width / 2, top, width, bottom - top), look["color"], opacity=0.85)
            continue
        for stretch in _stretches(drawn, plot.width / 20):
            picture.line([drawn[place] for place in stretch], look["color"], width=1.6 if limit else 1.2, dash="7 5" if limit else "")
            if not single:
                shape = [*(drawn[place] for place in stretch), *(floor[place] for place in reversed(stretch))]
                picture.area(shape, look["color"], 0.55)
    _marks(picture, plot, answers)
    untold = [limit for limit in limits if limit > marks[-1]]
    _legend(picture, box, series, looks, f"limit {written(max(untold), unit)}: above the picture" if untold else "")


def _stretches(points: Sequence[tuple[float, float]], gap: float) -> list[list[int]]:
    """Runs of points without a hole between them."""
    runs: list[list[int]] = []
    for place, (x, _) in enumerate(points):
        if not runs or x - points[place - 1][0] > gap:
            runs.append([])
        runs[-1].append(place)
    return runs


def _axes(picture: Picture, box: Box, marks: Sequence[float], unit: str, answers: Answers) -> Box:
    plot = box.within(58, 6, 8, 18)
    for mark in marks:
        y = plot.y + plot.height * (1 - mark / marks[-1])
        picture.line([(plot.x, y), (plot.x + plot.width, y)], FAINT, width=1)
        picture.text((plot.x - 6, y + 4), written(mark, unit), size=10, anchor="end")
    _times(picture, plot, answers)
    return plot


def _times(picture: Picture, plot: Box, answers: Answers) -> None:
    span = answers.end - answers.start
    step = next((size for size in (15, 30, 60, 120, 300, 600, 1800, 3600) if span / size * 70 <= plot.width), 3600)
    at = math.ceil(answers.start / step) * step
    while at < answers.end - span / 30:
        x, _ = _place(plot, answers, at, 0)
        picture.text((x, plot.y + plot.height + 14), clock(at), size=9.5, anchor="middle")
        at += step


def _marks(picture: Picture, plot: Box, answers: Answers) -> None:
    for at, shade, _ in answers.moments:
        x, _ = _place(plot, answers, at, 0)
        picture.line([(x, plot.y), (x, plot.y + plot.height)], colour(shade), width=0.8, dash="2 3")


def _legend(picture: Picture, box: Box, series: Sequence[Series], looks: Sequence[Mapping[str, Any]], more: str) -> None:
    x, y = box.x + 8, box.y + box.height - 20
    rows = 2
    for number, (one, look) in enumerate(zip(series, looks, strict=True)):
        width = 22 + 6.1 * len(one.legend)
        if x + width > box.x + box.width - 8:
            x, y, rows = box.x + 8, y + 14, rows - 1
        if not rows or (rows == 1 and x + width > box.x + box.width - 60 and number < len(series) - 1):
            picture.text((min(x, box.x + box.width - 60), y if rows else y - 14), f"+{len(series) - number}", size=10)
            return
        picture.rectangle(Box(x, y - 6, 10, 4), look["color"])
        picture.text((x + 14, y), one.legend, size=10)
        x += width
    if more:
        picture.text((x + 6, y), more, size=10)


def heatmap(picture: Picture, box: Box, content: _Content, series: Sequence[Series], answers: Answers) -> None:
    """How many fell into which bucket when: the more, the darker."""
    ordered = sorted(series, key=lambda one: float(one.labels["le"].replace("+Inf", "inf")))
    counts: list[tuple[str, dict[float, float]]] = []
    before: dict[float, float] = {}
    for one in ordered:
        now = dict(one.points)
        counts.append((one.labels["le"], {at: max(0.0, value - before.get(at, 0.0)) for at, value in now.items()}))
        before = now
    used = [place for place, (_, cells) in enumerate(counts) if any(value > 0.01 for value in cells.values())]
    shown = counts[max(0, min(used) - 1) : max(used) + 2] if used else counts[:3]
    highest = max((value for _, cells in shown for value in cells.values()), default=1) or 1
    plot = box.within(58, 6, 8, 20)
    height = plot.height / len(shown)
    columns = sorted({at for _, cells in shown for at in cells})
    width = plot.width * (columns[1] - columns[0]) / (answers.end - answers.start) if len(columns) > 1 else plot.width
    for row, (le, cells) in enumerate(shown):
        y = plot.y + plot.height - (row + 1) * height
        if len(shown) <= 10 or row % 2 == 0:
            bound = "more" if le == "+Inf" else written(float(le), content["fieldConfig"]["defaults"]["unit"])
            picture.text((plot.x - 6, y + 4), bound, size=9.5, anchor="end")
        picture.line([(plot.x, y), (plot.x + plot.width, y)], FAINT, width=0.6)
        for at, value in cells.items():
            if value > 0.01 * highest:
                x, _ = _place(plot, answers, at, 0)
                shade = 0.15 + 0.85 * math.sqrt(value / highest)
                picture.rectangle(Box(max(plot.x, x - width), y + 0.5, width, height - 1), "#d9480f", opacity=shade)
    _times(picture, plot, answers)


def timeline(picture: Picture, box: Box, content: _Content, series: Sequence[Series], answers: Answers) -> None:
    """Which state each had when."""
    states = content["fieldConfig"]["defaults"]["mappings"][0]["options"]
    plot = box.within(190, 6, 8, 22)
    height = min(26.0, plot.height / max(1, len(series)))
    for row, one in enumerate(series):
        y = plot.y + row * height
        picture.text((plot.x - 8, y + height / 2 + 4), one.legend[:32], size=10, anchor="end")
        steps = [after[0] - before[0] for before, after in zip(one.points, one.points[1:], strict=False)]
        step = min(steps, default=1.0)
        for at, value in one.points:
            state = states.get(f"{value:g}")
            x, _ = _place(plot, answers, at, 0)
            width = plot.width * step / (answers.end - answers.start)
            picture.rectangle(Box(x, y + 3, width + 0.3, height - 6), colour(state["color"]) if state else GREY, opacity=0.85)
    _times(picture, plot, answers)


def table(picture: Picture, box: Box, content: _Content, series: Sequence[Series], answers: Answers) -> None:
    """A row for each set of labels, a column for each query."""
    organised = content["transformations"][-1]["options"]
    names = list(organised["indexByName"])
    headings = [organised["renameByName"].get(name, name) for name in names]
    labels = [name for name in names if not name.startswith("Value")]
    rows: dict[tuple[str, ...], dict[str, float]] = {}
    for one in series:
        key = tuple(one.labels.get(label, "") for label in labels)
        rows.setdefault(key, {})[f"Value #{one.target}"] = one.points[-1][1]
    width = box.width / len(names)
    for column, heading in enumerate(headings):
        picture.text((box.x + column * width + 8, box.y + 14), heading, size=11, fill=DARK, bold=True)
    for line, (key, values) in enumerate(sorted(rows.items()), 1):
        y = box.y + 14 + line * 21
        if y > box.y + box.height - 4:
            break
        picture.line([(box.x, y - 15), (box.x + box.width, y - 15)], FAINT, width=1)
        cells = [*key, *(_cell(values.get(name)) for name in names[len(labels) :])]
        for column, cell in enumerate(cells):
            picture.text((box.x + column * width + 8, y), cell, size=11, fill=DARK)


def _cell(value: float | None) -> str:
    return "" if value is None else written(round(value), "short")
