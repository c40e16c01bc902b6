"""What becomes of a test, from the ledger and the results as they grow. Nothing is joined, nothing committed."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Self

from bridge.audit.findings import Subject
from bridge.audit.reading import LedgerReading, Stretch
from bridge.audit.standing import Limits, standing_of
from bridge.clock import Clock
from bridge.inquiry.story import Moment, Place, Story, moments
from bridge.kafka.archive import Archive, Snapshot
from bridge.kafka.topics import TopicNames
from bridge.outcomes.reading import WrittenResult, read_result
from bridge.sending.planning import Planned

_PAUSE = 0.3
# What is known of a test before it is written.
_KNOWN = ("event", "received")


@dataclass(slots=True)
class Following:
    """Make one with `begin`, before the test is written: what is older is not read."""

    planned: Planned
    ledger: Snapshot
    results: Snapshot
    reading: LedgerReading
    story: Story
    told: set[Moment] = field(default_factory=set)

    @classmethod
    async def begin(cls, archive: Archive, names: TopicNames, planned: Planned) -> Self:
        """From the present ends of the topics on. Raises KafkaTrouble."""
        ledger, results = await archive.snapshots(names.ledger, names.results)
        here = planned.partition
        ledger = replace(ledger, bounds={here: ledger.bounds[here]})
        story = Story(planned.trigger.id, ledger=(names.ledger, here))
        return cls(planned, ledger, results, LedgerReading(names.ledger, Stretch(here, 0, 0, 0, 0)), story)

    async def to_the_end(self, seconds: float, clock: Clock, tell: Callable[[Moment], None]) -> WrittenResult | None:
        """Its outcome as soon as it has one; None when it has none after so many seconds. `tell` hears of each moment, once.
        Raises KafkaTrouble.
        """
        until = clock.boottime() + seconds
        while True:
            await self._look()
            for moment in moments(self.story):
                if moment.what not in _KNOWN and moment not in self.told:
                    self.told.add(moment)
                    tell(moment)
            if (outcome := self.story.outcome()) is not None or clock.boottime() >= until:
                return outcome
            await asyncio.sleep(_PAUSE)

    def why_open(self, limits: Limits) -> str:
        """What it waits for, as far as the ledger tells."""
        trigger, history = self.planned.trigger, self.story.history
        if history is None or history.item is None:
            return "no replica has taken it up yet: does the service run, and is it ready? Is there a hold?"
        subject = Subject(
            trigger.id,
            trigger.event_id,
            trigger.route,
            self.planned.partition,
            history.item.about.offset,
            trigger.received,
            trigger.expires_at,
        )
        opened = standing_of(subject, history, 0, limits).open
        return "its result is not written yet" if opened is None else f"{opened.why}, {opened.text}"

    async def _look(self) -> None:
        ((_, start),) = self.ledger.bounds.values()
        self.ledger = await self.ledger.renewed()
        await self.reading.read(self.ledger, start, {self.story.trigger_id}, suspect=False)
        self.story.history = self.reading.chronicle.histories.get(self.story.trigger_id)
        item = None if self.story.history is None else self.story.history.item
        if item is not None and item.best_end() is not None:
            await self._look_for_results()

    async def _look_for_results(self) -> None:
        before, self.results = self.results, await self.results.renewed()
        for partition, (_, end) in self.results.bounds.items():
            async for batch in self.results.read(partition, before.bounds[partition][1], end):
                for raw in batch:
                    try:
                        result = read_result(raw.value)
                    except (ValueError, TypeError):
                        continue  # `bridge audit` tells of it
                    if result.trigger_id == self.story.trigger_id:
                        place = Place(self.results.topic, partition, raw.offset, raw.timestamp)
                        self.story.results.append((place, result))
