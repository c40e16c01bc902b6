"""A number, a heatmap, states over time, a table: each drawn from its panel's own settings."""

import math
from collections.abc import Sequence
from itertools import pairwise

from tools.ops.drawing.answers import Answers, Series
from tools.ops.drawing.plot import Content, colour, place, times
from tools.ops.drawing.svg import DARK, FAINT, GREY, Box, Picture
from tools.ops.drawing.words import written

# Of the fullest cell, what is too little to be seen.
_NOTHING = 0.01
_BOUNDS = 10


def stat(picture: Picture, box: Box, content: Content, series: Sequence[Series], answers: Answers) -> None:
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
        drawn = [place(low, answers, at, v / highest) for at, v in course]
        picture.area([(drawn[0][0], low.y + low.height), *drawn, (drawn[-1][0], low.y + low.height)], shade, 0.15)
        picture.line(drawn, shade, width=1)
    picture.text(
        middle,
        "no data" if value is None else written(value, defaults["unit"], defaults.get("decimals")),
        size=25,
        fill=shade,
        anchor="middle",
        bold=True,
    )


def heatmap(picture: Picture, box: Box, content: Content, series: Sequence[Series], answers: Answers) -> None:
    """How many fell into which bucket when: the more, the darker."""
    ordered = sorted(series, key=lambda one: float(one.labels["le"].replace("+Inf", "inf")))
    counts: list[tuple[str, dict[float, float]]] = []
    before: dict[float, float] = {}
    for one in ordered:
        now = dict(one.points)
        counts.append((one.labels["le"], {at: max(0.0, value - before.get(at, 0.0)) for at, value in now.items()}))
        before = now
    used = [row for row, (_, cells) in enumerate(counts) if any(value > _NOTHING for value in cells.values())]
    shown = counts[max(0, min(used) - 1) : max(used) + 2] if used else counts[:3]
    highest = max((value for _, cells in shown for value in cells.values()), default=1) or 1
    plot = box.within(58, 6, 8, 20)
    height = plot.height / len(shown)
    columns = sorted({at for _, cells in shown for at in cells})
    width = plot.width * (columns[1] - columns[0]) / (answers.end - answers.start) if len(columns) > 1 else plot.width
    for row, (le, cells) in enumerate(shown):
        y = plot.y + plot.height - (row + 1) * height
        if len(shown) <= _BOUNDS or row % 2 == 0:
            bound = "more" if le == "+Inf" else written(float(le), content["fieldConfig"]["defaults"]["unit"])
            picture.text((plot.x - 6, y + 4), bound, size=9.5, anchor="end")
        picture.line([(plot.x, y), (plot.x + plot.width, y)], FAINT, width=0.6)
        for at, value in cells.items():
            if value > _NOTHING * highest:
                x, _ = place(plot, answers, at, 0)
                shade = round(0.15 + 0.85 * math.sqrt(value / highest), 1)
                picture.rectangle(Box(max(plot.x, x - width), y + 0.5, width, height - 1), "#d9480f", opacity=shade)
    times(picture, plot, answers)


def timeline(picture: Picture, box: Box, content: Content, series: Sequence[Series], answers: Answers) -> None:
    """Which state each had when."""
    states = content["fieldConfig"]["defaults"]["mappings"][0]["options"]
    plot = box.within(190, 6, 8, 22)
    height = min(26.0, plot.height / max(1, len(series)))
    for row, one in enumerate(series):
        y = plot.y + row * height
        picture.text((plot.x - 8, y + height / 2 + 4), one.legend[:32], size=10, anchor="end")
        steps = [after[0] - before[0] for before, after in pairwise(one.points)]
        step = min(steps, default=1.0)
        for at, value in one.points:
            state = states.get(f"{value:g}")
            x, _ = place(plot, answers, at, 0)
            width = plot.width * step / (answers.end - answers.start)
            picture.rectangle(
                Box(x, y + 3, width + 0.3, height - 6), colour(state["color"]) if state else GREY, opacity=0.85
            )
    times(picture, plot, answers)


def table(picture: Picture, box: Box, content: Content, series: Sequence[Series], _: Answers) -> None:
    """A row for each set of labels, a column for each query."""
    organised = content["transformations"][-1]["options"]
    names = sorted(organised["indexByName"], key=organised["indexByName"].__getitem__)
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
    return "" if value is None else written(value, "short", 0)
