"""What is measured where it is asked for (`--only`): it takes longer, and is compared with the service itself."""

import tempfile
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any, TypeVar

from load import brands, priority
from load.fleet import Fleet, running_fleet
from service.story import vendor

from bench import bottleneck, capacity
from bench.bed import Bed
from bench.result import Goal, Spec
from bench.scenario import Round, Scenario
from bench.subjects import bridges
from bridge.simulator import SimulatorConfig

T = TypeVar("T")
_REPLICAS = 3
_SECONDS = 15.0
_BACKLOG = 20_000
BRANDS = tuple(
    Spec(
        f"brands.{trouble}",
        f"event to call, median, while another brand {trouble}",
        "ms",
        "less",
        Goal(most=1.25, of="ratio"),
    )
    for trouble in brands.TROUBLES
)
PRIORITY = (
    Spec("priority.median", "urgent event to call, median", "ms", "less"),
    Spec("priority.worst", "urgent event to call, worst", "ms", "less", Goal(most=250)),
)
TRANSPORT = (
    Spec("transport.cpu", "CPU-seconds for 1,000 triggers", "s", "less"),
    Spec("transport.rate", "triggers called", "1/s", "more"),
)


async def side_by_side(bed: Bed) -> Round:
    """One brand, without and with another one that is in trouble."""
    values, beside, void = {}, {}, None
    for spec, trouble in zip(BRANDS, brands.TROUBLES, strict=True):
        run = partial(brands.side_by_side, replicas=_REPLICAS, trouble=trouble, seconds=_SECONDS)
        one = await _fleet(bed, brands.played(), run, brands=brands.BRANDS, routes=brands.routes)
        values[spec.id], beside[spec.id] = one.beside, one.well
        void = void or ("the simulator's loop was late too often" if one.void else None)
    return Round(values, beside, void=void)


async def overtaking(bed: Bed) -> Round:
    """Urgent events with nothing else to do, and behind a backlog of low priority."""
    run = partial(priority.overtake, replicas=_REPLICAS, backlog=_BACKLOG, seconds=_SECONDS)
    one = await _fleet(bed, vendor(latency=20, jitter=20), run, routes=priority.routes)
    ids = [spec.id for spec in PRIORITY]
    return Round(
        dict(zip(ids, (median(one.behind), max(one.behind)), strict=True)),
        dict(zip(ids, (median(one.unloaded), max(one.unloaded)), strict=True)),
    )


async def transports(bed: Bed) -> Round:
    """The service with either transport of the vendor's client."""
    found = []
    for name in ("direct", "httpcore"):
        async with bed.vendor() as simulated:
            topic = await bed.topic()
            running = bridges(bed, simulated, topic, vendor={"base_url": simulated.base_url, "transport": name})
            found.append(await capacity.measured(bed, simulated, topic, running))
    (ours, facts), (theirs, beside) = found
    ids = (capacity.CPU.id, capacity.RATE.id)
    return Round(
        {spec.id: ours[same] for spec, same in zip(TRANSPORT, ids, strict=True)},
        {spec.id: theirs[same] for spec, same in zip(TRANSPORT, ids, strict=True)},
        facts,
        void=bottleneck.why_void(facts) or bottleneck.why_void(beside),
    )


async def _fleet(bed: Bed, played: SimulatorConfig, run: Callable[[Fleet], Awaitable[T]], **options: Any) -> T:
    """Replicas and a vendor as tests/load has them."""
    name, _ = bed.place("load")
    with tempfile.TemporaryDirectory() as folder:
        async with running_fleet(bed.kafka, name, Path(folder), played, **options) as fleet:
            return await run(fleet)


SCENARIOS = (
    Scenario(
        "brands",
        f"two brands on {_REPLICAS} replicas, one of them in trouble; beside it, both well",
        BRANDS,
        side_by_side,
        "well",
    ),
    Scenario(
        "priority",
        f"urgent events behind {_BACKLOG:,} of low priority, {_REPLICAS} replicas; beside it, without them",
        PRIORITY,
        overtaking,
        "alone",
    ),
    Scenario(
        "transport",
        "no limit, one replica, over its own connections; beside it, over httpx2's",
        TRANSPORT,
        transports,
        "httpcore",
        told=bottleneck.told,
    ),
)
