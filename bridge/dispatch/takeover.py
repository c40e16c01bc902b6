"""Bringing a partition into line with what its ledger says: at the opening, and when others wrote late facts."""

from dataclasses import dataclass
from typing import assert_never

from bridge.dispatch.partition import OwnedPartition
from bridge.dispatch.work import State, Work
from bridge.ledger.item import Finished, InFlight, Item, New, Waiting
from bridge.ledger.records import Decision, Dropped, Unknown

_WHY = "the replica that made the attempt ended, or lost the partition, before it wrote how the attempt ended"


@dataclass(slots=True, eq=False)
class Takeover:
    """What an owner makes of records that it did not write under its claim."""

    partition: OwnedPartition

    async def open(self) -> None:
        """After a claim: find an end for what others left under way, and take up what waits in the ledger alone."""
        await self._give_up_on_orphans()
        for trigger, _item in self.partition.ledger.fold.items.active():
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
        for trigger, item in self.partition.ledger.fold.items.active():
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
        fold, work = self.partition.ledger.fold, self.partition.works.get(trigger)
        if work is not None and work.state is State.TAKEN:
            return
        standing, item = fold.standing(trigger), fold.items.get(trigger)
        match standing:
            case Finished():
                await self.partition.finish(trigger)
            case InFlight() if item is not None:
                await self._watch(work or await self._recover(trigger, item))
            case Waiting() if item is not None:
                if work is None or work.state is State.WATCHED:
                    await self._wait_again(work or await self._recover(trigger, item), standing)
                else:
                    await self.partition.supersede([work])
            case New() | InFlight() | Waiting():
                await self.partition.supersede([] if work is None else [work])
            case _:
                assert_never(standing)

    async def _watch(self, work: Work | None) -> None:
        """An attempt of an earlier ownership of ours goes on: its end is shared."""
        if work is None or work.state is State.WATCHED:
            return
        if work.state is State.WAITING and self.partition.works.get(work.trigger.id) is work:
            self.partition.withdraw(work)
        work.state = State.WATCHED
        self.partition.add(work)
        self.partition.reconsider(work.trigger.id)  # it may have ended while the work was looked for

    async def _wait_again(self, work: Work | None, standing: Waiting) -> None:
        if work is None:
            return
        work.resume(standing)
        work.state = State.WAITING
        self.partition.add(work)
        await self.partition.supersede([work])
        if work.state is State.WAITING and not self.partition.rivalry.is_early(work):
            self.partition.queue(work)

    async def _recover(self, trigger: str, item: Item) -> Work | None:
        """A trigger that will not be read again: from its parked record, or from its place on the topic.

        None when it is still to be read; also when the topic no longer keeps it: then it ends here.
        """
        partition, offset = self.partition, item.about.offset
        if item.parked is not None:
            return Work(
                item.parked.trigger, partition.ledger.partition, offset, partition.clock.boottime(), parked=True
            )
        if offset >= partition.progress.position:
            return None
        arrival = await partition.fetch(offset)
        if arrival is not None and arrival.trigger is not None:
            wanted = arrival.trigger.with_topic(item.about.topic_key)
            return Work(wanted, partition.ledger.partition, offset, partition.clock.boottime())
        if isinstance(standing := item.standing(), Waiting):
            await partition.drop([self._gone(trigger, item, standing)])
        return None

    def _gone(self, trigger: str, item: Item, standing: Waiting) -> Dropped:
        outcome = "unknown" if standing.doubtful else "expired"
        why = "it waited for another attempt until the triggers topic no longer kept it"
        now = self.partition.clock.now()
        return Dropped(trigger, item.about, outcome, why, standing.made, now, possible_duplicate=standing.doubtful)
