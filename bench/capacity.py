"""How many triggers a second one replica calls when nothing limits it."""

import asyncio
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from typing import Any

from chaos.vendor import Vendor
from msgspec import structs

from bench import bottleneck
from bench.bed import Bed, called
from bench.events import events
from bench.result import Goal, Spec
from bench.scenario import Round, Scenario
from bench.subjects import Crew, bridges, naives
from bench.usage import Usage

RATE = Spec("capacity.rate", "triggers called", "1/s", "more", Goal(least=1.0, of="ratio"))
CPU = Spec("capacity.cpu", "CPU-seconds for 1,000 triggers", "s", "less", Goal(most=1.3, of="ratio"))
PEAK = Spec("capacity.peak", "peak memory", "MB", "less")
_TUNED = {
    spec.id: structs.replace(spec, id=spec.id.replace("capacity", "tuned"), goal=None) for spec in (RATE, CPU, PEAK)
}
_SETTLE = 0.5


async def run(bed: Bed) -> Round:
    """A burst of events onto a source topic that a running replica reads."""
    return await _round(bed, tuned=False)


async def run_beside_tuned(bed: Bed) -> Round:
    """The same, beside the reference with all that makes it faster."""
    one = await _round(bed, tuned=True)
    figures = (
        {_TUNED[name].id: figure for name, figure in figures.items()} for figures in (one.service, one.reference)
    )
    service, reference = figures
    return replace(one, service=service, reference=reference)


async def _round(bed: Bed, *, tuned: bool) -> Round:
    alone = await bottleneck.capacity(bed)
    async with bed.vendor() as vendor:
        topic = await bed.topic()
        service, facts = await measured(bed, vendor, topic, bridges(bed, vendor, topic))
    async with bed.vendor() as vendor:
        topic = await bed.topic()
        reference, beside = await measured(bed, vendor, topic, naives(bed, vendor, topic, tuned=tuned))
    void = bottleneck.why_void(facts) or bottleneck.why_void(beside)
    return Round(service, reference, {**facts, "alone": alone}, void=void)


async def measured(
    bed: Bed, vendor: Vendor, topic: str, running: AbstractAsyncContextManager[Crew[Any]]
) -> tuple[dict[str, float], dict[str, float]]:
    """The figures of a burst, by id, and what tells that they count."""
    count = bed.sizes.capacity
    async with running as crew:
        watch = bed.watch(crew.pids, vendor)
        await bed.publish(topic, events("e", count))
        await called(vendor, count)
        await asyncio.sleep(_SETTLE)  # what follows from the last answers
        usage = watch.usage()
        facts = await bottleneck.facts(vendor, usage)
        times = [one.at for one in await vendor.requests()]
    return _values(times, count, usage), facts


def _values(times: Sequence[int], count: int, usage: Usage) -> dict[str, float]:
    return {
        RATE.id: (count - 1) * 1000 / max(1, times[count - 1] - times[0]),
        CPU.id: usage.cpu["service"] / count * 1000,
        PEAK.id: usage.peak["service"],
    }


SCENARIO = Scenario(
    "capacity",
    "no limit, one replica: a burst of events, every one of them a campaign",
    (RATE, CPU, PEAK),
    run,
    beside="naive",
    told=bottleneck.told,
)
BESIDE_TUNED = Scenario(
    "tuned",
    "capacity once more, beside the same consumer with uvloop, orjson and as many connections as the service",
    tuple(_TUNED.values()),
    run_beside_tuned,
    beside="tuned",
    told=bottleneck.told,
)
