"""Real parts over real HTTP against the simulator, on a loop whose time can be turned."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest
from dispatch.bench import KEYS, Bench
from dispatch.turning import TurnedClock, TurnedLoop

from bridge.simulator import GeneratorConfig, Simulator, SimulatorConfig

CONFIG = SimulatorConfig(
    brands=KEYS,
    generators=(GeneratorConfig(id="scheduled", brand="acme", type="Scheduled"),),
    unlisted_generators="accept",
    latency=0,
    jitter=0,
    time_to_end=(2_000, 2_000),
    failing_topic_keys=frozenset({"failing"}),
    zero_audience_topic_keys=frozenset({"nobody"}),
)


def pytest_asyncio_loop_factories() -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    return {"turned": TurnedLoop}


@pytest.fixture
async def clock() -> TurnedClock:
    loop = asyncio.get_running_loop()
    assert isinstance(loop, TurnedLoop)
    return TurnedClock(loop)


@pytest.fixture
async def bench(clock: TurnedClock) -> AsyncIterator[Bench]:
    async with Simulator(CONFIG, clock=clock) as simulator:
        yield Bench(simulator, clock)
