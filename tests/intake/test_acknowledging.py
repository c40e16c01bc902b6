"""Batches that are being written, while others are read: acks are futures here, and come in any order."""

import asyncio
from collections.abc import Sequence

import pytest

from bridge.errors import AppendUncertain, KafkaTrouble
from bridge.intake.acknowledging import Batch, Unacknowledged
from bridge.kafka import TopicPartition, Writing

AT = TopicPartition("matches", 0)


def queue(*batches: Sequence[asyncio.Future[None]], seconds: float = 30) -> Unacknowledged:
    """Batches that end at the offsets 1, 2, ..., each with these acks, which are due in so many seconds."""
    unacknowledged = Unacknowledged()
    until = asyncio.get_running_loop().time() + seconds
    for number, acks in enumerate(batches, start=1):
        unacknowledged.add(Batch(0, (), {AT: number}, Writing(acks, until, seconds)))
    return unacknowledged


async def settled(unacknowledged: Unacknowledged, most: int = 10) -> list[int]:
    return [batch.done[AT] async for batch in unacknowledged.settled(most)]


def acks(count: int) -> list[asyncio.Future[None]]:
    return [asyncio.get_running_loop().create_future() for _ in range(count)]


async def test_a_batch_counts_only_when_all_before_it_are_acknowledged() -> None:
    first, second = acks(2), acks(1)
    waiting = queue(first, second, [])
    second[0].set_result(None)
    first[1].set_result(None)
    assert await settled(waiting) == []
    first[0].set_result(None)
    assert await settled(waiting) == [1, 2, 3]
    assert await settled(waiting) == []


async def test_no_more_are_left_unacknowledged_than_may_be() -> None:
    each = acks(3)
    waiting = queue(*([ack] for ack in each))
    async with asyncio.TaskGroup() as tasks:
        first = tasks.create_task(settled(waiting, most=2))
        await asyncio.sleep(0)
        assert not first.done()
        each[0].set_result(None)
    assert first.result() == [1]
    async with asyncio.TaskGroup() as tasks:
        rest = tasks.create_task(settled(waiting, most=0))
        each[1].set_result(None)
        await asyncio.sleep(0)
        assert not rest.done()
        each[2].set_result(None)
    assert rest.result() == [2, 3]


async def test_a_refused_record_ends_it_and_nothing_behind_it_counts() -> None:
    refused = acks(1)
    batches = queue([], refused, []).settled(10)
    refused[0].set_exception(ValueError("no"))
    assert (await anext(batches)).done == {AT: 1}
    with pytest.raises(KafkaTrouble, match="refused 1 of 1"):
        await anext(batches)


async def test_an_ack_that_is_overdue_is_told_though_nobody_waits_for_it() -> None:
    with pytest.raises(AppendUncertain, match="did not acknowledge 1 records"):
        await settled(queue(acks(1), seconds=-1))


async def test_an_ack_that_does_not_come_is_waited_for_until_it_is_overdue() -> None:
    with pytest.raises(AppendUncertain):
        await settled(queue(acks(1), seconds=0.05), most=0)
