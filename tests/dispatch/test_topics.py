"""A triggers topic that changes while the service runs: nothing may be called that another ledger knows of."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from dispatch.bench import Bench

from bridge.errors import BridgeError


@asynccontextmanager
async def ends_with(text: str) -> AsyncIterator[None]:
    """The replica in the block ends by itself, with this error."""
    with pytest.RaisesGroup(pytest.RaisesExc(BridgeError, match=text), flatten_subgroups=True, allow_unwrapped=True):
        yield


async def test_another_number_of_partitions_ends_the_process_and_says_why(bench: Bench) -> None:
    async with ends_with("has 3 partitions now, and 2 when"), bench.running():
        bench.broker.partitions_seen = 3
        await bench.settled(10)
        await asyncio.sleep(5)


async def test_a_topic_that_is_gone_ends_the_process_after_a_while_and_says_why(bench: Bench) -> None:
    async with ends_with("bridge.triggers is gone"), bench.running():
        bench.broker.partitions_seen = 0
        await bench.settled(100)
        await asyncio.sleep(5)


async def test_a_topic_that_brokers_do_not_tell_of_for_a_moment_is_nothing(bench: Bench) -> None:
    async with bench.running():
        bench.broker.partitions_seen = 0
        await bench.settled(30)
        bench.broker.partitions_seen = 2
        await bench.settled(30)
        assert (await bench.ended(bench.publish("e1")))["outcome"] == "published"
