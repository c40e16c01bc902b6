"""The one place that reads clocks, so that a simulation can turn its own."""

import time
from functools import partial
from typing import Protocol


class Clock(Protocol):
    """What time it is, twice: for people, and for ages."""

    def now(self) -> int:
        """Wall clock, milliseconds since 1970 UTC. May jump."""

    def boottime(self) -> float:
        """Seconds since boot, counting also while the machine or the process was frozen. Never goes back."""


class SystemClock:
    """The machine's clocks."""

    def now(self) -> int:  # noqa: D102 - the protocol says it
        return time.time_ns() // 1_000_000

    boottime = staticmethod(partial(time.clock_gettime, time.CLOCK_BOOTTIME))  # asked ten times for each call
