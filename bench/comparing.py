"""Two runs beside one another: what became better or worse, and what is only noise. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from statistics import median

from rich.table import Table

from bench.distribution import NEVER
from bench.result import Figure, Saved
from bench.table import number

_SLIGHT = 0.03
"""A difference of less than this share is none, however narrow the spreads: machines are shared."""


class Change(StrEnum):
    """What the difference of a figure means."""

    BETTER = "better"
    WORSE = "WORSE"
    NOISE = "noise"
    NEW = "new"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Difference:
    """One figure, before and now; `ratio` of the medians, None where there is none."""

    id: str
    before: Figure | None
    now: Figure | None
    change: Change
    ratio: float | None = None


def differences(base: Saved, now: Saved) -> Iterator[Difference]:
    """Of every figure of either run, in the order of the new one; those that are gone at the end."""
    before, after = base.figures, now.figures
    for name, figure in after.items():
        old = before.get(name)
        if old is None:
            yield Difference(name, None, figure, Change.NEW)
        else:
            yield Difference(name, old, figure, change_of(old, figure), _ratio(old.median, figure.median))
    for name, old in before.items():
        if name not in after:
            yield Difference(name, old, None, Change.GONE)


def change_of(before: Figure, now: Figure) -> Change:
    """Noise where the spreads overlap, from the least to the most of each, or the medians hardly differ.

    Ratios to the reference are taken where both have them: the machine's own speed, that day, is in both of their terms.
    """
    old, new = _judged(before, now)
    ratio = _ratio(median(old), median(new))
    apart = min(new) > max(old) or max(new) < min(old)
    if not apart or (ratio is not None and abs(ratio - 1) < _SLIGHT):
        return Change.NOISE
    more = min(new) > max(old)
    return Change.BETTER if more == (now.spec.better == "more") else Change.WORSE


def _judged(before: Figure, now: Figure) -> tuple[tuple[float, ...], tuple[float, ...]]:
    if before.ratio is None or now.ratio is None:
        return before.values, now.values
    return before.ratios, now.ratios


def _ratio(before: float, now: float) -> float | None:
    return None if not before or NEVER in (before, now) else now / before


def compared(base: Saved, now: Saved) -> Iterator[Table | str]:
    """For people."""
    yield f"before: {base.at}, revision {base.revision}; now: {now.at}, revision {now.revision}"
    if (base.machine.cpu, base.machine.cores) != (now.machine.cpu, now.machine.cores):
        yield f"Not the same machine: {base.machine.cpu} ({base.machine.cores}), {now.machine.cpu} ({now.machine.cores})."
    table = Table()
    for column in ("figure", "before", "now", "ratio", "to the reference", ""):
        table.add_column(column, justify="left" if column in ("figure", "") else "right")
    for one in differences(base, now):
        ratios = [f"{figure.ratio:.2f}" for figure in (one.before, one.now) if figure is not None and figure.ratio]
        table.add_row(
            one.id,
            _told(one.before),
            _told(one.now),
            "" if one.ratio is None else f"{one.ratio:.2f}",
            " to ".join(ratios),
            one.change,
        )
    yield table
    yield "noise: the values of the two runs overlap, or differ by less than 3 %"


def _told(figure: Figure | None) -> str:
    if figure is None:
        return ""
    return f"{number(figure.median)} {figure.spec.unit} ({number(figure.low)} to {number(figure.high)})"
