"""PromQL of panels: what all queries have in common is added here, by what the service says of its metrics.

`bridge_x{}` becomes `bridge_x{namespace=~"$namespace", job=~"$job", ...}`, with brand and route where the metric has them.
"""

import re

from prometheus_client import CollectorRegistry

from bridge.telemetry import Metrics

RATE = "$__rate_interval"
RANGE = "$__range"

_SELECTOR = re.compile(r"(?<![$\w:])([a-zA-Z_][\w:]*)\{([^{}]*)\}")
_WHOLE = ('namespace=~"$namespace"', 'job=~"$job"')
_CHOSEN = ("brand", "route")


def _labels_of_samples() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for one in Metrics(CollectorRegistry()).definitions:
        suffixes = ("_bucket", "_count", "_sum") if one.kind == "histogram" else ("",)
        found |= {one.name + suffix: one.labels for suffix in suffixes}
    return found


SAMPLES = _labels_of_samples()
"""Every time series of the service by its name, with its labels."""
FOREIGN = (
    "up",
    "ALERTS",
    "process_start_time_seconds",
    "process_resident_memory_bytes",
    "process_cpu_seconds_total",
    "process_open_fds",
    "process_max_fds",
)
"""Series that come of Prometheus itself and of its client."""


def chosen(expression: str) -> str:
    """The expression narrowed to what the dashboard's variables choose. Raises KeyError for a metric that does not exist."""
    return " ".join(_SELECTOR.sub(lambda found: f"{found[1]}{{{_matchers(found[1], found[2])}}}", expression).split())


def _matchers(metric: str, own: str) -> str:
    if metric == "ALERTS":  # of alerts about no series namespace and brand are not known
        return f'job=~"$job", {own}'
    labels = () if metric in FOREIGN else SAMPLES[metric]
    narrowed = [f'{label}=~"${label}"' for label in _CHOSEN if label in labels]
    if "scope" in labels:
        narrowed.append('scope=~"all|brand/$brand|route/$route"')
    return ", ".join([*_WHOLE, *narrowed, *([own] if own else [])])


def per_second(metric: str, by: str, own: str = "") -> str:
    """How often a second, by these labels."""
    return f"sum by ({by}) (rate({metric}{{{own}}}[{RATE}]))"


def within_range(metric: str, by: str = "", own: str = "") -> str:
    """How many within the time that the dashboard shows."""
    return f"sum{f' by ({by}) ' if by else ''}(increase({metric}{{{own}}}[{RANGE}]))"


def quantile(part: float, metric: str, by: str = "") -> str:
    """A quantile of a histogram, over all or by these labels."""
    labels = f"le, {by}" if by else "le"
    return f"histogram_quantile({part}, sum by ({labels}) (rate({metric}_bucket{{}}[{RATE}])))"
