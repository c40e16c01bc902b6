"""Decisions in the window that a restore reads, made under a claim that lies before it."""

from ledger.memory import MemoryPartition
from ledger.owners import HOUR, WINDOW, owner, write, write_claim
from ledger.samples import (
    dropped,
    intent,
    parked,
    trigger_named,
    unknown,
)

from bridge.ledger.item import Finished, InFlight, New, Waiting


async def test_decisions_count_when_the_claim_that_they_were_made_under_is_older_than_the_window() -> None:
    """Else what a long-lived owner called, and can't know the end of, would be new to the next, and called again."""
    partition = MemoryPartition()
    claim = write_claim(partition)
    partition.now += HOUR
    write(partition, claim, intent("t", offset=1), unknown("t", offset=1), intent("orphan", offset=2))
    partition.now += WINDOW
    write(partition, claim, intent("today", offset=3))
    async with owner(partition) as ours:
        await ours.claim(committed=4)
        assert ours.ledger.fold.standing(trigger_named("t")) == Finished()
        assert isinstance(ours.ledger.fold.standing(trigger_named("orphan")), InFlight)
        assert isinstance(ours.ledger.fold.standing(trigger_named("today")), InFlight)


async def test_a_lost_owners_decisions_at_the_edge_of_the_window_do_not_count() -> None:
    """Also when both claims are older than the window."""
    partition = MemoryPartition()
    lost, newest = write_claim(partition), write_claim(partition)
    partition.now += HOUR
    write(partition, lost, dropped("t", offset=1))
    write(partition, newest, parked("other", offset=2))
    partition.now += WINDOW
    write(partition, newest, intent("today", offset=3))
    async with owner(partition) as ours:
        await ours.claim(committed=4)
        assert ours.ledger.fold.standing(trigger_named("t")) == New()
        assert isinstance(ours.ledger.fold.standing(trigger_named("other")), Waiting)


async def test_decisions_count_when_retention_took_the_claim_that_they_were_made_under() -> None:
    partition = MemoryPartition()
    claim = write_claim(partition)
    write(partition, claim, intent("taken"), intent("kept"))
    partition.first = 2
    async with owner(partition) as ours:
        await ours.claim(committed=4)
        assert isinstance(ours.ledger.fold.standing(trigger_named("kept")), InFlight)
