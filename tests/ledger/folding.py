"""What follows from records that lie in a log under one claim."""

from ledger.samples import trigger_named

from bridge.ledger.fold import Fold
from bridge.ledger.item import Item, rank_of
from bridge.ledger.records import Claim, Line, Record, is_decision

T = trigger_named("t")


def folded(*records: Record) -> Fold:
    """What follows from these, under one claim."""
    fold = Fold()
    fold.apply(0, 0, Line(Claim("replica-1"), None))
    for offset, record in enumerate(records, 1):
        fold.apply(offset, offset, Line(record, 0 if is_decision(record) else None))
    return fold


def item(*records: Record) -> Item:
    return folded(*records).items[T]


def finished(*records: Record) -> Fold:
    """The same, and its result is written, so that only the id is remembered."""
    fold = folded(*records)
    due = fold.items[T].result_due()
    fold.settle(T, 0 if due is None else rank_of(due))
    fold.give_up(T)
    assert T not in fold.items
    return fold
