"""The plots of docs/performance.md, as SVG, from a saved run. The same run makes the same bytes, with one release of matplotlib;
each says in its metadata of which run it is.
"""

import io
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from hashlib import blake2b

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bench.result import Saved, write

mpl.rcParams.update(
    {"svg.hashsalt": "bridge", "svg.fonttype": "none", "font.size": 9, "axes.grid": True, "grid.alpha": 0.3}
)
_SERVICE, _REFERENCE, _LIMIT, _THIRD = "#1f5f99", "#c46a1b", "#b3261e", "#3c8d5a"
_LIMIT_PER_SECOND = 500
_BEFORE_KILL, _STEP = 5.0, 0.1


def digest(saved: Saved) -> str:
    """Of which run a plot is."""
    return blake2b(write(saved), digest_size=8).hexdigest()


def names(saved: Saved) -> list[str]:
    """The files that can be drawn of this run."""
    have = {outcome.name for outcome in saved.outcomes if outcome.series}
    return [name for name, (scenario, _) in _drawn().items() if scenario in have]


def plots(saved: Saved) -> dict[str, str]:
    """The files by name."""
    series, drawn = {outcome.name: outcome.series for outcome in saved.outcomes}, _drawn()
    return {name: _svg(drawn[name][1](series[drawn[name][0]]), digest(saved)) for name in names(saved)}


def _drawn() -> Mapping[str, tuple[str, Callable[[Mapping[str, Sequence[float]]], Figure]]]:
    return {
        "latency.svg": ("openloop", _latency),
        "budget.svg": ("budget", _budget),
        "takeover.svg": ("takeover", partial(_kill, then="not replaced")),
        "restart.svg": ("restart", partial(_kill, then="started again at once")),
    }


def _latency(series: Mapping[str, Sequence[float]]) -> Figure:
    rate = max(int(name.removeprefix("service")) for name in series if name.startswith("service"))
    figure, axes = _axes(f"Event to call at {rate} events a second, open loop", "milliseconds", "share of the events")
    for name, words, colour in (("service", "service", _SERVICE), ("reference", "naive reference", _REFERENCE)):
        # Nothing takes less than what whole milliseconds show.
        axes.plot([max(one, 0.5) for one in series[f"{name}{rate}"]], series["shares"], label=words, color=colour)
    axes.set_xscale("log")
    for axis in (axes.xaxis.set_major_formatter, axes.xaxis.set_minor_formatter):
        axis("{x:g}")
    axes.legend(loc="lower right")
    return figure


def _budget(series: Mapping[str, Sequence[float]]) -> Figure:
    figure, axes = _axes("Requests that arrive in each second, two replicas", "seconds", "requests")
    ways = (
        ("redis", "service, with Redis", _SERVICE),
        ("parts", "service, by partitions", _THIRD),
        ("naive", "naive reference", _REFERENCE),
    )
    for name, words, colour in ways:
        axes.plot(range(len(series[name])), series[name], label=words, color=colour, drawstyle="steps-post")
    axes.axhline(_LIMIT_PER_SECOND, color=_LIMIT, linestyle="--", label="the vendor's limit")
    axes.set_ylim(bottom=0)
    axes.legend(loc="upper right")
    return figure


def _kill(series: Mapping[str, Sequence[float]], *, then: str) -> Figure:
    figure, axes = _axes(
        f"Calls around the kill of one of three, which is {then}", "seconds since the kill", "calls a second"
    )
    for name, words, colour in (("service", "service", _SERVICE), ("reference", "naive reference", _REFERENCE)):
        times = [number * _STEP - _BEFORE_KILL for number in range(len(series[name]))]
        axes.plot(times, [one / _STEP for one in series[name]], label=words, color=colour, linewidth=1)
    axes.axvline(0, color=_LIMIT, linestyle="--", label="SIGKILL")
    # Afterwards both catch up, the reference without any limit: what is of interest is how long nothing comes.
    usual = sorted(series["reference"])[len(series["reference"]) // 2] / _STEP
    axes.set_ylim(0, 4 * max(usual, 1))
    axes.legend(loc="upper left")
    return figure


def _axes(title: str, across: str, up: str) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(7.5, 3.2), layout="constrained")
    axes = figure.add_subplot()
    axes.set(title=title, xlabel=across, ylabel=up)
    return figure, axes


def _svg(figure: Figure, run: str) -> str:
    out = io.StringIO()
    figure.savefig(out, format="svg", metadata={"Date": None, "Description": f"run {run}"})
    # Lines that end in blanks are what git and editors take away.
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"
