"""What numbers say together. Pure: no clock, no I/O."""

import math
from collections.abc import Iterable, Sequence
from itertools import pairwise

SECOND = 1_000
NEVER = 1e300
"""Stands for what did not happen while it was waited for: JSON has no infinity, and this compares as one."""


def median(values: Sequence[float]) -> float:
    """The middle one, or the mean of the two in the middle. Raises ValueError when there are none."""
    if not values:
        raise ValueError("nothing was measured")
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest of the values that at least `share` (0 to 1) of them do not exceed (nearest rank: always one that was
    measured). Raises ValueError when there are none.
    """
    if not values:
        raise ValueError("nothing was measured")
    if not 0 <= share <= 1:
        raise ValueError(f"a share is between 0 and 1, not {share}")
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def worst_second(times: Iterable[float]) -> int:
    """The most moments (milliseconds) of any rolling second, whose far end is open: two that are exactly a second apart are
    in different seconds. 0 when there are none.
    """
    ordered = sorted(times)
    worst = first = 0
    for last, at in enumerate(ordered):
        while ordered[first] <= at - SECOND:
            first += 1
        worst = max(worst, last - first + 1)
    return worst


def by_second(times: Iterable[float], begin: float, end: float, width: int = SECOND) -> list[int]:
    """How many moments lie in each whole step of `width` ms from `begin` on that ends by `end`."""
    steps = [0] * max(0, int((end - begin) // width))
    for at in times:
        if 0 <= (step := int((at - begin) // width)) < len(steps):
            steps[step] += 1
    return steps


def longest_gap(times: Iterable[float], begin: float, end: float) -> float:
    """The longest span (ms) between `begin` and `end` without a moment; `end - begin` when there is none at all."""
    inside = sorted(at for at in times if begin < at < end)
    return max(after - before for before, after in pairwise([begin, *inside, end]))


def first_after(times: Iterable[float], begin: float) -> float | None:
    """How long (ms) after `begin` the first moment is; None when there is none."""
    later = [at for at in times if at >= begin]
    return min(later) - begin if later else None
