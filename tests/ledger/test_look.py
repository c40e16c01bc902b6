"""Look: an idle owner learns what others wrote; and what its dispatch is told."""

from ledger.memory import MemoryPartition
from ledger.owners import owner, owners, write, write_claim
from ledger.samples import accepted, intent, released, trigger_named

from bridge.ledger.item import Finished, Waiting


async def test_an_idle_owner_learns_late_facts() -> None:
    partition = MemoryPartition()
    old = write_claim(partition)
    write(partition, old, intent())
    async with owner(partition) as ours:
        await ours.claim()
        write(partition, None, accepted())
        await ours.ledger.look()
        assert ours.ledger.owned
        assert ours.ledger.fold.standing(trigger_named("t")) == Finished()


async def test_an_idle_owner_learns_of_a_foreign_claim() -> None:
    partition = MemoryPartition()
    async with owner(partition) as ours:
        await ours.claim()
        write_claim(partition)
        await ours.ledger.look()
        assert not ours.ledger.owned


async def test_what_a_look_read_is_no_gap_for_the_next_append() -> None:
    partition = MemoryPartition()
    async with owner(partition) as ours:
        await ours.claim()
        write(partition, None, released())
        await ours.ledger.look()
        await ours.ledger.decide(intent("other"))
        assert [spans for spans in ours.log.ranges_read if spans[0] > 0] == [(1, 2)]
        assert ours.ledger.fold.count == 3, "each record once"


async def test_an_end_that_lags_behind_what_was_acknowledged_is_no_news() -> None:
    """After a change of leaders the end that a broker tells may be older than our acks."""
    partition = MemoryPartition()
    async with owner(partition) as ours:
        await ours.claim()
        await ours.ledger.decide(intent())
        hidden = partition.records.pop()
        await ours.ledger.look()
        assert ours.ledger.owned
        partition.records.append(hidden)
        await ours.ledger.decide(intent("other"))


async def test_a_look_before_any_claim_reads_nothing() -> None:
    partition = MemoryPartition()
    write(partition, write_claim(partition), intent())
    async with owner(partition) as ours:
        await ours.ledger.look()
        assert ours.log.ranges_read == []
        assert ours.ledger.fold.count == 0


async def test_dispatch_is_told_of_which_triggers_records_speak_and_whether_others_wrote_them() -> None:
    partition = MemoryPartition()
    async with owners(partition, "old", "new") as (old, new):
        await old.claim()
        await old.ledger.decide(intent("one"), intent("two"))
        await new.claim()
        await old.ledger.note(released("one"))
        await new.ledger.look()
        assert old.news == [({trigger_named("one"), trigger_named("two")}, False), ({trigger_named("one")}, False)]
        assert new.news == [({trigger_named("one"), trigger_named("two")}, True), ({trigger_named("one")}, True)]


async def test_dispatch_is_told_nothing_of_decisions_that_do_not_count() -> None:
    partition = MemoryPartition()
    stale = write_claim(partition)
    async with owner(partition) as ours:
        await ours.claim()
        write(partition, stale, intent())
        await ours.ledger.look()
        assert ours.news == []


async def test_a_fact_that_lets_a_trigger_wait_again_is_news_to_the_new_owner() -> None:
    partition = MemoryPartition()
    async with owners(partition, "old", "new") as (old, new):
        await old.claim()
        await old.ledger.decide(intent())
        await new.claim()
        await old.ledger.note(released())
        await new.ledger.decide(intent("other"))
        assert ({trigger_named("t")}, True) in new.news
        assert isinstance(new.ledger.fold.standing(trigger_named("t")), Waiting)
