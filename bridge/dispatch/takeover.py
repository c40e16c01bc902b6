"""Bringing a partition into line with what its ledger says: at the opening, and when others wrote late facts."""

from dataclasses import dataclass
from typing import assert_never

from bridge.dispatch.partition import OwnedPartition
from bridge.dispatch.work import State, Work
from bridge.ledger.item import Finished, InFlight, Item, New, Waiting
from bridge.ledger.records import Decision, Unknown

_WHY = "the replica that made the attempt ended, or lost the partition, before it wrote how the attempt ended"


@dataclass(slots=True, eq=False)
class Takeover:
    """What an owner makes of records that it did not write under its claim."""

    partition: OwnedPartition

    async def open(self) -> None:
        """After a claim: find an end for what others left under way, and take up what waits in the ledger alone."""
        await self._give_up_on_orphans()
        for trigger in list(self.partition.ledger.fold.items):
            await self._reconsider(trigger)

    def changed(self, triggers: set[str], foreign: bool) -> None:
        """Records were applied: look at those that others wrote, and at those whose end is awaited here."""
        for trigger in triggers:
            work = self.partition.works.get(trigger)
            if foreign or (work is not None and work.state is State.WATCHED):
                self.partition.reconsider(trigger)

    async def follow(self) -> None:
        """Act on late facts, until cancelled."""
        partition = self.partition
        while True:
            await partition.news_came.wait()
            partition.news_came.clear()
            while partition.news:
                await self._reconsider(partition.news.pop())

    async def _give_up_on_orphans(self) -> None:
        """Attempts without an end that are not this process's own: nobody can know whether they had an effect."""
        orphans: list[Decision] = []
        for trigger, item in self.partition.ledger.fold.items.items():
            standing = item.standing()
            if isinstance(standing, InFlight):
                orphans.extend(
                    Unknown(trigger, item.about, attempt, _WHY)
                    for attempt in standing.attempts
                    if attempt.nonce not in self.partition.ours
                )
        if orphans:
            await self.partition.decide(*orphans)

    async def _reconsider(self, trigger: str) -> None:
        """Act on how the trigger stands now, unless an attempt of ours is being made: that will."""
        item = self.partition.ledger.fold.items.get(trigger)
        work = self.partition.works.get(trigger)
        if item is None or (work is not None and work.state is State.TAKEN):
            return
        standing = item.standing()
        match standing:
            case Finished():
                await self.partition.finish(trigger)
            case InFlight():
                if work is not None and work.state is State.WAITING:
                    self.partition.withdraw(work)
                    work.state = State.WATCHED
            case Waiting():
                if work is None or work.state is State.WATCHED:
                    await self._wait_again(trigger, work or await self._recover(item), standing)
            case New():
                pass
            case _:
                assert_never(standing)

    async def _wait_again(self, trigger: str, work: Work | None, standing: Waiting) -> None:
        if work is not None:
            work.resume(standing)
            self.partition.add(work)
            self.partition.queue(work)

    async def _recover(self, item: Item) -> Work | None:
        """A trigger that waits and will not be read again: from its parked record, or from its place on the topic."""
        partition, offset = self.partition.ledger.partition, item.about.offset
        if item.parked is not None:
            return Work(item.parked.trigger, partition, offset, self.partition.clock.boottime())
        if offset >= self.partition.progress.position:
            return None  # it is still to be read
        arrival = await self.partition.fetch(offset)
        if arrival is None:
            return None
        return Work(arrival.trigger, partition, offset, self.partition.clock.boottime())
