"""How late the simulator's own event loop is: a timing taken while it lags says nothing about the bridge."""

import asyncio
from dataclasses import dataclass

from bridge.clock import Clock

_EVERY = 0.01
_STEP = 0.0001
_STEPS = 10_000
_LATE = 0.02
_MOMENTS_KEPT = 1_000


@dataclass(frozen=True, slots=True)
class LateMoment:
    """The loop came more than 20 ms late, by `seconds`, at `at` (milliseconds since 1970 UTC): what had come meanwhile was
    taken for coming then.
    """

    at: int
    seconds: float


class LoopLag:
    """Sleeps and measures how much too long. Seconds; the percentile is exact to 0.1 ms, up to one second."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.reset()

    def reset(self) -> None:
        """Measure from here."""
        self.worst = 0.0
        self.samples = 0
        self.late: list[LateMoment] = []
        self._counts = [0] * (_STEPS + 1)

    async def watch(self) -> None:
        """Measure until cancelled."""
        while True:
            before = self._clock.boottime()
            await asyncio.sleep(_EVERY)
            self._note(max(0.0, self._clock.boottime() - before - _EVERY))

    def _note(self, lag: float) -> None:
        self.samples += 1
        self.worst = max(self.worst, lag)
        if lag > _LATE and len(self.late) < _MOMENTS_KEPT:
            self.late.append(LateMoment(self._clock.now(), lag))
        self._counts[min(_STEPS, int(lag / _STEP))] += 1

    def percentile(self, share: float) -> float:
        """The lag that `share` (0 to 1) of the samples did not exceed; 0 without samples."""
        wanted = self.samples * share
        seen = 0
        for step, count in enumerate(self._counts):
            seen += count
            if count and seen >= wanted:
                return min(self.worst, (step + 1) * _STEP)
        return 0.0
