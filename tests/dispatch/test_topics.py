"""A triggers topic that changes while the service runs: nothing may be called that another ledger knows of."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest
from dispatch.bench import Bench
from dispatch.memory import MemoryLog

from bridge.errors import BridgeError


@asynccontextmanager
async def ends_with(text: str) -> AsyncIterator[None]:
    """The replica in the block ends by itself, with this error; with several where partitions find it at the same moment."""
    with pytest.raises(ExceptionGroup) as found:
        yield
    others = found.value.split(BridgeError)[1]
    assert others is None
    told = [str(error) for error in _errors(found.value)]
    assert told
    assert [one for one in told if text not in one] == []


def _errors(group: ExceptionGroup[Exception]) -> Iterator[Exception]:
    for error in group.exceptions:
        if isinstance(error, ExceptionGroup):
            yield from _errors(error)
        else:
            yield error


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


async def called_two(bench: Bench) -> None:
    """Both partitions have triggers that have ended."""
    async with bench.running():
        for name in ("e1", "e2", "e3", "e4"):
            await bench.ended(bench.publish(name))


def made_anew(bench: Bench) -> None:
    """Kafka forgets the committed offsets of a topic that is deleted."""
    bench.broker.triggers = [MemoryLog(bench.clock) for _ in bench.broker.triggers]
    bench.broker.committed.clear()


async def test_a_topic_that_was_made_anew_is_refused_because_what_was_not_called_went_with_the_one_before(
    bench: Bench,
) -> None:
    await called_two(bench)
    made_anew(bench)
    for _ in range(2):  # a supervisor starts it again
        async with ends_with("where it ends before: the triggers topic was deleted"), bench.running():
            await bench.settled(30)
            await asyncio.sleep(30)


async def test_a_topic_that_holds_other_triggers_by_now_is_refused_too(bench: Bench) -> None:
    await called_two(bench)
    made_anew(bench)
    for number in range(20):
        bench.publish(f"other-{number}")
    async with ends_with("holds another trigger than"), bench.running():
        await bench.settled(30)
        await asyncio.sleep(30)
    assert len(bench.simulator.executions) == 4


async def test_triggers_that_retention_took_are_no_reason_to_refuse(bench: Bench) -> None:
    await called_two(bench)
    for log in bench.broker.triggers:
        log.first = len(log.records)
    async with bench.running():
        assert (await bench.ended(bench.publish("e5")))["outcome"] == "published"
