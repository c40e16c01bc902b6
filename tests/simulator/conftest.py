"""A simulator that answers at once, and a client for it; on both event loops."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import Protocol

import aiohttp
import pytest
import uvloop
from simulator.caller import Caller, TurnedClock

from bridge.clock import Clock
from bridge.simulator import Simulator, SimulatorConfig


class Open(Protocol):
    async def __call__(self, config: SimulatorConfig, clock: Clock | None = None) -> Caller: ...


def pytest_asyncio_loop_factories() -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Tests of others run it on asyncio's loop, the process of its own on uvloop."""
    return {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}


@pytest.fixture
async def open_simulator() -> AsyncIterator[Open]:
    """Starts a simulator of a configuration; it ends with the test."""
    async with AsyncExitStack() as until_the_end:

        async def start(config: SimulatorConfig, clock: Clock | None = None) -> Caller:
            simulator = await until_the_end.enter_async_context(Simulator(config, clock=clock))
            session = await until_the_end.enter_async_context(aiohttp.ClientSession())
            return Caller(simulator, session)

        yield start


@pytest.fixture
def clock() -> TurnedClock:
    return TurnedClock()


@pytest.fixture
async def caller(open_simulator: Open) -> Caller:
    """A simulator without latency, with the default brand; every generator is accepted."""
    return await open_simulator(SimulatorConfig(latency=0, jitter=0))
