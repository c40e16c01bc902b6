"""The few elements of SVG that a dashboard is drawn with."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from html import escape

FONT = "font-family='DejaVu Sans, Helvetica, Arial, sans-serif'"
GREY, DARK, FAINT = "#6b7280", "#1f2937", "#e5e7eb"
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Box:
    """A part of the picture, in pixels."""

    x: float
    y: float
    width: float
    height: float

    def within(self, left: float, top: float, right: float, bottom: float) -> "Box":
        """What is left inside of these margins."""
        return Box(self.x + left, self.y + top, self.width - left - right, self.height - top - bottom)


@dataclass(slots=True)
class Picture:
    """Elements in the order in which they are drawn."""

    elements: list[str] = field(default_factory=list)

    def rectangle(self, box: Box, fill: str, *, opacity: float = 1, stroke: str = "none", corner: float = 0) -> None:
        """A rectangle, perhaps with round corners."""
        shape = f"x='{box.x:.1f}' y='{box.y:.1f}' width='{max(0, box.width):.1f}' height='{max(0, box.height):.1f}'"
        look = f"fill='{fill}'" + (f" fill-opacity='{opacity:.2f}'" if opacity < 1 else "")
        look += f" stroke='{stroke}'" if stroke != "none" else ""
        look += f" rx='{corner:g}'" if corner else ""
        self.elements.append(f"<rect {shape} {look}/>")

    def text(
        self, at: Point, words: str, *, size: float = 11, fill: str = GREY, anchor: str = "start", bold: bool = False
    ) -> None:
        """One line of text, whose base line begins, has its middle or ends there."""
        weight = " font-weight='600'" if bold else ""
        self.elements.append(
            f"<text x='{at[0]:.1f}' y='{at[1]:.1f}' font-size='{size:g}' fill='{fill}' text-anchor='{anchor}'{weight}>{escape(words)}</text>"
        )

    def line(self, points: Iterable[Point], colour: str, *, width: float = 1.3, dash: str = "") -> None:
        """A line through these points."""
        dashed = f" stroke-dasharray='{dash}'" if dash else ""
        self.elements.append(
            f"<polyline points='{_points(points)}' fill='none' stroke='{colour}' stroke-width='{width:g}'{dashed}/>"
        )

    def area(self, points: Iterable[Point], colour: str, opacity: float) -> None:
        """An area within these points."""
        self.elements.append(f"<polygon points='{_points(points)}' fill='{colour}' fill-opacity='{opacity:g}'/>")

    def whole(self, width: float, height: float) -> str:
        """As a file."""
        head = f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {width:g} {height:g}' width='{width:g}' height='{height:g}' {FONT}>"
        return "\n".join([head, *self.elements, "</svg>", ""])


def _points(points: Iterable[Point]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
