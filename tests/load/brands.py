"""Two brands side by side, of which one gets into trouble halfway."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median_grouped
from typing import Any

from load.fleet import Fleet
from load.tables import age_when_called, route, table
from load.traffic import Late
from service.story import keys_of, vendor

from bridge.clock import SystemClock
from bridge.simulator import SimulatorConfig

ROUTES = [route("goal"), route("beta-goal", brand="beta")]
BRANDS = ("acme", "beta")
TROUBLES: Mapping[str, Sequence[Mapping[str, Any]]] = {
    "hangs": [{"kind": "hang"}],
    "resets": [{"kind": "reset", "unread": True}],
    "fails": [{"kind": "status", "status": 503}],
    "throttles": [{"kind": "status", "status": 429, "seconds": 1}],
}
_RATE = 60.0
_WARM_UP = 3.0


def played() -> SimulatorConfig:
    """The vendor of both."""
    return vendor({brand: keys_of(brand) for brand in BRANDS})


@dataclass(frozen=True, slots=True)
class SideBySide:
    """Milliseconds from event to call of the brand that was never in trouble, at the median: while both were well, and while
    the other was not. `troubled`: how many calls of the other one went wrong.
    """

    well: float
    beside: float
    calls: int
    troubled: int
    void: bool

    @property
    def ratio(self) -> float:
        return self.beside / self.well

    def __str__(self) -> str:
        return f"{self.well:.1f} ms, beside a brand in trouble {self.beside:.1f} ms: ratio {self.ratio:.2f} ({self.calls} calls)"


async def side_by_side(fleet: Fleet, replicas: int, trouble: str, seconds: float) -> SideBySide:
    """Both for so long, and again with the other one in trouble."""
    clock = SystemClock()
    await fleet.start(replicas)
    async with fleet.flow({"goal": _RATE, "beta-goal": _RATE}):
        await asyncio.sleep(_WARM_UP)
        await fleet.vendor.reset()
        begun = clock.now()
        await asyncio.sleep(seconds)
        await fleet.vendor.add_faults(
            *({**fault, "on": "any", "brand": "beta", "count": "forever"} for fault in TROUBLES[trouble])
        )
        turned = clock.now()
        await asyncio.sleep(seconds)
        ended = clock.now()
        records = [one for one in await fleet.vendor.records() if one.brand == "acme"]
        late = await fleet.late()
        hits = sum((await fleet.vendor.report())["faults"].values())
        await fleet.vendor.clear_faults()
    first = [age_when_called(one) for one in records if begun <= one.at < turned and not _void(one.at, late)]
    second = [age_when_called(one) for one in records if turned <= one.at < ended and not _void(one.at, late)]
    # Both clocks tick in milliseconds, and the median is a few of them: 3 and 4 would be a third more where it is a tenth.
    return SideBySide(
        median_grouped(first), median_grouped(second), len(first) + len(second), hits, len(late) > 2 * seconds
    )


def _void(at: int, late: Sequence[Late]) -> bool:
    return any(one.at - one.milliseconds <= at <= one.at for one in late)


def routes(topic: str) -> dict[str, Any]:
    """The table."""
    return table(topic, ROUTES)
