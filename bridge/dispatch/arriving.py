"""Triggers that were read from an owned partition: where each belongs."""

from collections.abc import Sequence
from typing import assert_never

from bridge.dispatch.around import Arrival
from bridge.dispatch.partition import OwnedPartition
from bridge.dispatch.verdicts import verdict, would_be_called
from bridge.dispatch.work import State, Work
from bridge.ledger.item import Finished, InFlight, New, Waiting
from bridge.ledger.records import Dropped
from bridge.triggers import Trigger


async def accept(partition: OwnedPartition, arrivals: Sequence[Arrival]) -> None:
    """Take in what was read, in order. Returns when what needs no call is finished."""
    drops: list[Dropped] = []
    placed: list[Work] = []
    for arrival in arrivals:
        if arrival.offset < partition.progress.position:
            continue  # read before; the offset to commit must never run ahead of what is known
        partition.progress.begin(arrival.offset)
        if (trigger := arrival.trigger) is None:
            partition.progress.finish(arrival.offset)
            continue
        match await _place(partition, trigger, arrival):
            case Dropped() as drop:
                work = Work(trigger, partition.ledger.partition, arrival.offset, 0, [arrival.offset])
                work.state = State.TAKEN
                partition.works[trigger.id] = work  # and no rival of others
                lacks_topic = would_be_called(trigger, arrival, partition.clock.now(), partition.ledger.tells_since)
                if not (lacks_topic and partition.missing.ask(partition, work)):
                    drops.append(drop)
            case Work() as work:
                placed.append(work)
    await partition.supersede(placed)
    await partition.drop(drops)
    for work in partition.rivalry.no_longer_early():
        partition.queue(work)


async def _place(partition: OwnedPartition, trigger: Trigger, arrival: Arrival) -> Work | Dropped | None:
    """Where a trigger that was read belongs: the work that it makes, if it does; a `dropped` when it must not be called."""
    offset = arrival.offset
    known = partition.works.get(trigger.id)
    if known is not None:
        # Read again while an attempt is under way or waits: it shares that one's end.
        if known.parked:
            partition.progress.finish(offset)
        else:
            known.offsets.append(offset)
        return None
    work = Work(trigger, partition.ledger.partition, offset, partition.clock.boottime(), [offset])
    standing = partition.ledger.fold.standing(trigger.id)
    if not isinstance(standing, New) and (item := partition.ledger.fold.items.get(trigger.id)) is not None:
        work.trigger = trigger = trigger.with_topic(item.about.topic_key)
    match standing:
        case Finished():
            await partition.write_due_result(trigger.id)
            partition.progress.finish(offset)
            return None
        case InFlight():
            work.state = State.WATCHED
        case Waiting():
            work.resume(standing)
            partition.finish_if_parked(work)
        case New():
            drop = verdict(trigger, arrival, partition.clock.now(), partition.ledger.tells_since)
            if drop is not None:
                return drop
        case _:
            assert_never(standing)
    partition.add(work)
    if work.state is State.WAITING:
        partition.queue(work)
    return work
