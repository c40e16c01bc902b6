"""What an alert and a recording rule are, before they are written in one form or another.

In an expression each selector is written without the one that all have: `bridge_x{}` becomes `bridge_x{${selector}}`, and
`${name}` is a threshold. Placeholders are braced, so that none is the beginning of another, and none looks like a template
of Helm or of Prometheus.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Severity = Literal["critical", "warning", "info"]

_SELECTOR = re.compile(r"(?<![$\w:])([a-z_][\w:]*)\{([^{}]*)\}")


def selected(expression: str) -> str:
    """Every selector narrowed to the service, in one line."""
    narrowed = _SELECTOR.sub(lambda found: f"{found[1]}{{{', '.join(_matchers(found[2]))}}}", expression)
    return " ".join(narrowed.split())


def _matchers(own: str) -> list[str]:
    return ["${selector}", *([own] if own else [])]


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording rule; its name is level:metric:operation."""

    name: str
    expression: str

    @property
    def expr(self) -> str:
        """PromQL with placeholders."""
        return selected(self.expression)


@dataclass(frozen=True, slots=True)
class Alert:
    """`critical` calls somebody out of bed, `warning` is a ticket, `info` a line on a dashboard.

    `lasting`: for how long it must be so, a duration of Prometheus; `summary`: one sentence without values; `description`: a
    template of Prometheus; `dashboard`: the uid of the one to look at first. `thresholds` stand in `expression` as `${name}`.
    """

    name: str
    severity: Severity
    expression: str
    lasting: str
    summary: str
    description: str
    dashboard: str = "bridge-overview"
    thresholds: Mapping[str, float] = field(default_factory=dict)

    @property
    def expr(self) -> str:
        """PromQL with placeholders."""
        return selected(self.expression)


def filled(text: str, values: Mapping[str, object]) -> str:
    """The text with its placeholders filled in. Raises ValueError when one has no value."""
    for name, value in values.items():
        text = text.replace(f"${{{name}}}", str(value))
    if left := re.search(r"\$\{\w+\}", text):
        raise ValueError(f"{left[0]} has no value in: {text}")
    return text
