"""Replicas that share a brand's budget through a real Redis, and take every slot they can get."""

import asyncio
import time
from bisect import bisect_left
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from prometheus_client import CollectorRegistry
from structlog.testing import CapturingLogger

from bridge.budget.budget import Budget, Lane
from bridge.budget.pooling import Pooling
from bridge.clock import Clock, SystemClock
from bridge.telemetry import Telemetry

LIMIT, HEADROOM = 500.0, 0.95
WHOLE = LIMIT * HEADROOM


class ShiftedClock(SystemClock):
    """A machine that was started at another time, and whose clock runs a little wrong."""

    def __init__(self, shift: float = 0.0, drift: float = 0.0) -> None:
        self._shift = shift
        self._drift = drift

    def boottime(self) -> float:
        return super().boottime() * (1 + self._drift) + self._shift


class Sharer:
    """One replica, and the moments at which its requests left."""

    def __init__(
        self,
        url: str,
        number: int,
        *,
        name: str,
        clock: Clock | None = None,
        strict: bool = False,
        limit: float = LIMIT,
    ) -> None:
        clock = SystemClock() if clock is None else clock
        self.registry = CollectorRegistry()
        self.log = CapturingLogger()
        telemetry = Telemetry(self.registry, clock, self.log)
        self.fresh = True
        self.pooling = Pooling(
            url,
            name=name,
            member=f"replica-{number}",
            strict=strict,
            fresh=lambda: self.fresh,
            clock=clock,
            telemetry=telemetry,
        )
        self.budget = Budget({"acme": limit}, HEADROOM, clock, telemetry, self.pooling)
        self.at: list[float] = []

    async def ask(self) -> None:
        """One request after the other."""
        while True:
            await self.budget.slot("acme", Lane.NORMAL)
            self.at.append(time.monotonic())

    def shows(self, metric: str) -> float | None:
        return self.registry.get_sample_value(f"bridge_budget_{metric}", {"brand": "acme"})

    def shared(self) -> bool:
        """Whether its slots come from Redis."""
        return self.shows("backend_up") == 1

    def fallbacks(self) -> float:
        return self.shows("fallbacks_total") or 0.0

    def said(self) -> list[str]:
        """The lines of its log."""
        return [f"{call.args} {call.kwargs}" for call in self.log.calls]


@asynccontextmanager
async def working(sharers: Sequence[Sharer], *, askers: int = 16) -> AsyncIterator[None]:
    """All of them, with equal shares, each with so many requests waiting at any time."""
    async with asyncio.TaskGroup() as group:
        tasks = []
        for sharer in sharers:
            sharer.budget.share(1, len(sharers))
            tasks.append(group.create_task(sharer.budget.run()))
            tasks += [group.create_task(sharer.ask()) for _ in range(askers)]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()


def together(sharers: Sequence[Sharer]) -> list[float]:
    """All moments, in order."""
    return sorted(at for sharer in sharers for at in sharer.at)


def worst_second(taken: Sequence[float]) -> int:
    """The most in any second that begins with one."""
    return max((bisect_left(taken, begin + 1.0) - index for index, begin in enumerate(taken)), default=0)
