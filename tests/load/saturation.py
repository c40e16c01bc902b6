"""Three replicas with far more to call than they may: how near to the limit they come, and whether ever above it."""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from load.fleet import TOO_LATE, Fleet, running_fleet
from load.traffic import Late, is_void, poorest_second, rate, worst_second
from service.replica import Replica, cpu_of
from service.story import events, vendor

REPLICAS = 3
LIMIT = 500
HEADROOM = 0.95
# When the first replica may have run out of its own: the others' triggers are not called any faster for that.
_SATURATED_UNTIL = 0.9
# Seconds after the first call that belong to the beginning.
_WARM_UP = 1.0
_LOOK = 0.5

Disturb = Callable[[Fleet], Awaitable[None]]
"""What happens to the replicas, from the first call on."""


@dataclass(frozen=True, slots=True)
class Saturated:
    """`rate` (requests a second, runs and polls) and `poorest` (the poorest second) are of the span in which everybody had
    more to call than it may; the rest of the whole run. CPU-seconds are for 1,000 requests. `lag`: of the simulator's loop,
    seconds. `own_throttled`: those that don't come of that lag.
    """

    rate: float
    poorest: int
    seconds: float
    polls: int
    worst_second: int
    throttled: int
    own_throttled: int
    made: int
    duplicates: int
    lag_p99: float
    lag_max: float
    cpu_replicas: float
    cpu_vendor: float
    missed: int
    load: float

    @property
    def void(self) -> bool:
        """The machine was too busy to measure: the vendor saw requests bunched that did not come so."""
        return self.lag_p99 > TOO_LATE or self.throttled > self.own_throttled

    @property
    def share(self) -> float:
        """Of what the budget may use."""
        return self.rate / (LIMIT * HEADROOM)

    def __str__(self) -> str:
        return (
            f"{self.rate:.1f}/s ({self.share:.1%} of {LIMIT * HEADROOM:g}) over {self.seconds:.0f} s, poorest second "
            f"{self.poorest}, worst rolling second {self.worst_second}, {self.throttled} throttled ({self.own_throttled} of them not by its lag), {self.polls} polls; "
            f"{self.made} executions, {self.duplicates} duplicates; {self.missed} slots of the pool missed; CPU-s per 1,000 requests: replicas "
            f"{self.cpu_replicas:.2f}, simulator {self.cpu_vendor:.2f}; the simulator's loop lag p99 "
            f"{self.lag_p99 * 1000:.1f} ms, most {self.lag_max * 1000:.0f} ms; load {self.load:.1f}"
        )


async def saturate(
    kafka: str,
    name: str,
    folder: Path,
    triggers: int,
    *,
    disturb: Disturb | None = None,
    check: bool = False,
    **settings: str,
) -> Saturated:
    """Let so many triggers wait, held by an operator, and then let them go. `check`: wait for every outcome, and hold the
    topics against the vendor's list.
    """
    async with running_fleet(kafka, name, folder, vendor(latency=20, jitter=20, time_to_end=(5_000, 12_000))) as fleet:
        started = await fleet.start(REPLICAS, **settings)
        await fleet.hold()
        await fleet.service.publish(*events(range(triggers)))
        await fleet.wait(triggers)
        await fleet.vendor.reset()
        before = _cpu(fleet, started)
        await fleet.release()
        found = await _measured(fleet, triggers, disturb, started, before)
        if check:
            await fleet.service.is_done(triggers, within=240)
            account = await fleet.account()
            account.check()
            assert sum(account.outcomes.values()) == triggers
        return found


def _cpu(fleet: Fleet, started: list[Replica]) -> tuple[float, float]:
    return sum(one.cpu() for one in started if one.exit_code is None), cpu_of(fleet.vendor.process)


async def _missed(fleet: Fleet) -> int:
    counted = [await one.counted("bridge_budget_slots_missed_total", "brand") for one in fleet.running]
    return sum(one.total() for one in counted)


async def _measured(
    fleet: Fleet, triggers: int, disturb: Disturb | None, started: list[Replica], before: tuple[float, float]
) -> Saturated:
    began = time.monotonic()
    if disturb is not None:
        await disturb(fleet)
    seen, runs, loads = 0, 0, []
    while runs < triggers * 0.995 and time.monotonic() - began < 240:
        came = await fleet.vendor.requests(after=seen)
        seen += len(came)
        runs += sum(one.endpoint == "run" for one in came)
        loads.append(os.getloadavg()[0])
        await asyncio.sleep(_LOOK)
    after = _cpu(fleet, started)
    report = await fleet.vendor.report()
    every = await fleet.vendor.requests()
    times = [one.at for one in every]
    calls = [one.at for one in every if one.endpoint == "run"]
    throttled = [one.at for one in every if one.answer == 429]
    late = [Late(one["at"], one["seconds"] * 1000) for one in report["loop_lag"]["late"]]
    begin, end = calls[0] + int(_WARM_UP * 1000), calls[int(triggers * _SATURATED_UNTIL)]
    return Saturated(
        rate=rate(times, begin, end),
        poorest=poorest_second(times, begin, end),
        seconds=(end - begin) / 1000,
        polls=len(times) - len(calls),
        worst_second=max(report["brands"]["acme"]["worst_second"], worst_second(times)),
        throttled=report["throttled"],
        own_throttled=sum(not is_void(at, late) for at in throttled),
        made=report["executions"]["made"],
        duplicates=report["executions"]["duplicates"],
        lag_p99=report["loop_lag"]["p99_seconds"],
        lag_max=report["loop_lag"]["max_seconds"],
        cpu_replicas=(after[0] - before[0]) / len(times) * 1000,
        cpu_vendor=(after[1] - before[1]) / len(times) * 1000,
        missed=await _missed(fleet),
        load=max(loads, default=0.0),
    )
