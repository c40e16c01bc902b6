"""What the vendor's log of requests says of the rate. Pure. Times are milliseconds, in order."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

SECOND = 1_000


@dataclass(frozen=True, slots=True)
class Late:
    """The vendor's loop was late by `milliseconds` at `at`: what had come meanwhile it took for coming then."""

    at: int
    milliseconds: float


def worst_second(times: Sequence[int]) -> int:
    """The most requests of any rolling second, whose far end is open, as the simulator's. Moments that were cut to
    milliseconds can make it a request too many, and never one too few.
    """
    worst = first = 0
    for last, at in enumerate(times):
        while times[first] <= at - SECOND:
            first += 1
        worst = max(worst, last - first + 1)
    return worst


def rate(times: Sequence[int], begin: int, end: int) -> float:
    """Requests a second from `begin` until `end`, which is not part of it."""
    return sum(begin <= at < end for at in times) * SECOND / (end - begin)


def poorest_second(times: Sequence[int], begin: int, end: int) -> int:
    """The fewest requests of any whole second, counted from `begin`, that lies before `end`."""
    seconds = [0] * ((end - begin) // SECOND)
    for at in times:
        if 0 <= (second := (at - begin) // SECOND) < len(seconds):
            seconds[second] += 1
    return min(seconds, default=0)


def is_void(at: int, late: Iterable[Late]) -> bool:
    """Whether the second before this moment holds requests that the vendor took for coming later than they came."""
    return any(one.at - one.milliseconds <= at <= one.at + SECOND for one in late)
