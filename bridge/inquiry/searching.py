"""Looking an event or a trigger up in the topics, and reading the outcomes of a span."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from bridge.audit.findings import Subject
from bridge.audit.reading import MARGIN, LedgerReading, Stretch
from bridge.audit.standing import Limits, standing_of, still_asked
from bridge.durations import format_instant
from bridge.inquiry.story import Place, Story
from bridge.kafka.archive import Archive, Snapshot
from bridge.kafka.topics import TopicNames
from bridge.ledger.log import LogRecord
from bridge.outcomes.reading import WrittenResult, read_result
from bridge.triggers import Trigger


@dataclass(frozen=True, slots=True)
class Found:
    """A story, and what its trigger waits for; None when for nothing."""

    story: Story
    why_open: str | None


async def stories(archive: Archive, service: str, name: str, since: int, limits: Limits) -> list[Found]:
    """What happened to the event or trigger with this id, as far as it was written since then (ms); a story a trigger."""
    names = TopicNames(service)
    committed = await archive.committed(f"{service}.dispatch", names.triggers)
    triggers, ledger, results = await archive.snapshots(names.triggers, names.ledger, names.results)
    search = _Search(name, since)
    await search.in_triggers(triggers)
    await search.in_results(results)
    await search.in_ledger(ledger)
    found = [story for story in search.stories.values() if story.triggers or story.history or story.results]
    return [Found(story, _why_open(story, committed, limits)) for story in found]


async def outcomes(archive: Archive, service: str, start: int, end: int) -> list[bytes]:
    """The outcome of each trigger whose event was received in [start, end), ms, in the order of that: the values of their
    records, because a month of them is a lot.
    """
    (results,) = await archive.snapshots(TopicNames(service).results)
    first, last = format_instant(start), format_instant(end)
    best: dict[str, tuple[str, int, bytes]] = {}
    async for _, raw, result in _read(results, start - MARGIN):
        received = result.received or ""
        known = best.get(result.trigger_id)
        if first <= received < last and (known is None or result.revision > known[1]):
            best[result.trigger_id] = (received, result.revision, raw.value)
    return [value for _, _, value in sorted(best.values())]


@dataclass(slots=True)
class _Search:
    name: str
    since: int
    stories: dict[str, Story] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._story(self.name)

    def _story(self, trigger: str) -> Story:
        return self.stories.setdefault(trigger, Story(trigger))

    async def in_triggers(self, topic: Snapshot) -> None:
        text = self.name.encode("utf-8", "surrogatepass")
        # JSON writes it as it is, but for what must be escaped; decoding each trigger would take long.
        plain = self.name.isprintable() and not set('"\\') & set(self.name)
        for partition, (_, end) in topic.bounds.items():
            async for batch in topic.read(partition, await topic.offset_at(partition, self.since), end):
                for raw in batch:
                    if plain and text not in (raw.value or b""):
                        continue
                    try:
                        trigger = Trigger.decode(raw.value or b"")
                    except ValueError:
                        continue
                    if self.name in (trigger.id, trigger.event_id):
                        place = Place(topic.topic, partition, raw.offset, raw.timestamp)
                        self._story(trigger.id).triggers.append((place, trigger))

    async def in_results(self, topic: Snapshot) -> None:
        async for place, _, result in _read(topic, self.since - MARGIN):
            if result.event_id == self.name or result.trigger_id in self.stories:
                self._story(result.trigger_id).results.append((place, result))

    async def in_ledger(self, topic: Snapshot) -> None:
        homes = {place.partition for story in self.stories.values() for place, _ in story.triggers}
        homeless = any(not story.triggers for story in self.stories.values() if story.results)
        for partition in topic.bounds if homeless or not homes else sorted(homes):
            reading = LedgerReading(topic.topic, Stretch(partition, 0, 0, 0, 0))
            start = await topic.offset_at(partition, self.since - MARGIN)
            await reading.read(topic, start, self.stories.keys(), suspect=False)
            for trigger, history in reading.chronicle.histories.items():
                self.stories[trigger].history = history
                self.stories[trigger].ledger = (topic.topic, partition)


async def _read(topic: Snapshot, since: int) -> AsyncIterator[tuple[Place, LogRecord, WrittenResult]]:
    for partition, (_, end) in topic.bounds.items():
        async for batch in topic.read(partition, await topic.offset_at(partition, since), end):
            for raw in batch:
                try:
                    result = read_result(raw.value)
                except (ValueError, TypeError):
                    continue  # `bridge audit` tells of it
                yield Place(topic.topic, partition, raw.offset, raw.timestamp), raw, result


def _why_open(story: Story, committed: dict[int, int], limits: Limits) -> str | None:
    about = story.about
    if about is None:
        return None
    partition = story.triggers[0][0].partition if story.triggers else story.ledger[1]
    subject = Subject(
        story.trigger_id, about.event_id, about.route, partition, about.offset, about.received, about.expires_at
    )
    standing = standing_of(subject, story.history, committed.get(partition, 0), limits)
    outcome = story.outcome()
    if standing.open is None or (
        standing.due is not None and outcome is not None and outcome.revision >= standing.due.revision
    ):
        item = None if story.history is None else story.history.item
        return None if item is None else still_asked(item, limits)
    return f"{standing.open.why}, {standing.open.text}"
