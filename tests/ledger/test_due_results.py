"""Which results a restore takes for written: those of triggers before the committed offset, with exceptions."""

from ledger.memory import MemoryPartition
from ledger.owners import owner, write, write_claim
from ledger.samples import (
    accepted,
    dropped,
    intent,
    parked,
    refused,
    released,
    trigger_named,
    unknown,
)

from bridge.ledger.item import Waiting
from bridge.ledger.records import Reported


async def test_a_result_of_a_trigger_before_the_committed_offset_is_written() -> None:
    partition = MemoryPartition()
    write(partition, write_claim(partition), intent(offset=4), refused(offset=4))
    async with owner(partition) as ours:
        await ours.claim(committed=5)
        assert trigger_named("t") not in ours.ledger.fold.items
        assert len(ours.ledger.fold.remembered) == 1


async def test_a_result_of_a_trigger_from_the_committed_offset_on_may_be_missing() -> None:
    partition = MemoryPartition()
    write(partition, write_claim(partition), intent(offset=4), refused(offset=4))
    async with owner(partition) as ours:
        await ours.claim(committed=4)
        assert ours.item().result_due() == refused(offset=4)


async def test_an_end_after_a_park_without_reported_may_lack_its_result_whatever_is_committed() -> None:
    partition = MemoryPartition()
    claim = write_claim(partition)
    write(partition, claim, parked(offset=4), intent(offset=4), refused(offset=4))
    write(partition, claim, parked("other", offset=5), dropped("other", offset=5), Reported(trigger_named("other")))
    async with owner(partition) as ours:
        await ours.claim(committed=6)
        assert ours.item().result_due() == refused(offset=4)
        assert trigger_named("other") not in ours.ledger.fold.items


async def test_news_after_an_unknown_may_lack_their_result_whatever_is_committed() -> None:
    """The progress was committed with the result `unknown`; that of what came later may never have been written."""
    partition = MemoryPartition()
    write(partition, write_claim(partition), intent(offset=4))
    claim = write_claim(partition)
    write(partition, claim, unknown(offset=4))
    write(partition, None, refused(offset=4))
    async with owner(partition) as ours:
        await ours.claim(committed=5)
        assert ours.item().result_due() == refused(offset=4)


async def test_an_end_after_a_released_unknown_may_lack_its_result_whatever_is_committed() -> None:
    partition = MemoryPartition()
    write(partition, write_claim(partition), intent(offset=4))
    claim = write_claim(partition)
    write(partition, claim, unknown(offset=4), released(offset=4), dropped(offset=4, attempts=1))
    async with owner(partition) as ours:
        await ours.claim(committed=5)
        assert ours.item().result_due() == dropped(offset=4, attempts=1)


async def test_an_unknown_before_the_committed_offset_is_written_and_stays_open_to_late_facts() -> None:
    partition = MemoryPartition()
    write(partition, write_claim(partition), intent(offset=4), unknown(offset=4))
    async with owner(partition) as ours:
        await ours.claim(committed=5)
        assert ours.item().result_due() is None
        write(partition, None, released(offset=4))
        await ours.ledger.look()
        assert isinstance(ours.ledger.fold.standing(trigger_named("t")), Waiting)


async def test_an_execution_without_an_end_is_open_again_whatever_is_committed() -> None:
    partition = MemoryPartition()
    write(partition, write_claim(partition), intent(offset=4), accepted(offset=4))
    async with owner(partition) as ours:
        await ours.claim(committed=5)
        assert [one.execution_id for one in ours.item().open_executions()] == ["execution-a"]


async def test_a_parked_trigger_waits_again_whatever_is_committed() -> None:
    partition = MemoryPartition()
    write(partition, write_claim(partition), parked(offset=4))
    async with owner(partition) as ours:
        await ours.claim(committed=5)
        assert ours.ledger.fold.standing(trigger_named("t")) == Waiting(0, doubtful=False, parked=True)
        assert ours.item().parked == parked(offset=4)
