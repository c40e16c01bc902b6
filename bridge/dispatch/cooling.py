"""How this replica slows down for a brand whose vendor doesn't answer, and tries one trigger at a time for one that refuses.

An outage would otherwise turn every waiting trigger into an `unknown`, hundreds a second: late is better.
"""

import random
from dataclasses import dataclass

from bridge.clock import Clock
from bridge.dispatch.work import Work

_FIRST_PAUSE = 0.25
_LONGEST_PAUSE = 10.0
# So many failures in a row are an outage; fewer are bad luck.
_OUTAGE = 3
_PROBE_EVERY = 5.0


@dataclass(slots=True)
class _Brand:
    failures: int = 0
    closed_until: float = 0.0
    trying: bool = False  # whether an attempt was made since it was closed
    probe: Work | None = None
    next_probe: float = 0.0


class Cooling:
    """By brand. Times are boottime, seconds."""

    def __init__(self, brands: list[str], clock: Clock) -> None:
        self._clock = clock
        self._brands = {brand: _Brand() for brand in brands}

    def worked(self, brand: str) -> None:
        """The vendor answered sensibly."""
        one = self._brands[brand]
        one.failures, one.closed_until, one.trying = 0, 0.0, False

    def failed(self, brand: str) -> float:
        """The vendor could not be reached, or its answer says nothing. Returns when to try again."""
        one, now = self._brands[brand], self._clock.boottime()
        if now < one.closed_until and not one.trying:
            return one.closed_until  # it left before the outage showed: hundreds of these are no worse news than one
        one.failures, one.trying = one.failures + 1, False
        pause: float = min(_FIRST_PAUSE * 2.0 ** min(one.failures, 20), _LONGEST_PAUSE)
        pause *= random.uniform(0.5, 1.0)  # noqa: S311 - jitter, not a secret
        if one.failures >= _OUTAGE:
            one.closed_until = now + pause
        return now + pause

    def tried(self, brand: str) -> None:
        """An attempt begins. While the brand fails the next one waits for how it ends, but not for ever."""
        one = self._brands[brand]
        if one.failures >= _OUTAGE:
            one.closed_until, one.trying = self._clock.boottime() + _LONGEST_PAUSE, True

    def most(self, brand: str, wanted: int) -> int:
        """How many of `wanted` may be tried now: one at a time while the brand fails."""
        one = self._brands[brand]
        if one.failures < _OUTAGE:
            return wanted
        return min(wanted, 1) if self._clock.boottime() >= one.closed_until else 0

    def opens_at(self, brand: str) -> float:
        """When the next one may be tried."""
        return self._brands[brand].closed_until

    def probe_due(self, brand: str) -> bool:
        """Whether a waiting trigger may find out if the brand is still forbidden."""
        return self._clock.boottime() >= self._brands[brand].next_probe

    def probe_with(self, brand: str, work: Work) -> None:
        """This work goes although the brand is held."""
        one = self._brands[brand]
        one.probe, one.next_probe = work, self._clock.boottime() + _PROBE_EVERY

    def probes(self, work: Work) -> bool:
        """Whether this work may go although its brand is held."""
        return self._brands[work.trigger.brand].probe is work
