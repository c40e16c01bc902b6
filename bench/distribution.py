"""What numbers say together. Pure: no clock, no I/O."""

import math
from collections.abc import Iterable, Sequence
from itertools import pairwise

NEVER = 1e300
"""Stands for what did not happen while it was waited for: JSON has no infinity, and this compares as one."""


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


def longest_gap(times: Iterable[float], begin: float, end: float) -> float:
    """The longest span (ms) between `begin` and `end` without a moment; `end - begin` when there is none at all."""
    inside = sorted(at for at in times if begin < at < end)
    return max(after - before for before, after in pairwise([begin, *inside, end]))


def first_after(times: Iterable[float], begin: float) -> float | None:
    """How long (ms) after `begin` the first moment is; None when there is none."""
    later = [at for at in times if at >= begin]
    return min(later) - begin if later else None
