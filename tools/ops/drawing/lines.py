"""Time series: lines, areas on one another, or bars; the limit dashed; what is marked as upright lines."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from tools.ops.drawing.answers import Answers, Series
from tools.ops.drawing.plot import Content, axes, colour, place, settings_of
from tools.ops.drawing.svg import Box, Picture, Point
from tools.ops.drawing.words import ticks, written

_LIMIT = "limit"
# A limit that is so many times above everything else is told of, and not drawn: it would press the rest flat.
_FAR_ABOVE = 8
_HOLE = 2.5


@dataclass(frozen=True, slots=True)
class _Shape:
    """A series as it is drawn: from `base` to `top`, by time."""

    series: Series
    look: Mapping[str, Any]
    base: Mapping[float, float]
    top: Mapping[float, float]
    stacked: bool

    @property
    def highest(self) -> float:
        return max(self.top.values())

    @property
    def limit(self) -> bool:
        return self.series.legend.startswith(_LIMIT)


def timeseries(picture: Picture, box: Box, content: Content, series: Sequence[Series], answers: Answers) -> None:
    """Draw them all, with axes and legend."""
    defaults = content["fieldConfig"]["defaults"]
    custom = defaults.get("custom", {})
    shapes = _shapes(content, series, stacked=custom.get("stacking", {}).get("mode") == "normal")
    marks = ticks(_highest(shapes), defaults["unit"])
    plot = axes(picture, box.within(0, 0, 0, 30), marks, defaults["unit"], answers)
    bars = plot.width / max(1, len({at for one in series for at, _ in one.points})) * 0.9
    for shape in shapes:
        top = [place(plot, answers, at, value / marks[-1]) for at, value in shape.top.items()]
        base = [place(plot, answers, at, value / marks[-1]) for at, value in shape.base.items()]
        if shape.highest > marks[-1] or (shape.stacked and shape.base == shape.top):
            continue  # above the picture, or nothing
        if custom.get("drawStyle") == "bars" and not shape.limit:
            _bars(picture, top, base, shape.look["color"], bars)
        else:
            _curve(picture, shape, top, base)
    for at, shade, _ in answers.moments:
        x, _ = place(plot, answers, at, 0)
        picture.line([(x, plot.y), (x, plot.y + plot.height)], colour(shade), width=0.8, dash="2 3")
    above = max((shape.highest for shape in shapes if shape.highest > marks[-1]), default=None)
    _legend(
        picture,
        box,
        shapes,
        None if above is None else f"(limit {written(above, defaults['unit'])}: above the picture)",
    )


def _shapes(content: Content, series: Sequence[Series], *, stacked: bool) -> list[_Shape]:
    below: dict[float, float] = {}
    shapes = []
    for number, one in enumerate(series):
        look = settings_of(content, one.legend, number)
        single = not stacked or look.get("custom.stacking", {}).get("mode") == "none"
        base = {at: 0.0 if single else below.get(at, 0.0) for at, _ in one.points}
        top = {at: base[at] + value for at, value in one.points}
        if not single:
            below |= top
        shapes.append(_Shape(one, look, base, top, stacked=not single))
    return shapes


def _highest(shapes: Sequence[_Shape]) -> float:
    own = max((shape.highest for shape in shapes if not shape.limit), default=0.0)
    near = [shape.highest for shape in shapes if shape.limit and (not own or shape.highest <= _FAR_ABOVE * own)]
    return max([own, *near])


def _bars(picture: Picture, top: Sequence[Point], base: Sequence[Point], shade: str, width: float) -> None:
    for (x, high), (_, low) in zip(top, base, strict=True):
        if low - high > 0.3:  # noqa: PLR2004 - of a pixel
            picture.rectangle(Box(x - width / 2, high, width, low - high), shade, opacity=0.85)


def _curve(picture: Picture, shape: _Shape, top: Sequence[Point], base: Sequence[Point]) -> None:
    dashed = shape.look.get("custom.lineStyle", {}).get("fill") == "dash"
    for run in _runs([x for x, _ in top]):
        picture.line(top[run], shape.look["color"], width=1.6 if dashed else 1.2, dash="7 5" if dashed else "")
        if shape.stacked:
            picture.area([*top[run], *reversed(base[run])], shape.look["color"], 0.55)


def _runs(across: Sequence[float]) -> list[slice]:
    """Stretches without a hole: where points lie more than twice as far apart as they mostly do, there is one."""
    apart = [after - before for before, after in pairwise(across)]
    usual = min(apart, default=0.0)
    cuts = [0, *(at for at, distance in enumerate(apart, 1) if distance > _HOLE * usual), len(across)]
    return [slice(begin, end) for begin, end in pairwise(cuts)]


def _legend(picture: Picture, box: Box, shapes: Sequence[_Shape], more: str | None) -> None:
    lines, right = [box.y + box.height - 20, box.y + box.height - 6], box.x + box.width - 10
    x, line = box.x + 8, 0
    for number, shape in enumerate(shapes):
        legend = shape.series.legend
        width = 26 + 6.3 * len(legend)
        last = line == len(lines) - 1
        if x + width > right - (40 if last and number < len(shapes) - 1 else 0):
            if last:
                picture.text((x, lines[line]), f"+{len(shapes) - number}", size=10)
                return
            x, line = box.x + 8, line + 1
        picture.rectangle(Box(x, lines[line] - 6, 10, 4), shape.look["color"])
        picture.text((x + 14, lines[line]), legend, size=10)
        x += width
    if more is not None:
        picture.text((x + 2, lines[line]), more, size=10)
