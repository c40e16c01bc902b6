"""Committed triggers and a ledger that cannot tell what was called: refuse, and let a person decide."""

import pytest
from ledger.memory import MemoryPartition
from ledger.owners import WINDOW, history, owner, write, write_claim
from ledger.samples import (
    accepted,
)

from bridge.errors import BridgeError


async def test_committed_triggers_and_a_ledger_without_any_claim_refuse_to_go_on() -> None:
    with pytest.raises(BridgeError, match="partition 3 is committed up to 7, but its ledger holds no claim"):
        async with owner(MemoryPartition()) as ours:
            await ours.claim(committed=7)


async def test_a_refusal_is_not_forgotten_by_trying_again() -> None:
    """A supervisor starts the process again at once: its own claim of before must not pass for knowledge."""
    partition = MemoryPartition()
    for _ in range(3):
        with pytest.raises(BridgeError, match="holds no claim"):
            async with owner(partition) as ours:
                await ours.claim(committed=7)


async def test_late_facts_alone_are_no_sign_that_the_ledger_is_whole() -> None:
    partition = MemoryPartition()
    write(partition, None, accepted())
    with pytest.raises(BridgeError, match="holds no claim"):
        async with owner(partition) as ours:
            await ours.claim(committed=7)


async def test_committed_triggers_and_a_ledger_that_retention_emptied_refuse_to_go_on() -> None:
    partition = history((0, "one"))
    partition.first = partition.end
    with pytest.raises(BridgeError, match="holds no claim"):
        async with owner(partition) as ours:
            await ours.claim(committed=7)


async def test_a_claim_older_than_the_window_is_a_claim() -> None:
    partition = MemoryPartition()
    write_claim(partition)
    partition.now += 2 * WINDOW
    write(partition, None, accepted(offset=1))
    async with owner(partition) as ours:
        await ours.claim(committed=7)
        assert ours.ledger.owned


def copied(partition: MemoryPartition, first: int, before: int) -> MemoryPartition:
    """What a tool that mirrors topics makes of it: the records from `first` on, behind `before` others."""
    copy = MemoryPartition(now=partition.now)
    for _ in range(before):
        write(copy, None, accepted("other"))
    for raw in partition.records[first:]:
        copy.put([(raw.key, raw.value)])
    return copy


@pytest.mark.parametrize(("first", "before"), [(3, 0), (4, 0), (0, 2), (0, 9)])
async def test_a_copy_with_other_offsets_is_refused_because_decisions_name_their_claims_by_offset(
    first: int, before: int
) -> None:
    """Of a copy that lies further back no decision would count, and what was called would be new."""
    partition = history((0, "one"), (1, "two"))
    with pytest.raises(BridgeError, match="this is a copy of a ledger, with other offsets"):
        async with owner(copied(partition, first, before)) as ours:
            await ours.claim(committed=2)


async def test_a_copy_with_the_same_offsets_is_as_good_as_the_ledger() -> None:
    async with owner(copied(history((0, "one"), (1, "two")), 0, 0)) as ours:
        await ours.claim(committed=2)
        assert ours.ledger.owned
