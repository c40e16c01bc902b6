"""How near to the vendor's limit two replicas come that have more to call than they may, and whether ever above it."""

import asyncio
import time
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager, ExitStack
from typing import Any

from budget.server import RedisServer
from chaos.vendor import Vendor
from load.traffic import SECOND, by_second, worst_second

from bench import bottleneck
from bench.bed import Bed
from bench.events import events
from bench.result import Goal, Spec
from bench.scenario import Round, Scenario
from bench.subjects import Crew, bridges, naives

LIMIT = 500
REPLICAS = 2
_ENDS = (5_000, 12_000)
_WARM_UP = 1_000
# When the first replica may have run out of its own.
_SATURATED_UNTIL = 0.9
_LONGEST = 300.0
_LOOK = 0.5
_WAYS = {"redis": (0.94, "with Redis"), "parts": (0.90, "by partitions")}
_FOLLOWING = {"first_poll": "5s", "max_interval": "30s"}


def _specs(way: str) -> tuple[Spec, ...]:
    least, words = _WAYS[way]
    return (
        Spec(f"budget.{way}.share", f"{words}: share of the limit that is used", "", "more", Goal(least=least)),
        Spec(f"budget.{way}.worst", f"{words}: worst rolling second", "", "less", Goal(most=LIMIT)),
        Spec(f"budget.{way}.throttled", f"{words}: answers of 429", "", "less", Goal(most=0)),
        Spec(f"budget.{way}.cpu", f"{words}: CPU-seconds for 1,000 requests", "s", "less"),
        Spec(f"budget.{way}.peak", f"{words}: peak memory of a replica", "MB", "less"),
    )


async def run(bed: Bed) -> Round:
    """The service through Redis, the service by partitions, and the reference: a fixed window of half the limit each."""
    values: dict[str, float] = {}
    theirs: dict[str, float] = {}
    series: dict[str, Sequence[float]] = {}
    facts: dict[str, dict[str, float]] = {}
    for way in (*_WAYS, "naive"):
        with ExitStack() as stack:
            redis = stack.enter_context(RedisServer()).url if way == "redis" else None
            async with bed.vendor(limit=LIMIT, ends=_ENDS) as vendor:
                topic = await bed.topic()
                running = _running(bed, vendor, topic, way, redis)
                found, series[way], facts[way] = await _saturated(bed, vendor, topic, running)
        if way == "naive":
            theirs = {spec.id: value for each in _WAYS for spec, value in zip(_specs(each), found, strict=True)}
        else:
            values |= {spec.id: value for spec, value in zip(_specs(way), found, strict=True)}
    void = next((why for one in facts.values() if (why := bottleneck.why_void(one)) is not None), None)
    return Round(values, theirs, facts["redis"], series, void)


def _running(
    bed: Bed, vendor: Vendor, topic: str, way: str, redis: str | None
) -> AbstractAsyncContextManager[Crew[Any]]:
    if way == "naive":
        return naives(bed, vendor, topic, REPLICAS, per_second=LIMIT // REPLICAS)
    budget = {} if redis is None else {"redis_url": redis}
    return bridges(bed, vendor, topic, REPLICAS, limit=LIMIT, budget=budget, reconcile=_FOLLOWING)


async def _saturated(
    bed: Bed, vendor: Vendor, topic: str, running: AbstractAsyncContextManager[Crew[Any]]
) -> tuple[tuple[float, ...], Sequence[float], dict[str, float]]:
    """The values in the order of the specs, the requests in each second, and what tells that they count."""
    count = bed.sizes.backlog
    async with running as crew:
        watch = bed.watch(crew.pids, vendor)
        await bed.publish(topic, events("e", count))
        await _until_called(vendor, count)
        usage = watch.usage()
        facts = await bottleneck.facts(vendor, usage)
    every = await vendor.requests()
    times = [one.at for one in every]
    calls = [one.at for one in every if one.endpoint == "run" and one.answer != bottleneck.THROTTLED]
    begin = calls[0] + min(_WARM_UP, (calls[-1] - calls[0]) // 2)
    end = max(begin + 1, calls[int(count * _SATURATED_UNTIL)])
    admitted = sum(begin <= one.at < end and one.answer != bottleneck.THROTTLED for one in every)
    values = (
        admitted * SECOND / (end - begin) / LIMIT,
        worst_second(times),
        sum(one.answer == bottleneck.THROTTLED for one in every),
        usage.cpu["service"] / len(every) * 1000,
        usage.peak["service"],
    )
    return values, by_second(times, times[0], times[-1]), facts


async def _until_called(vendor: Vendor, count: int) -> None:
    """Until so many calls were let in."""
    seen = runs = 0
    until = time.monotonic() + _LONGEST
    while runs < count:
        if time.monotonic() > until:
            raise TimeoutError(f"only {runs} of {count} were called in {_LONGEST:g} s")
        came = await vendor.requests(after=seen)
        seen += len(came)
        runs += sum(one.endpoint == "run" and one.answer != bottleneck.THROTTLED for one in came)
        await asyncio.sleep(_LOOK)


SCENARIO = Scenario(
    "budget",
    f"{REPLICAS} replicas, {LIMIT} requests/s, far more to call, executions of 5 to 12 s that are followed",
    tuple(spec for way in _WAYS for spec in _specs(way)),
    run,
    beside="naive",
    told=bottleneck.told,
)
