"""Whether a trigger that a person had repeated, or its repetition, may be called. Pure: no clock, no I/O.

A trigger and its repetitions are called one after the other, never beside one another: what has a successor goes on no
more, and the successor looks at what became of its predecessors just before its own intent, and once more before its call.
"""

from collections.abc import Callable

from msgspec import Struct

from bridge.ledger.fold import Fold
from bridge.ledger.item import REACHED_RANKS, InFlight, Item, rank_of
from bridge.ledger.records import Ended
from bridge.triggers import Trigger, repetition_id


class Free(Struct, frozen=True, gc=False):
    """It may be called. `doubtful`: what it repeats may have had an effect."""

    doubtful: bool


class NotYet(Struct, frozen=True, gc=False):
    """What it repeats is being called, by late news: how that ends decides."""


class Superseded(Struct, frozen=True, gc=False):
    """It must not be called any more."""

    why: str


Kinship = Free | NotYet | Superseded


def kinship(trigger: Trigger, fold: Fold, exists: Callable[[str], bool]) -> Kinship:
    """May this trigger be called, by what is known of those that it repeats and of the one that repeats it?

    `exists(id)`: whether a trigger of that id was read here, whatever the ledger says of it yet.
    """
    original, number = (trigger.id, 0) if trigger.repeats is None else (trigger.repeats.trigger, trigger.repeats.number)
    successor = repetition_id(original, number + 1)
    if exists(successor) or fold.knows(successor):
        return Superseded(f"it is repeated by trigger {successor}")
    doubtful = trigger.repeats is not None and trigger.repeats.doubtful
    for before in range(number):
        match _of(repetition_id(original, before), fold):
            case Free(doubt):
                doubtful = doubtful or doubt
            case NotYet() | Superseded() as other:
                return other
    return Free(doubtful)


def _of(trigger: str, fold: Fold) -> Kinship:
    """What a predecessor means for those after it. Of one that is forgotten, only what was known when it was repeated."""
    item = fold.items.get(trigger)
    if item is None:
        return _by_rank(trigger, fold.remembered.revision(trigger), doubtful=False)
    if isinstance(item.standing(), InFlight):
        return NotYet()
    if item.open_executions():
        return Superseded(f"trigger {trigger}, which it repeats, was accepted after all")
    ranks = {item.floor, *(rank_of(end) for end in item.attempts.values() if isinstance(end, Ended))}
    return _by_rank(trigger, *ranks, doubtful=_doubtful(item))


def _by_rank(trigger: str, *ranks: int, doubtful: bool) -> Kinship:
    if not REACHED_RANKS.isdisjoint(ranks):
        return Superseded(f"trigger {trigger}, which it repeats, had an effect after all")
    return Free(doubtful)


def _doubtful(item: Item) -> bool:
    """Whether one of its attempts may have had an effect that nobody knows of."""
    return item.doubtful or (item.dropped is not None and item.dropped.outcome == "unknown")
