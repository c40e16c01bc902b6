"""What is urgent behind a backlog of what is not."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from load.fleet import Fleet
from load.tables import age_when_called, by_route, route, table
from service.story import events

from bridge.simulator import ExecutionRecord

ROUTES = [route("low", priority="low"), route("high", priority="high")]
_HIGH_RATE = 10.0
_WARM_UP = 2.0


def routes(topic: str) -> dict[str, Any]:
    """The table."""
    return table(topic, ROUTES)


@dataclass(frozen=True, slots=True)
class Overtaking:
    """Milliseconds from event to call, of events of high priority: without load, and behind the backlog. `overtaken_by`:
    how many calls of the backlog reached the vendor between such an event and its call.
    """

    unloaded: Sequence[int]
    behind: Sequence[int]
    overtaken_by: Sequence[int]
    low_left: int
    lag_p99: float

    @property
    def ratio(self) -> float:
        return median(self.behind) / median(self.unloaded)

    def __str__(self) -> str:
        return (
            f"median {median(self.behind):.0f} ms and worst {max(self.behind)} ms behind the backlog, {median(self.unloaded):.0f} "
            f"and {max(self.unloaded)} ms without: ratio {self.ratio:.1f} ({len(self.behind)} events; at most "
            f"{max(self.overtaken_by)} calls of the backlog went before one; {self.low_left} were left; the simulator's lag "
            f"p99 {self.lag_p99 * 1000:.1f} ms)"
        )


async def overtake(fleet: Fleet, replicas: int, backlog: int, seconds: float) -> Overtaking:
    """Urgent events for so long with nothing else to do, and again behind a backlog that no one can have called by then."""
    await fleet.start(replicas)
    async with fleet.flow({"high": _HIGH_RATE}, first=1_000_000):
        await asyncio.sleep(_WARM_UP + seconds)
    await asyncio.sleep(0.5)  # so that the last of them is called
    unloaded = by_route(await fleet.vendor.records())["high"][int(_WARM_UP * _HIGH_RATE) :]
    await fleet.hold()
    await fleet.service.publish(*events(range(backlog), type="low"))
    await fleet.wait(backlog)
    await fleet.vendor.reset()
    await fleet.release()
    await asyncio.sleep(_WARM_UP)
    async with fleet.flow({"high": _HIGH_RATE}, first=2_000_000):
        await asyncio.sleep(seconds)
    await asyncio.sleep(0.5)
    lag = await fleet.vendor.lag_p99()
    calls = by_route(await fleet.vendor.records())
    return Overtaking(
        unloaded=[age_when_called(one) for one in unloaded],
        behind=[age_when_called(one) for one in calls["high"]],
        overtaken_by=[_before(one, calls["low"]) for one in calls["high"]],
        low_left=backlog - len(calls["low"]),
        lag_p99=lag,
    )


def _before(one: ExecutionRecord, low: Sequence[ExecutionRecord]) -> int:
    """Calls of the backlog from this event's time to its call."""
    return sum(one.at - age_when_called(one) <= other.at < one.at for other in low)
