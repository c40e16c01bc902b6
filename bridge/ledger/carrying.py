"""Items that are written again, and read again. Pure."""

from collections.abc import Iterator

from msgspec import UNSET

from bridge.ledger.item import Item
from bridge.ledger.records import Carried, Record

# In a `carried` record. An attempt takes 4 KB at most: ids have 1,000 characters, error texts 500.
_AT_ONCE = 16


def carried(trigger: str, item: Item, known: int) -> Iterator[Carried]:
    """Records that say all of this item again, each small enough for an append of its own. `known`: the offset before which
    all records have been applied.
    """
    ends: list[Record] = [*item.attempts.values(), *(() if item.dropped is None else (item.dropped,))]
    pieces = [ends[start : start + _AT_ONCE] for start in range(0, len(ends), _AT_ONCE)]
    parked: list[list[Record]] = [] if item.parked is None else [[item.parked]]
    pieces = parked + pieces
    for number, piece in enumerate(pieces, 1):
        yield Carried(
            trigger,
            tuple(piece),
            item.doubted,
            item.written,
            item.floor,
            UNSET if item.overtaken_by is None else item.overtaken_by,
            # Not before the last one: an owner may die between them.
            known if number == len(pieces) else UNSET,
            item.at if item.done() else UNSET,
        )


def restore(item: Item, record: Carried) -> None:
    """Take in what an owner carried on, but for the records in it."""
    item.doubted = item.doubted or record.doubted
    item.written = max(item.written, record.written)
    item.floor = max(item.floor, record.floor)
    if record.overtaken_by is not UNSET:
        item.overtaken_by = record.overtaken_by
    if record.since is not UNSET:
        item.since = record.since
