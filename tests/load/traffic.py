"""What the vendor's log of requests says of the rate. Pure. Times are milliseconds."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

SECOND = 1_000


@dataclass(frozen=True, slots=True)
class Late:
    """The vendor's loop was late by `milliseconds` at `at`: what had come meanwhile it took for coming then."""

    at: int
    milliseconds: float


def worst_second(times: Iterable[float]) -> int:
    """The most requests of any rolling second, whose far end is open, as the simulator's; 0 of none. Moments that were cut to
    milliseconds can make it a request too many, and never one too few.
    """
    ordered = sorted(times)
    worst = first = 0
    for last, at in enumerate(ordered):
        while ordered[first] <= at - SECOND:
            first += 1
        worst = max(worst, last - first + 1)
    return worst


def rate(times: Sequence[int], begin: int, end: int) -> float:
    """Requests a second from `begin` until `end`, which is not part of it."""
    return sum(begin <= at < end for at in times) * SECOND / (end - begin)


def by_second(times: Iterable[float], begin: float, end: float, width: int = SECOND) -> list[int]:
    """How many moments lie in each whole step of `width` ms from `begin` on that ends by `end`."""
    steps = [0] * max(0, int((end - begin) // width))
    for at in times:
        if 0 <= (step := int((at - begin) // width)) < len(steps):
            steps[step] += 1
    return steps


def poorest_second(times: Iterable[float], begin: int, end: int) -> int:
    """The fewest requests of any whole second, counted from `begin`, that lies before `end`; 0 where there is none."""
    return min(by_second(times, begin, end), default=0)


def is_void(at: int, late: Iterable[Late]) -> bool:
    """Whether the second before this moment holds requests that the vendor took for coming later than they came."""
    return any(one.at - one.milliseconds <= at <= one.at + SECOND for one in late)
