"""Fence: one writer counts the offsets that its appends must get; a gap is read before anything is believed."""

import asyncio
import gc
from collections.abc import Awaitable

import pytest
from ledger.memory import MemoryPartition
from ledger.owners import owner, owners, write, write_claim
from ledger.samples import accepted, intent, parked, released, trigger_named, unknown

from bridge.errors import LedgerLost, LogTruncated
from bridge.ledger.item import Finished, InFlight, New, Waiting


async def test_a_foreign_claim_in_the_gap_ends_the_ownership() -> None:
    partition = MemoryPartition()
    async with owner(partition) as ours:
        await ours.claim()
        write_claim(partition)
        with pytest.raises(LedgerLost, match="claimed by another replica"):
            await ours.ledger.decide(intent())
        assert not ours.ledger.owned


async def test_a_lost_ledger_writes_no_decision_until_it_claims_anew() -> None:
    partition = MemoryPartition()
    async with owner(partition) as ours:
        await ours.claim()
        write_claim(partition)
        with pytest.raises(LedgerLost):
            await ours.ledger.decide(intent())
        for _ in range(2):
            with pytest.raises(LedgerLost, match="not owned"):
                await ours.ledger.decide(intent())
        assert partition.end == 3
        await ours.claim()
        await ours.ledger.decide(intent())


async def test_a_decision_behind_a_foreign_claim_counts_for_nobody() -> None:
    partition = MemoryPartition()
    async with owners(partition, "old", "new", "third") as (old, new, third):
        await old.claim()
        await new.claim()
        with pytest.raises(LedgerLost):
            await old.ledger.decide(intent(), parked("other"))
        await new.ledger.look()
        await third.claim()
        for one in (old, new, third):
            assert one.ledger.fold.standing(trigger_named("t")) == New(), one.name
            assert one.ledger.fold.standing(trigger_named("other")) == New(), one.name


async def test_a_fact_behind_a_foreign_claim_counts_for_everybody() -> None:
    partition = MemoryPartition()
    async with owners(partition, "old", "new", "third") as (old, new, third):
        await old.claim()
        await old.ledger.decide(intent())
        await new.claim()
        await old.ledger.note(accepted())
        await new.ledger.look()
        await third.claim()
        for one in (old, new, third):
            assert [end.execution_id for end in one.item().open_executions()] == ["execution-a"], one.name


async def test_an_intent_before_the_next_claim_is_known_to_that_owner() -> None:
    partition = MemoryPartition()
    async with owners(partition, "old", "new") as (old, new):
        await old.claim()
        await old.ledger.decide(intent())
        await new.claim()
        assert new.ledger.fold.standing(trigger_named("t")) == InFlight((intent().attempt,))


async def test_a_gap_with_late_facts_alone_lets_work_go_on() -> None:
    partition = MemoryPartition()
    old = write_claim(partition)
    write(partition, old, intent())
    async with owner(partition) as ours:
        number = await ours.claim()
        write(partition, None, released())
        await ours.ledger.decide(intent("other"))
        assert ours.ledger.claim_number == number
        assert isinstance(ours.ledger.fold.standing(trigger_named("t")), Waiting)


async def test_a_gap_with_decisions_of_a_lost_owner_alone_lets_work_go_on() -> None:
    partition = MemoryPartition()
    old = write_claim(partition)
    async with owner(partition) as ours:
        await ours.claim()
        write(partition, old, intent(), unknown("other"))
        await ours.ledger.decide(intent("third"))
        assert ours.ledger.owned
        assert ours.ledger.fold.standing(trigger_named("t")) == New()
        assert ours.ledger.fold.standing(trigger_named("other")) == New()


async def test_a_gap_is_known_before_the_decision_that_met_it_returns() -> None:
    """A late fact about the same trigger must be seen before its next call, not after."""
    partition = MemoryPartition()
    old = write_claim(partition)
    write(partition, old, intent())
    async with owner(partition) as ours:
        await ours.claim()
        write(partition, None, accepted())
        await ours.ledger.decide(intent(nonce="b", number=2))
        assert ours.ledger.fold.items[trigger_named("t")].standing(without="b") == Finished()


async def test_the_gap_before_a_fact_fences_as_well() -> None:
    partition = MemoryPartition()
    async with owner(partition) as ours:
        await ours.claim()
        write_claim(partition)
        await ours.ledger.note(released())
        assert not ours.ledger.owned


async def test_of_a_batch_with_facts_and_decisions_a_foreign_claim_stops_the_decisions_alone() -> None:
    partition = MemoryPartition()
    async with owner(partition) as ours:
        await ours.claim()
        await ours.ledger.decide(intent())
        write_claim(partition)
        async with asyncio.TaskGroup() as group:
            fact = group.create_task(ours.ledger.note(released()))
            decision = group.create_task(_lost(ours.ledger.decide(intent("other"))))
        assert fact.done()
        assert decision.result()
        assert partition.end == 5
        assert isinstance(ours.ledger.fold.standing(trigger_named("t")), Waiting)


async def test_a_ledger_that_is_given_up_while_an_intent_is_written_does_not_let_it_through() -> None:
    partition = MemoryPartition()
    async with owner(partition) as ours:
        await ours.claim()
        async with asyncio.TaskGroup() as group:
            deciding = group.create_task(_lost(ours.ledger.decide(intent())))
            await asyncio.sleep(0)
            ours.ledger.give_up()
        assert deciding.result()


async def test_an_offset_smaller_than_expected_ends_the_process() -> None:
    partition = MemoryPartition()

    async def lose_records() -> None:
        async with owner(partition) as ours:
            await ours.claim()
            await ours.ledger.decide(intent(), intent("other"))
            ours.ledger.give_up()  # facts are enough to notice
            del partition.records[1:]
            await ours.ledger.note(released())

    with pytest.raises(LogTruncated, match="an append got offset 1, but 2 was acknowledged before"):
        await lose_records()


async def test_a_smaller_offset_of_a_repeated_claim_ends_the_process() -> None:
    partition = MemoryPartition()

    async def lose_records() -> None:
        async with owner(partition) as ours:
            await ours.claim()
            await ours.ledger.decide(intent())
            partition.records.clear()
            await ours.claim()

    with pytest.raises(LogTruncated):
        await lose_records()


async def test_every_decision_carries_the_number_of_the_newest_claim() -> None:
    partition = MemoryPartition()
    async with owner(partition) as ours:
        await ours.claim()
        await ours.ledger.decide(intent())
        await ours.claim()
        await ours.ledger.decide(intent("other"))
    assert [line.claim for line in partition.lines()] == [None, 0, None, 2]


async def test_what_is_asked_for_at_once_is_written_as_one_batch_in_its_order() -> None:
    partition = MemoryPartition()
    async with owner(partition) as ours:
        await ours.claim()
        names = [f"t{number}" for number in range(16)]
        await ours.ledger.decide(*(intent(name) for name in names))
        async with asyncio.TaskGroup() as group:
            for name in names:
                group.create_task(ours.ledger.note(released(name)))
    ids = [raw.key for raw in partition.records[1:]]
    assert ids == [trigger_named(name).encode() for name in names] * 2


async def test_what_is_turned_away_together_is_told_once_and_leaves_no_complaint_behind() -> None:
    """An error that nobody looked at is logged as a fault of the program."""
    complaints: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: complaints.append(context))
    partition = MemoryPartition()
    async with owner(partition) as ours:
        await ours.claim()
        write_claim(partition)
        with pytest.raises(LedgerLost):
            await ours.ledger.decide(*(intent(f"t{number}") for number in range(16)))
    gc.collect()
    assert complaints == []


async def _lost(decision: Awaitable[None]) -> bool:
    """Whether it was turned away."""
    try:
        await decision
    except LedgerLost:
        return True
    return False
