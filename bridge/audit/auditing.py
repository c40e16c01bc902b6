"""An audit: triggers, ledger and results of a span, held against one another.

All ends are taken at the start, in an order that lets a running service be audited: what was committed, then the triggers,
the ledger, the results. So what is committed is in the ledger that is read, and a result that was due is in the results. One
partition of triggers is looked at after the other; what is kept of all is the results, small.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from bridge.audit.findings import Fault, Kind, Report, Subject
from bridge.audit.history import History
from bridge.audit.judging import Terms, judge
from bridge.audit.reading import MARGIN, LedgerReading, ResultsReading, Stretch, read_triggers
from bridge.audit.results import Topics
from bridge.audit.standing import Limits
from bridge.audit.tally import Tally
from bridge.durations import format_instant
from bridge.errors import BridgeError, KafkaTrouble
from bridge.kafka.archive import Archive, Snapshot
from bridge.kafka.topics import TopicNames
from bridge.ledger.fold import about_of
from bridge.outcomes.reading import read_result


class NotKept(BridgeError):
    """The span begins before what is kept; the text says from when on it can be told."""


@dataclass(frozen=True, slots=True)
class Retentions:
    """How long topics keep records, ms."""

    triggers: int
    ledger: int
    results: int


@dataclass(frozen=True, slots=True)
class Asked:
    """What is audited: the triggers that were written in [start, end), ms."""

    service: str
    start: int
    end: int
    limits: Limits
    retentions: Retentions


async def audit(archive: Archive, asked: Asked) -> Report:
    """The report. Raises NotKept, and KafkaTrouble when Kafka does not answer."""
    names = TopicNames(asked.service)
    committed = await archive.committed(f"{asked.service}.dispatch", names.triggers)
    triggers, ledger, results = await archive.snapshots(names.triggers, names.ledger, names.results)
    if triggers.bounds.keys() != ledger.bounds.keys():
        raise KafkaTrouble(
            f"{names.triggers} and {names.ledger} have different numbers of partitions: no service works so"
        )
    running = _Audit(asked, triggers, ledger, results, committed)
    await running.refuse_what_is_not_kept()
    await running.read_results()
    for partition in triggers.bounds:
        await running.audit_partition(partition)
    await running.look_back()
    return running.tally.report(asked.start, asked.end, asked.limits.now)


@dataclass(slots=True)
class _Audit:
    asked: Asked
    triggers: Snapshot
    ledger: Snapshot
    results: Snapshot
    committed: dict[int, int]
    told: ResultsReading = field(default_factory=ResultsReading)
    # Where the results were read from, by partition.
    results_from: dict[int, int] = field(default_factory=dict)
    # Ids of triggers outside the span of which the ledger tells.
    others: set[str] = field(default_factory=set)
    # Triggers of which more must be read, by partition: they began before the span, repeat others, or seem to be lost.
    unclear: dict[int, dict[str, Subject]] = field(default_factory=dict)
    tally: Tally = field(default_factory=Tally)

    @property
    def topics(self) -> Topics:
        return Topics(self.triggers.topic, self.ledger.topic, self.results.topic)

    async def refuse_what_is_not_kept(self) -> None:
        kept = self.asked.retentions
        since = [
            (await topic.forgotten_before(partition, retention, self.asked.limits.now), f"{topic.topic}/{partition}")
            for topic, retention in (
                (self.triggers, kept.triggers),
                (self.ledger, kept.ledger),
                (self.results, kept.results),
            )
            for partition in topic.bounds
        ]
        latest, where = max(since)
        if latest > self.asked.start:
            raise NotKept(
                f"the span begins at {format_instant(self.asked.start)}, and {where} reaches back to {format_instant(latest)} only: "
                f"ask for --from {format_instant(latest)} or later"
            )

    async def read_results(self) -> None:
        for partition in self.results.bounds:
            self.results_from[partition] = await self.results.offset_at(partition, self.asked.start - MARGIN)
        bounds = {number: (self.results_from[number], end) for number, (_, end) in self.results.bounds.items()}
        await self.told.read(self.results, bounds, format_instant(self.asked.end + MARGIN))
        self.tally.found(self.told.faults)

    async def audit_partition(self, partition: int) -> None:
        stretch = await read_triggers(self.triggers, partition, self.asked.start, self.asked.end)
        tests = sum(subject.test for subject in stretch.subjects.values())
        self.tally.read(len(stretch.subjects), tests, stretch.records, stretch.garbage)
        reading = LedgerReading(self.ledger.topic, stretch)
        # A little earlier, so that the claim in force is known from what was decided under it.
        start = await self.ledger.offset_at(partition, self.asked.start - MARGIN)
        await reading.read(self.ledger, start, stretch.subjects)
        self.others |= reading.others
        self.tally.found(reading.faults)
        for subject in stretch.subjects.values():
            history = reading.chronicle.histories.get(subject.id)
            if self._is_clear(subject, history, stretch):
                self._judge(subject, history, 0)
            else:
                self.unclear.setdefault(partition, {})[subject.id] = subject

    def _is_clear(self, subject: Subject, history: History | None, stretch: Stretch) -> bool:
        """Whether all that the ledger says of the trigger was read."""
        if history is None:
            return subject.offset >= self.committed.get(stretch.partition, 0) and subject.id not in self.told.by_trigger
        if subject.repeats:
            return False
        about = next((about for entry in history.entries if (about := about_of(entry.record)) is not None), None)
        return about is not None and about.offset >= stretch.low

    async def look_back(self) -> None:
        """Read more, where it is needed: a whole ledger holds days."""
        strangers = await self._strangers()
        if self.unclear:
            before = {number: (first, self.results_from[number]) for number, (first, _) in self.results.bounds.items()}
            ids = {trigger for subjects in self.unclear.values() for trigger in subjects}
            await self.told.read(self.results, before, format_instant(self.asked.end + MARGIN), only=ids)
        for partition, (first, _end) in self.ledger.bounds.items():
            subjects = self.unclear.get(partition, {})
            if not subjects and not strangers:
                continue
            reading = LedgerReading(self.ledger.topic, Stretch(partition, 0, 0, 0, 0))
            repeated = {one for subject in subjects.values() for one in subject.repeats}
            wanted = subjects.keys() | repeated | strangers.keys()
            await reading.read(self.ledger, first, wanted, suspect=False)
            tells_since = await self.ledger.forgotten_before(
                partition, self.asked.retentions.ledger, self.asked.limits.now
            )
            histories = reading.chronicle.histories
            for subject in subjects.values():
                repeated_ones = [histories[one] for one in subject.repeats if one in histories]
                self._judge(subject, histories.get(subject.id), tells_since, repeated_ones)
            for known in strangers.keys() & histories.keys():
                del strangers[known]
        self.tally.found(strangers.values())

    async def _strangers(self) -> dict[str, Fault]:
        """Results received in the span, of triggers that neither it nor the ledger after it knows."""
        found: dict[str, Fault] = {}
        unclear = {trigger for subjects in self.unclear.values() for trigger in subjects}
        young = self.asked.limits.now - self.asked.limits.grace
        for trigger, results in self.told.by_trigger.items():
            first = results[0]
            if trigger in self.others or trigger in unclear or first.timestamp > young:
                continue
            async for batch in self.results.read(first.partition, first.offset, first.offset + 1):
                result = read_result(batch[0].value)
                if format_instant(self.asked.start) <= (result.received or "") < format_instant(self.asked.end):
                    found[trigger] = Fault(
                        Kind.NO_TRIGGER,
                        trigger,
                        result.event_id,
                        str(result.fields["route"]),
                        f"{self.results.topic}/{first.partition}/{first.offset}",
                        f"it says {first.told.outcome}, and no trigger and no ledger record is known of it",
                    )
        return found

    def _judge(
        self, subject: Subject, history: History | None, tells_since: int, before: Sequence[History] = ()
    ) -> None:
        committed = self.committed.get(subject.partition, 0)
        terms = Terms(self.topics, self.asked.limits, committed, tells_since)
        results = self.told.by_trigger.pop(subject.id, ())
        self.tally.judged(judge(subject, history, results, terms, before))
