"""One 429 in the middle of a load: who obeys, from when on, until when."""

from dataclasses import dataclass

from load.fleet import Fleet
from load.traffic import Late, worst_second
from service.replica import until
from service.story import events

from bridge.simulator.arrivals import Arrival

RETRY_AFTER = 3
_OBEYED = 250
_AFTERWARDS = 2_000
_TRIGGERS = 4_000


@dataclass(frozen=True, slots=True)
class Throttled:
    """`before`, `during`: requests in the half second before the 429, and from 250 ms after it until Retry-After is over.
    `resumed`: ms from the 429 to the first request after those. `worst_second`: of the two seconds after that one.
    """

    before: int
    during: list[int]
    resumed: int
    worst_second: int
    throttled: int
    void: bool


async def throttle(fleet: Fleet, replicas: int) -> Throttled:
    """Load all replicas, answer one call by 429, and see what comes."""
    await fleet.start(replicas)
    await fleet.service.publish(*events(range(_TRIGGERS)))
    await until(lambda: _came(fleet, 700))
    await fleet.vendor.reset()
    await until(lambda: _came(fleet, 400))
    await fleet.vendor.add_faults({"kind": "status", "status": 429, "seconds": RETRY_AFTER})
    await until(lambda: _came_after(fleet, (RETRY_AFTER * 1000) + _AFTERWARDS))
    return _read(await fleet.vendor.requests(), await fleet.late())


async def _came(fleet: Fleet, count: int) -> bool:
    return len(await fleet.vendor.requests()) >= count


async def _came_after(fleet: Fleet, milliseconds: int) -> bool:
    every = await fleet.vendor.requests()
    return every[-1].at >= _throttled_at(every) + milliseconds


def _throttled_at(every: list[Arrival]) -> int:
    at = next((one.at for one in every if one.answer == 429), None)
    assert at is not None, "no 429 yet"
    return at


def _read(every: list[Arrival], late: list[Late]) -> Throttled:
    at = _throttled_at(every)
    over = at + RETRY_AFTER * 1000
    after = [one.at for one in every if one.at >= at + _OBEYED]
    resumed = next(one for one in after if one >= over)
    return Throttled(
        before=sum(at - 500 <= one.at < at for one in every),
        during=[one - at for one in after if one < over],
        resumed=resumed - at,
        worst_second=worst_second([one for one in after if over <= one <= over + _AFTERWARDS]),
        throttled=sum(one.answer == 429 for one in every),
        void=any(at <= one.at <= over + _AFTERWARDS for one in late),
    )
