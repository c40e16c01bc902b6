"""Reading at a claim: how far back."""

import pytest
from ledger.memory import START, MemoryPartition
from ledger.owners import HOUR, history, owner, write_claim
from ledger.samples import (
    trigger_named,
)

from bridge.ledger.item import Finished, New


async def test_a_restore_reads_a_window_back_from_the_last_record_before_the_claim() -> None:
    partition = history((0, "long ago"), (30, "yesterday"), (50, "today"))
    async with owner(partition) as ours:
        await ours.claim(committed=100)
        assert ours.ledger.fold.standing(trigger_named("long ago")) == New()
        assert ours.ledger.fold.standing(trigger_named("yesterday")) == Finished()
        assert ours.ledger.fold.standing(trigger_named("today")) == Finished()


async def test_a_record_just_as_old_as_the_window_is_read() -> None:
    partition = history((0, "at its edge"), (24, "today"))
    async with owner(partition) as ours:
        await ours.claim(committed=100)
        assert ours.ledger.fold.standing(trigger_named("at its edge")) == Finished()


async def test_claims_that_came_to_nothing_do_not_shorten_the_window() -> None:
    """Replicas that claim after a weekend's downtime and die at once, as often as it takes."""
    partition = history((0, "friday noon"), (8, "friday evening"))
    partition.now = START + 70 * HOUR
    for _ in range(600):
        write_claim(partition)
    async with owner(partition) as ours:
        await ours.claim(committed=100)
        assert ours.ledger.fold.standing(trigger_named("friday noon")) == Finished()


async def test_a_restore_reads_back_to_the_first_trigger_that_will_be_read_again() -> None:
    partition = history((0, "long ago"), (2, "its intent"), (30, "yesterday"), (50, "today"))
    async with owner(partition) as ours:
        await ours.claim(committed=3, first_at=START + HOUR)
        assert ours.ledger.fold.standing(trigger_named("long ago")) == New()
        assert ours.ledger.fold.standing(trigger_named("its intent")) == Finished()


async def test_a_young_first_trigger_does_not_shorten_the_window() -> None:
    partition = history((30, "yesterday"), (50, "today"))
    async with owner(partition) as ours:
        await ours.claim(committed=3, first_at=START + 50 * HOUR)
        assert ours.ledger.fold.standing(trigger_named("yesterday")) == Finished()


@pytest.mark.parametrize("first", [0, 1])
async def test_the_ledger_tells_since_its_first_record_once_retention_has_cut_into_the_window(first: int) -> None:
    partition = history((0, "one"), (2, "two"))
    partition.first = first
    async with owner(partition) as ours:
        await ours.claim(committed=4)
        assert ours.ledger.tells_since == (START if first else 0)


async def test_the_ledger_tells_of_everything_while_the_window_begins_behind_what_retention_took() -> None:
    partition = history((0, "one"), (30, "two"), (60, "three"))
    partition.first = 2
    async with owner(partition) as ours:
        await ours.claim(committed=4)
        assert ours.ledger.tells_since == 0


async def test_an_empty_ledger_that_once_held_records_tells_since_the_claim() -> None:
    partition = history((0, "one"))
    partition.first = partition.end
    partition.now = START + 200 * HOUR
    async with owner(partition) as ours:
        await ours.claim()
        assert ours.ledger.tells_since == partition.now


async def test_a_new_ledger_without_committed_triggers_is_a_first_start() -> None:
    async with owner(MemoryPartition()) as ours:
        assert await ours.claim() == 0
        assert ours.ledger.tells_since == 0
