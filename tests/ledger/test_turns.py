"""Ledgers that are restored, and what goes on beside them."""

import asyncio

from ledger.memory import MemoryPartition
from ledger.owners import owners, write, write_claim
from ledger.samples import intent

from bridge.ledger.turns import Turns

_TASKS = 6


async def test_of_several_that_work_in_pieces_one_goes_on_in_each_round() -> None:
    turns, rounds, work = Turns(), 0, []

    async def worker() -> None:
        for _ in range(20):
            await turns.give()
            work.append(rounds)

    async def others() -> None:
        nonlocal rounds
        while True:
            await asyncio.sleep(0)
            rounds += 1

    async with asyncio.TaskGroup() as group:
        beside = group.create_task(others())
        async with asyncio.TaskGroup() as several:
            for _ in range(_TASKS):
                several.create_task(worker())
        beside.cancel()
    assert len(work) == 20 * _TASKS
    assert len(set(work)) == len(work)


async def test_while_a_long_ledger_is_read_others_get_their_turns() -> None:
    partition = MemoryPartition()
    claim = write_claim(partition)
    for number in range(4_000):
        write(partition, claim, intent(f"{number}"))
    async with owners(partition, "a") as (one,):
        one.log.batch = 4_000
        turns = 0

        async def others() -> None:
            nonlocal turns
            while not one.ledger.owned:
                await asyncio.sleep(0)
                turns += 1

        async with asyncio.TaskGroup() as group:
            group.create_task(others())
            await one.claim(committed=0)
    assert turns >= 20
