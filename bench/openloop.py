"""How long it takes from an event to its call, when events come evenly and wait for nobody."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any

from chaos.vendor import Vendor

from bench import bottleneck
from bench.bed import Bed
from bench.distribution import NEVER, percentile
from bench.flow import publish
from bench.result import Goal, Spec
from bench.scenario import Round, Scenario
from bench.subjects import Crew, bridges, naives
from bench.usage import Usage

_CURVE = [*(share / 100 for share in range(0, 99, 2)), 0.99, 0.995, 0.999, 1.0]
_PATIENCE = 10.0
_JUDGED = 400
_TOO_LATE = 20.0
"""Milliseconds at 99 %: a publisher that is later than this does not publish evenly."""


@dataclass(frozen=True, slots=True)
class At:
    """One rate: milliseconds from event to call (NEVER for those that were not called in time), in order of the events."""

    waits: Sequence[float]
    usage: Usage
    facts: Mapping[str, float]


def specs(rate: int) -> tuple[Spec, ...]:
    """The figures of one rate."""
    name, judged = f"openloop{rate}", rate == _JUDGED
    p50, p99, cpu = (Goal(most=most) if judged else None for most in (8, 30, 0.6))
    return (
        Spec(f"{name}.p50", f"{rate}/s: event to call, median", "ms", "less", p50),
        Spec(f"{name}.p99", f"{rate}/s: event to call, 99 %", "ms", "less", p99),
        Spec(f"{name}.cpu", f"{rate}/s: CPU-seconds for 1,000 triggers", "s", "less", cpu),
        Spec(f"{name}.peak", f"{rate}/s: peak memory", "MB", "less"),
    )


async def run(bed: Bed) -> Round:
    """One replica, and one consumer of the reference: each at every rate, from the lowest on."""
    async with bed.vendor() as vendor:
        topic = await bed.topic()
        service = await _flows(bed, vendor, topic, bridges(bed, vendor, topic))
    async with bed.vendor() as vendor:
        topic = await bed.topic()
        reference = await _flows(bed, vendor, topic, naives(bed, vendor, topic))
    flows = [*service.values(), *reference.values()]
    highest = max(service)
    return Round(
        _values(service),
        _values(reference),
        service[highest].facts,
        {
            f"{who}{rate}": [percentile(flow.waits, share) for share in _CURVE]
            for who, by_rate in (("service", service), ("reference", reference))
            for rate, flow in by_rate.items()
        }
        | {"shares": _CURVE},
        next((why for flow in flows if (why := _why_void(flow)) is not None), None),
    )


async def _flows(
    bed: Bed, vendor: Vendor, topic: str, running: AbstractAsyncContextManager[Crew[Any]]
) -> dict[int, At]:
    async with running as crew:
        return {rate: await _flow(bed, vendor, topic, crew.pids, rate) for rate in bed.sizes.rates}


async def _flow(bed: Bed, vendor: Vendor, topic: str, pids: Sequence[int], rate: int) -> At:
    sizes = bed.sizes
    await publish(bed.kafka, topic, f"w{rate}-", rate, sizes.warm_up)
    await vendor.reset()
    watch = bed.watch(pids, vendor)
    flow = await publish(bed.kafka, topic, f"e{rate}-", rate, sizes.window)
    usage = watch.usage()
    facts = await bottleneck.facts(vendor, usage) | {"publisher_late": percentile(flow.late, 0.99)}
    return At(await _waits(vendor, flow.sent), usage, facts)


async def _waits(vendor: Vendor, sent: Mapping[str, int]) -> list[float]:
    """By the vendor's own list; whoever has not called some by now never will in time."""
    at: dict[str, int] = {}
    until = time.monotonic() + _PATIENCE
    while len(at) < len(sent) and time.monotonic() < until:
        await asyncio.sleep(0.5)
        at = {one.event: one.at for one in await vendor.executions() if one.event in sent}
    return [at[name] - moment if name in at else NEVER for name, moment in sent.items()]


def _values(flows: Mapping[int, At]) -> dict[str, float]:
    found: dict[str, float] = {}
    for rate, flow in flows.items():
        p50, p99, cpu, peak = (spec.id for spec in specs(rate))
        found |= {p50: percentile(flow.waits, 0.5), p99: percentile(flow.waits, 0.99)}
        found |= {cpu: flow.usage.cpu["service"] / len(flow.waits) * 1000, peak: flow.usage.peak["service"]}
    return found


def _why_void(flow: At) -> str | None:
    late = flow.facts["publisher_late"]
    if late > _TOO_LATE:
        return f"the publisher was {late:.0f} ms late at 99 %"
    return bottleneck.why_void(flow.facts)


def _told(facts: Mapping[str, float]) -> list[str]:
    return [
        *bottleneck.told(facts),
        f"Times are of one clock, in whole milliseconds; the publisher was {facts['publisher_late']:.1f} ms late at 99 %.",
    ]


SCENARIO = Scenario(
    "openloop",
    "events come evenly, one replica: from the moment when the producer sends one to its call's arrival at the vendor",
    tuple(spec for rate in (100, 200, 400) for spec in specs(rate)),
    run,
    beside="naive",
    told=_told,
)
