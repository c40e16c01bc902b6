"""Claim (docs of bridge.ledger.partition): append, wait for the ack, read up to it; only then does work begin."""

import asyncio

import pytest
from ledger.memory import Fate, MemoryPartition
from ledger.owners import NEW, WINDOW, owner, owners, write, write_claim
from ledger.samples import accepted, intent, released, trigger_named

from bridge.errors import AppendUncertain, LedgerLost
from bridge.ledger.item import Finished, InFlight, New
from bridge.ledger.records import Claim, Line


async def test_a_claims_number_is_its_offset() -> None:
    partition = MemoryPartition()
    write_claim(partition)
    async with owner(partition, "replica-7") as ours:
        assert await ours.claim() == 1
        assert ours.ledger.owned
    assert partition.lines()[1] == Line(Claim("replica-7", WINDOW), None)


async def test_nothing_is_decided_before_a_claim() -> None:
    partition = MemoryPartition()
    async with owner(partition) as ours:
        with pytest.raises(LedgerLost, match="partition 3 is not owned"):
            await ours.ledger.decide(intent())
    assert partition.records == []


async def test_a_claim_reads_everything_before_itself_and_says_how_much() -> None:
    partition = MemoryPartition()
    claim = write_claim(partition)
    write(partition, claim, intent("one"), intent("two"), accepted("two"), intent("three"))
    async with owner(partition) as ours:
        restored = await ours.ledger.claim(NEW)
        standings = [ours.ledger.fold.standing(trigger_named(name)) for name in ("one", "two", "three", "four")]
    assert restored.records == 5, "the claim itself was not read"
    assert [type(one) for one in standings] == [InFlight, Finished, InFlight, New]


async def test_records_that_come_between_a_claim_and_its_ack_are_not_overlooked() -> None:
    partition = MemoryPartition()
    async with owners(partition, "old", "new") as (old, new):
        await old.claim()
        waiting = asyncio.Event()

        async def slow() -> None:
            await waiting.wait()

        new.log.pace = slow
        async with asyncio.TaskGroup() as group:
            claiming = group.create_task(new.claim())
            await old.ledger.decide(intent())
            waiting.set()
        assert claiming.result() == 2
        assert isinstance(new.ledger.fold.standing(trigger_named("t")), InFlight)


async def test_a_claim_whose_ack_is_lost_has_not_succeeded_and_may_be_repeated() -> None:
    partition = MemoryPartition()
    async with owner(partition) as ours:
        ours.log.fates.append(Fate.UNACKED)
        with pytest.raises(AppendUncertain):
            await ours.claim()
        assert not ours.ledger.owned
        assert await ours.claim() == 1
        await ours.ledger.decide(intent())
        assert partition.lines()[2].claim == 1


async def test_an_own_claim_without_an_ack_fences_like_a_foreign_one() -> None:
    """Whoever else reads it ignores our decisions under the claim before, so we must not act on them."""
    partition = MemoryPartition()
    async with owner(partition) as ours:
        await ours.claim()
        ours.log.fates.append(Fate.UNACKED)
        with pytest.raises(AppendUncertain):
            await ours.claim()
        with pytest.raises(LedgerLost):
            await ours.ledger.decide(intent())
        assert not ours.ledger.owned


async def test_an_owner_that_repeats_its_claim_keeps_its_attempts_in_flight() -> None:
    partition = MemoryPartition()
    async with owner(partition) as ours:
        first = await ours.claim()
        await ours.ledger.decide(intent())
        before = len(ours.log.ranges_read)
        assert await ours.claim() > first
        assert isinstance(ours.ledger.fold.standing(trigger_named("t")), InFlight)
        assert len(ours.log.ranges_read) == before, "without a gap there is nothing to read"


async def test_what_was_decided_under_the_claim_before_the_repeated_one_still_counts() -> None:
    partition = MemoryPartition()
    async with owners(partition, "ours", "next") as (ours, later):
        await ours.claim()
        await ours.ledger.decide(intent())
        await ours.claim()
        await later.claim()
        assert isinstance(later.ledger.fold.standing(trigger_named("t")), InFlight)


async def test_a_decision_asked_for_before_the_claim_was_repeated_is_turned_away() -> None:
    """It waited behind the claim: it would carry a number that nobody counts any more."""
    partition = MemoryPartition()
    async with owner(partition) as ours:
        await ours.claim()
        async with asyncio.TaskGroup() as group:
            again = group.create_task(ours.claim())
            await asyncio.sleep(0)
            with pytest.raises(LedgerLost, match="claimed anew"):
                await ours.ledger.decide(intent())
        assert again.result() == 1
        assert len(partition.records) == 2


async def test_a_partition_that_comes_back_is_read_from_what_is_known() -> None:
    """Never from the last own record: a late fact of ours may lie behind records of others."""
    partition = MemoryPartition()
    async with owner(partition) as ours:
        await ours.claim()
        await ours.ledger.decide(intent())
        ours.ledger.give_up()
        other = write_claim(partition)
        write(partition, other, intent("theirs"))
        await ours.ledger.note(released())
        write(partition, other, intent("theirs too"))
        known = len(ours.log.ranges_read)
        await ours.claim()
        assert ours.log.ranges_read[known:] == [(5, 6)]
        assert {trigger_named("theirs"), trigger_named("theirs too")} <= ours.ledger.fold.items.keys()
