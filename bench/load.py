"""Replicas under load, as tests/load runs them: how near to the limit, and whether one thing slows another."""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from math import inf
from pathlib import Path
from statistics import median
from typing import Any, TypeVar

from budget.server import RedisServer
from load import brands, priority
from load.fleet import Fleet, running_fleet
from load.saturation import LIMIT, PLAYED, Saturated, saturate
from service.story import vendor

from bridge.demo.kafka import EmbeddedKafka
from bridge.simulator import SimulatorConfig

T = TypeVar("T")

_REPLICAS = 3
_TRIGGERS = 30_000
_BACKLOG = 20_000
# Of the limit, by whether a Redis shares it.
_GOALS = {False: 0.90, True: 0.94}
_MOST_RATIO = 1.25
_MOST_MS = 250


def saturation(runs: int) -> bool:
    """The share of the limit that is used, by partitions and through Redis."""
    met = [_saturated(runs, shared=shared) for shared in (False, True)]
    return all(met)


def _saturated(runs: int, *, shared: bool) -> bool:
    print(f"{_REPLICAS} replicas, {_TRIGGERS:,} triggers waiting, {'through Redis' if shared else 'by partitions'}")
    made: list[Saturated] = []
    for number in range(runs):
        with ExitStack() as stack:
            settings = {"BRIDGE_BUDGET__REDIS_URL": stack.enter_context(RedisServer()).url} if shared else {}
            made.append(_on_kafka(number, PLAYED, lambda fleet: saturate(fleet, _TRIGGERS), settings=settings))
        print(f"  {made[-1]}{', void' if made[-1].void else ''}", flush=True)
    best = max((one.rate for one in made if not one.void), default=0.0)
    above = [one for one in made if one.own_throttled]
    met = best >= _GOALS[shared] * LIMIT and not above
    goal = f"goal: {_GOALS[shared]:.0%} and never above it"
    print(f"  best: {best:.1f} requests/s, {best / LIMIT:.1%} of the limit ({goal}: {'met' if met else 'MISSED'})")
    return met


def side_by_side(runs: int) -> bool:
    """How much a brand in trouble slows another."""
    print(
        f"two brands on {_REPLICAS} replicas: event to call of the one, at the median, when the other gets into trouble"
    )
    met = True
    for trouble in brands.TROUBLES:
        made = [_beside(number, trouble) for number in range(runs)]
        for one in made:
            print(f"  it {trouble}: {one}{', void' if one.void else ''}", flush=True)
        ratio = median([one.ratio for one in made if not one.void] or [inf])
        met &= ratio <= _MOST_RATIO
        print(
            f"  median ratio {ratio:.2f} (goal: at most {_MOST_RATIO}: {'met' if ratio <= _MOST_RATIO else 'MISSED'})"
        )
    return met


def _beside(number: int, trouble: str) -> brands.SideBySide:
    return _on_kafka(
        number,
        brands.played(),
        lambda fleet: brands.side_by_side(fleet, _REPLICAS, trouble, 15),
        brands=brands.BRANDS,
        routes=brands.routes,
    )


def overtaking(runs: int) -> bool:
    """How soon what is urgent is called behind a backlog."""
    print(f"urgent events behind {_BACKLOG:,} triggers of low priority on {_REPLICAS} replicas, event to call")
    made: list[priority.Overtaking] = []
    for number in range(runs):
        played = vendor(latency=20, jitter=20)
        made.append(
            _on_kafka(
                number,
                played,
                lambda fleet: priority.overtake(fleet, _REPLICAS, _BACKLOG, 20),
                routes=priority.routes,
            )
        )
        print(f"  {made[-1]}", flush=True)
    best = min(made, key=lambda one: max(one.behind))
    met = max(best.behind) <= _MOST_MS
    print(
        f"  best: worst {max(best.behind)} ms, ratio {best.ratio:.1f} (goal: {_MOST_MS} ms: {'met' if met else 'MISSED'})"
    )
    return met


def _on_kafka(number: int, played: SimulatorConfig, run: Callable[[Fleet], Awaitable[T]], **options: Any) -> T:
    """A Kafka, a vendor and a service of this run alone."""

    async def running(kafka: str, folder: Path) -> T:
        async with running_fleet(kafka, f"bench{number}", folder, played, **options) as fleet:
            return await run(fleet)

    with EmbeddedKafka() as kafka, tempfile.TemporaryDirectory() as folder:
        return asyncio.run(running(kafka.bootstrap_servers, Path(folder)))
