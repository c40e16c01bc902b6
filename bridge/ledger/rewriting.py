"""What an owner writes again: items that are about to leave what a restore reads. Within the writer, between other appends."""

from collections.abc import Callable, Sequence
from typing import Protocol

from bridge.ledger.carrying import carried
from bridge.ledger.fold import Fold
from bridge.ledger.item import Item
from bridge.ledger.log import PartitionLog
from bridge.ledger.records import Decision

# Items that are written again at once: as many as share an append.
_AT_ONCE = 200
# And in one look, so that calls don't wait behind a million of them: more than can have come since the last look.
IN_A_LOOK = 5_000


class Writer(Protocol):
    """What it needs of the one writer of a ledger partition (bridge.ledger.partition)."""

    log: PartitionLog
    fold: Fold
    claim_number: int

    @property
    def known(self) -> int:
        """All records before this offset have been applied."""

    async def put(self, decisions: Sequence[Decision]) -> int:
        """Append them now; the offset of the last. Raises AppendUncertain, or LedgerLost: they don't count."""


async def carry_open(writer: Writer, before: int, most: float) -> bool:
    """Write again what is open and of which nothing was written since the broker's time `before` (ms), some `most` of it;
    whether that was all. Raises as Writer.put.
    """
    return await _carry(writer, lambda: writer.fold.items.open_before(before, _AT_ONCE), most)


async def carry_told_before(writer: Writer, offset: int, most: float) -> bool:
    """The same with all items of which something lies before the offset that nothing behind it says."""
    return await _carry(writer, lambda: writer.fold.items.told_before(offset, _AT_ONCE), most)


async def _carry(writer: Writer, some: Callable[[], list[tuple[str, Item]]], most: float) -> bool:
    done = 0
    while old := some():
        if done >= most:
            return False
        known = writer.known
        await writer.put([one for trigger, item in old for one in carried(trigger, item, known)])
        for trigger, _item in old:
            writer.fold.settle(trigger)  # it may have been done with while it was written
        done += len(old)
    return True
