"""Three replicas with far more to call than they may: how near to the limit they come, and whether ever above it."""

import asyncio
import os
import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from math import nan
from typing import Any

from load.fleet import TOO_LATE, Fleet
from load.traffic import SECOND, is_void, poorest_second, rate
from service.account import Account
from service.replica import Replica
from service.story import events, vendor

from bench.machine import cpu_seconds

REPLICAS = 3
LIMIT = 500
HEADROOM = 0.95
# When the first replica may have run out of its own: the others' triggers are not called any faster for that.
_SATURATED_UNTIL = 0.9
# Milliseconds after the first call that belong to the beginning.
_WARM_UP = 1_000
# What a killed replica leaves in doubt is not called again.
_NEARLY_ALL = 0.995
_CALLED_WITHIN = 240.0
_OUTCOMES_WITHIN = 300.0
_LOOK = 0.5

PLAYED = vendor(latency=20, jitter=20, time_to_end=(5_000, 12_000))
"""20 ms of latency with 20 ms of jitter; executions take 5 to 12 s."""

Disturb = Callable[[Fleet], Coroutine[Any, Any, None]]
"""What happens to the replicas meanwhile."""


@dataclass(frozen=True, slots=True)
class Saturated:
    """`rate` (requests a second, runs and polls) and `poorest` (the poorest second) are of the span in which everybody had
    more to call than it may; the rest of the whole run. CPU-seconds are for 1,000 requests, and no number when
    a replica was ended. `lag`: of the simulator's loop,
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


async def saturate(fleet: Fleet, triggers: int, disturb: Disturb | None = None) -> Saturated:
    """Let so many triggers wait, held by an operator, and then let them go, until nearly all are called."""
    started = await fleet.start(REPLICAS)
    await fleet.hold()
    await fleet.service.publish(*events(range(triggers)))
    await fleet.wait(triggers)
    await fleet.vendor.reset()
    before = _cpu(fleet, started)
    await fleet.release()
    load = await _until_called(fleet, triggers, disturb)
    spent = [after - then for after, then in zip(_cpu(fleet, started), before, strict=True)]
    report, every = await fleet.vendor.report(), await fleet.vendor.requests()
    times = [one.at for one in every]
    calls = [one.at for one in every if one.endpoint == "run"]
    begin, end = calls[0] + _WARM_UP, calls[int(triggers * _SATURATED_UNTIL)]
    late = await fleet.late()
    return Saturated(
        rate=rate(times, begin, end),
        poorest=poorest_second(times, begin, end),
        seconds=(end - begin) / SECOND,
        polls=len(times) - len(calls),
        worst_second=report["brands"]["acme"]["worst_second"],
        throttled=report["throttled"],
        own_throttled=sum(one.answer == 429 and not is_void(one.at, late) for one in every),
        made=report["executions"]["made"],
        duplicates=report["executions"]["duplicates"],
        missed=await _missed(fleet),
        lag_p99=report["loop_lag"]["p99_seconds"],
        lag_max=report["loop_lag"]["max_seconds"],
        cpu_replicas=sum(spent[1:]) / len(times) * 1000,
        cpu_vendor=spent[0] / len(times) * 1000,
        load=load,
    )


async def account_for(fleet: Fleet, triggers: int) -> Account:
    """Wait for every outcome, and hold the service's topics against the vendor's list. Outcomes come late: polls got few of the
    slots, and now need one for each execution.
    """
    await fleet.service.is_done(triggers, within=_OUTCOMES_WITHIN)
    account = await fleet.account()
    account.check()
    assert account.outcomes.total() == triggers
    return account


async def _until_called(fleet: Fleet, triggers: int, disturb: Disturb | None) -> float:
    """Gives the highest load of the machine meanwhile."""
    loads = [os.getloadavg()[0]]
    seen = runs = 0
    async with asyncio.TaskGroup() as group:
        if disturb is not None:
            group.create_task(disturb(fleet))
        until = time.monotonic() + _CALLED_WITHIN
        while runs < triggers * _NEARLY_ALL:
            assert time.monotonic() < until, f"only {runs} of {triggers} were called"
            came = await fleet.vendor.requests(after=seen)
            seen += len(came)
            runs += sum(one.endpoint == "run" for one in came)
            loads.append(os.getloadavg()[0])
            await asyncio.sleep(_LOOK)
    return max(loads)


def _cpu(fleet: Fleet, started: Sequence[Replica]) -> list[float]:
    """Of the vendor, and of each replica; those that have ended count as nothing."""
    return [cpu_seconds(fleet.vendor.process), *(nan if one.exit_code is not None else one.cpu() for one in started)]


async def _missed(fleet: Fleet) -> int:
    counted = [await one.counted("bridge_budget_slots_missed_total", "brand") for one in fleet.running]
    return sum(one.total() for one in counted)
