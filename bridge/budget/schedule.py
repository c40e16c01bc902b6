"""When the next request may leave: GCRA spacing. Pure: time is an argument, in seconds of any clock that never goes back."""

from dataclasses import dataclass

# A timer of the event loop wakes up to a few milliseconds late. What it lost may be caught up within this, no more: at
# 475/s that is two requests, far inside the headroom.
_TOLERANCE = 0.005


@dataclass(slots=True)
class Schedule:
    """Moments at which one request may leave, `rate` a second and evenly spaced, so that no rolling second holds more
    than `rate * (1 + tolerance) + 1` of them.
    """

    rate: float = 0.0  # requests a second; 0: none
    _next: float = 0.0

    def wait(self, now: float) -> float:
        """Seconds until the next slot; 0 when one is due; infinite when the rate is 0."""
        if self.rate <= 0:
            return float("inf")
        return max(0.0, self._next - now)

    def take(self, now: float) -> None:
        """Use the slot that is due. What was not used in time is gone: no burst after a quiet while."""
        self._next = max(self._next, now - _TOLERANCE) + 1.0 / self.rate

    def change_rate(self, rate: float, now: float) -> None:
        """Go on with another rate; the slot already waited for is not given twice."""
        if rate != self.rate:
            self.rate = rate
            self._next = max(self._next, now) if rate <= 0 else min(max(self._next, now), now + 1.0 / rate)
