"""Open items are written again before they leave the window that the next owner reads."""

import pytest
from ledger.folding import T, item
from ledger.memory import Fate, MemoryPartition
from ledger.owners import HOUR, WINDOW, owner, write, write_claim
from ledger.samples import accepted, dropped, ended, intent, parked, released, trigger_named, unknown

from bridge.errors import AppendUncertain
from bridge.ledger.carrying import carried as carried_again
from bridge.ledger.item import New, Waiting
from bridge.ledger.records import Carried, Record


def carried(partition: MemoryPartition) -> list[Carried]:
    return [line.record for line in partition.lines() if isinstance(line.record, Carried)]


def long_ago(*records: Record) -> MemoryPartition:
    """A ledger that says this, and then nothing for three windows."""
    partition = MemoryPartition()
    write(partition, write_claim(partition), *records)
    partition.now += 3 * WINDOW
    return partition


async def test_what_is_open_after_a_long_downtime_is_carried_on_by_the_claim() -> None:
    partition = long_ago(
        parked("parked"), intent("open"), accepted("open"), intent("in flight"), intent("t"), ended("t")
    )
    async with owner(partition) as ours:
        await ours.claim(committed=4)
    assert {one.id for one in carried(partition)} == {trigger_named(name) for name in ("parked", "open", "in flight")}


async def test_an_owner_that_dies_in_its_takeover_leaves_its_successor_all_that_it_found() -> None:
    """What the first one wrote is young, and what is still open after it is older than any window before that."""
    partition = long_ago(parked("parked"), intent("open"), accepted("open"), intent("orphan"))
    async with owner(partition, "first") as first:
        await first.claim(committed=4)
        await first.ledger.decide(unknown("orphan"))
    async with owner(partition, "second") as second:
        await second.claim(committed=4)
        assert isinstance(second.ledger.fold.standing(trigger_named("parked")), Waiting)
        assert second.item("open").open_executions() == [accepted("open")]


async def test_an_owner_that_dies_while_it_carries_leaves_its_successor_all_that_it_found() -> None:
    partition = long_ago(parked("one"), parked("two"))
    write(partition, write_claim(partition), Carried(trigger_named("one"), (parked("one"),)))
    async with owner(partition, "second") as second:
        await second.claim(committed=4)
        assert isinstance(second.ledger.fold.standing(trigger_named("two")), Waiting)


async def test_a_late_fact_right_after_a_long_downtime_does_not_shorten_the_window() -> None:
    partition = long_ago(intent("late"), parked("parked"))
    write(partition, None, released("late"))
    async with owner(partition) as ours:
        await ours.claim(committed=4)
        assert isinstance(ours.ledger.fold.standing(trigger_named("parked")), Waiting)


async def test_an_owner_whose_table_has_shorter_windows_reads_as_far_back_as_its_predecessor() -> None:
    partition = MemoryPartition()
    async with owner(partition, "first") as first:
        await first.claim()
        await first.ledger.decide(parked("parked"))
        partition.now += 20 * HOUR
        await first.ledger.decide(dropped("other"))
    async with owner(partition, "second", window=HOUR) as second:
        await second.claim(committed=4)
        assert isinstance(second.ledger.fold.standing(trigger_named("parked")), Waiting)
        partition.now += 2 * HOUR
        await second.ledger.decide(dropped("a third one"))
    async with owner(partition, "third", window=HOUR) as third:
        await third.claim(committed=4)
        assert isinstance(third.ledger.fold.standing(trigger_named("parked")), Waiting)
        assert third.ledger.fold.standing(trigger_named("other")) == New()


async def test_an_owner_carries_what_stays_open_for_half_a_window() -> None:
    partition = MemoryPartition()
    async with owner(partition) as ours:
        await ours.claim()
        await ours.ledger.decide(parked("parked"))
        for _ in range(4):
            partition.now += WINDOW // 3
            await ours.ledger.decide(intent(f"at {partition.now}"))
            await ours.ledger.note(ended(f"at {partition.now}"))
            await ours.ledger.look()
    assert [one.records for one in carried(partition)] == [(parked("parked"),)] * 2
    async with owner(partition, "next") as successor:
        await successor.claim(committed=4)
        assert isinstance(successor.ledger.fold.standing(trigger_named("parked")), Waiting)


async def test_what_may_not_have_been_carried_is_claimed_again() -> None:
    partition = long_ago(parked("parked"))
    async with owner(partition) as ours:
        ours.log.fates.extend([Fate.ACKED, Fate.LOST])
        with pytest.raises(AppendUncertain):
            await ours.claim(committed=1)
        assert not ours.ledger.owned
        assert carried(partition) == []
        await ours.claim(committed=1)
        assert len(carried(partition)) == 1


async def test_what_another_replica_claims_meanwhile_is_its_to_carry() -> None:
    partition = long_ago(parked("parked"))
    async with owner(partition) as ours:

        async def claimed_by_another() -> None:
            if ours.ledger.owned and len(partition.lines()) == 3:
                write_claim(partition)

        ours.log.pace = claimed_by_another
        await ours.claim(committed=1)
        assert not ours.ledger.owned
    async with owner(partition, "next") as successor:
        await successor.claim(committed=1)
        assert isinstance(successor.ledger.fold.standing(trigger_named("parked")), Waiting)


def test_many_attempts_are_carried_in_several_records() -> None:
    known = item(*(made(nonce=f"{number}") for number in range(40) for made in (intent, unknown)), dropped())
    records = list(carried_again(T, known, 7))
    assert [len(one.records) for one in records] == [16, 16, 9]
    assert item(*records).attempts == known.attempts
    assert item(*records).standing() == known.standing()
