"""Requests in a rolling second, counted exactly."""

from collections import deque

_SECOND = 1.0


class RollingSecond:
    """The arrivals of the last second. Times are seconds of a clock that never goes back.

    The window is open at its far end: two arrivals exactly one second apart are in different seconds.
    """

    __slots__ = ("_times", "worst")

    def __init__(self) -> None:
        self._times: deque[float] = deque()
        self.worst = 0

    def count(self, now: float) -> int:
        """How many arrived in the second that ends now."""
        times = self._times
        while times and times[0] <= now - _SECOND:
            times.popleft()
        return len(times)

    def add(self, now: float) -> None:
        """One more arrival, now."""
        held = self.count(now) + 1
        self._times.append(now)
        self.worst = max(self.worst, held)

    def room_in(self, now: float) -> float:
        """Seconds until the oldest arrival leaves the window; 0 when it is empty."""
        return self._times[0] + _SECOND - now if self.count(now) else 0.0

    def restart(self, now: float) -> None:
        """Forget the worst so far. What arrived in the last second still counts."""
        self.worst = self.count(now)
