"""Forgetting by age: never what may still be asked for."""

from ledger.memory import START, MemoryPartition
from ledger.owners import HOUR, WINDOW, history, owner, write, write_claim
from ledger.samples import (
    accepted,
    intent,
    parked,
    refused,
    released,
    trigger_named,
)

from bridge.ledger.item import Finished, New


async def test_a_weekends_downtime_forgets_nothing() -> None:
    partition = history((0, "friday noon"), (8, "friday evening"))
    partition.now = START + 70 * HOUR
    async with owner(partition) as ours:
        await ours.claim(committed=100)
        assert ours.ledger.fold.standing(trigger_named("friday noon")) == Finished()
        await ours.ledger.decide(intent("monday"))
        await ours.ledger.look()
        assert ours.ledger.fold.standing(trigger_named("friday noon")) == Finished()


async def test_a_weekends_downtime_forgets_nothing_in_a_process_that_lived_through_it() -> None:
    partition = history((0, "friday noon"), (8, "friday evening"))
    async with owner(partition) as ours:
        await ours.claim(committed=100)
        partition.now = START + 70 * HOUR
        await ours.claim(committed=100)
        assert ours.ledger.fold.standing(trigger_named("friday noon")) == Finished()


async def test_a_result_that_is_due_is_not_forgotten_over_a_weekend() -> None:
    partition = MemoryPartition()
    claim = write_claim(partition)
    write(partition, claim, parked(offset=5), intent(offset=5), refused(offset=5))
    partition.now = START + 70 * HOUR
    async with owner(partition) as ours:
        await ours.claim(committed=100)
        assert ours.item().result_due() == refused(offset=5)
        partition.now += 2 * WINDOW
        await ours.ledger.decide(intent("wednesday"))
        await ours.ledger.look()
        assert ours.item().result_due() == refused(offset=5)


async def test_a_day_later_what_a_downtime_had_kept_is_forgotten() -> None:
    partition = history((0, "friday noon"), (8, "friday evening"))
    partition.now = START + 70 * HOUR
    async with owner(partition) as ours:
        await ours.claim(committed=100)
        partition.now += WINDOW + HOUR
        await ours.ledger.decide(intent("tuesday"))
        await ours.ledger.look()
        assert ours.ledger.fold.standing(trigger_named("friday noon")) == New()
        assert len(ours.ledger.fold.remembered) == 0


async def test_what_is_open_is_not_forgotten_however_old() -> None:
    partition = MemoryPartition()
    write(partition, write_claim(partition), intent("one"), accepted("two"), parked("three"), released("four"))
    async with owner(partition) as ours:
        await ours.claim()
        partition.now += 3 * WINDOW
        await ours.ledger.note(released("five"))
        await ours.ledger.look()
        assert {trigger_named(name) for name in ("one", "two", "three", "four")} < ours.ledger.fold.items.keys()


async def test_without_a_downtime_a_restore_keeps_no_more_than_the_window() -> None:
    partition = history((0, "long ago"), (1, "at its edge"), (25, "today"))
    async with owner(partition) as ours:
        await ours.claim(committed=100, first_at=START)
        assert ours.ledger.fold.standing(trigger_named("long ago")) == Finished(), "its trigger will be read again"
        partition.now = START + 27 * HOUR
        await ours.ledger.decide(intent("later"))
        await ours.ledger.look()
        assert ours.ledger.fold.standing(trigger_named("long ago")) == New()
        assert ours.ledger.fold.standing(trigger_named("today")) == Finished()
