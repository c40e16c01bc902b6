"""A deadline means "may have been written": the next ack shows it as a gap."""

import pytest
from ledger.memory import Fate, MemoryPartition
from ledger.owners import owner, owners, write_claim
from ledger.samples import accepted, intent, released, trigger_named

from bridge.errors import AppendUncertain, LedgerLost
from bridge.ledger.item import Finished, InFlight, New, Waiting

WITHOUT_ACK = [Fate.UNACKED, Fate.LOST, Fate.LATE]


@pytest.mark.parametrize("fate", WITHOUT_ACK)
async def test_a_decision_without_an_ack_is_an_error_whatever_became_of_it(fate: Fate) -> None:
    partition = MemoryPartition()
    async with owner(partition) as ours:
        await ours.claim()
        ours.log.fates.append(fate)
        with pytest.raises(AppendUncertain):
            await ours.ledger.decide(intent())
        assert ours.ledger.owned, "nobody else has claimed it"


@pytest.mark.parametrize("fate", WITHOUT_ACK)
async def test_a_decision_without_an_ack_counts_for_all_or_for_none(fate: Fate) -> None:
    partition = MemoryPartition()
    async with owners(partition, "old", "new") as (old, new):
        await old.claim()
        old.log.fates.append(fate)
        with pytest.raises(AppendUncertain):
            await old.ledger.decide(intent())
        await old.ledger.decide(intent("other"))
        await new.claim()
        expected = New() if fate is Fate.LOST else InFlight((intent().attempt,))
        assert old.ledger.fold.standing(trigger_named("t")) == expected
        assert new.ledger.fold.standing(trigger_named("t")) == expected


@pytest.mark.parametrize("fate", WITHOUT_ACK)
async def test_releasing_an_intent_without_an_ack_lets_the_trigger_wait_again(fate: Fate) -> None:
    """It may lie in the log, but behind it lies that nothing was called."""
    partition = MemoryPartition()
    async with owners(partition, "old", "new") as (old, new):
        await old.claim()
        old.log.fates.append(fate)
        with pytest.raises(AppendUncertain):
            await old.ledger.decide(intent())
        await old.ledger.note(released())
        await new.claim()
        for one in (old, new):
            assert isinstance(one.ledger.fold.standing(trigger_named("t")), Waiting), one.name


@pytest.mark.parametrize("fate", WITHOUT_ACK)
async def test_facts_are_repeated_until_they_are_acknowledged(fate: Fate) -> None:
    partition = MemoryPartition()
    async with owner(partition) as ours:
        await ours.claim()
        await ours.ledger.decide(intent())
        ours.log.fates.extend([fate] * 3)
        await ours.ledger.note(accepted())
        assert ours.ledger.owned
        assert ours.ledger.fold.standing(trigger_named("t")) == Finished()
    assert [line.record for line in partition.lines()][-1] == accepted()


async def test_repeated_facts_keep_their_order() -> None:
    partition = MemoryPartition()
    async with owner(partition) as ours:
        await ours.claim()
        ours.log.fates.append(Fate.LOST)
        facts = [released(name) for name in ("one", "two", "three")]
        await ours.ledger.note(*facts)
    assert [line.record for line in partition.lines()][1:] == facts


async def test_facts_are_repeated_by_an_owner_that_lost_the_partition_too() -> None:
    partition = MemoryPartition()
    async with owner(partition) as ours:
        await ours.claim()
        await ours.ledger.decide(intent())
        write_claim(partition)
        ours.log.fates.extend([Fate.LOST, Fate.UNACKED])
        await ours.ledger.note(accepted())
        assert not ours.ledger.owned
    assert accepted() in [line.record for line in partition.lines()]


@pytest.mark.parametrize("fate", WITHOUT_ACK)
async def test_a_foreign_claim_before_a_repeated_intent_is_not_overlooked(fate: Fate) -> None:
    partition = MemoryPartition()
    async with owner(partition) as ours:
        await ours.claim()
        ours.log.fates.append(fate)
        with pytest.raises(AppendUncertain):
            await ours.ledger.decide(intent())
        write_claim(partition)
        with pytest.raises(LedgerLost):
            await ours.ledger.decide(intent(nonce="b"))


async def test_an_intent_that_arrives_behind_the_next_claim_does_not_count() -> None:
    partition = MemoryPartition()
    async with owners(partition, "old", "new") as (old, new):
        await old.claim()
        old.log.fates.append(Fate.LATE)
        with pytest.raises(AppendUncertain):
            await old.ledger.decide(intent())
        await new.claim()
        old.log.arrive()
        await new.ledger.look()
        assert new.ledger.owned
        assert new.ledger.fold.standing(trigger_named("t")) == New()
