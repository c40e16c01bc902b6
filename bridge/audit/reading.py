"""Reading what an audit needs out of a ledger partition and out of the results."""

from collections.abc import Container
from dataclasses import dataclass, field

from bridge.audit.findings import Fault, Kind, Subject
from bridge.audit.history import Chronicle
from bridge.audit.results import Reported, reported
from bridge.errors import BridgeError
from bridge.kafka.archive import Snapshot
from bridge.ledger.codec import read_line
from bridge.ledger.digest import Digest
from bridge.ledger.fold import about_of
from bridge.ledger.log import LogRecord
from bridge.ledger.records import Claim, Record
from bridge.outcomes.reading import read_result
from bridge.triggers import Trigger, repetition_id

# Times of different clocks are compared with so much room, ms.
MARGIN = 600_000


@dataclass(frozen=True, slots=True)
class Stretch:
    """The triggers of one partition that an audit is about: those with offsets in [low, high).

    `kept`: the first offset that the topic has; `since` (ms): of what was received later it should have all.
    """

    partition: int
    low: int
    high: int
    kept: int
    since: int
    subjects: dict[str, Subject] = field(default_factory=dict)
    records: int = 0
    garbage: int = 0


def subject_of(trigger: Trigger, partition: int, offset: int, timestamp: int) -> Subject:
    """The trigger, as an audit looks at it."""
    repeats = trigger.repeats
    before = (
        () if repeats is None else tuple(repetition_id(repeats.trigger, number) for number in range(repeats.number))
    )
    return Subject(
        trigger.id,
        trigger.event_id,
        trigger.route,
        partition,
        offset,
        timestamp,
        trigger.expires_at,
        before,
        trigger.test,
    )


async def read_triggers(triggers: Snapshot, partition: int, start: int, end: int) -> Stretch:
    """The triggers of a partition that were written in [start, end), ms."""
    low, high = await triggers.offset_at(partition, start), await triggers.offset_at(partition, end)
    subjects: dict[str, Subject] = {}
    records = garbage = 0
    async for batch in triggers.read(partition, low, high):
        for raw in batch:
            try:
                trigger = Trigger.decode(raw.value or b"")
            except ValueError:
                garbage += 1  # dispatch passes over it, too
                continue
            records += 1
            if trigger.id not in subjects:
                subjects[trigger.id] = subject_of(trigger, partition, raw.offset, raw.timestamp)
    kept, _ = triggers.bounds[partition]
    return Stretch(partition, low, high, kept, start + MARGIN, subjects, records, garbage)


@dataclass(slots=True)
class LedgerReading:
    """What a part of a ledger partition says of some triggers. `others`: ids of whom it says something, too."""

    topic: str
    stretch: Stretch
    chronicle: Chronicle = field(default_factory=Chronicle)
    others: set[str] = field(default_factory=set)
    faults: list[Fault] = field(default_factory=list)

    async def read(self, ledger: Snapshot, start: int, wanted: Container[str], *, suspect: bool = True) -> None:
        """Read from the offset to the end, and keep the histories of those `wanted`. `suspect`: look also whether others
        claim to be of the stretch.
        """
        async for batch in ledger.read(self.stretch.partition, start, ledger.bounds[self.stretch.partition][1]):
            for raw in batch:
                self._take(raw, wanted, suspect=suspect)

    def _take(self, raw: LogRecord, wanted: Container[str], *, suspect: bool) -> None:
        key = None if raw.key is None else raw.key.decode("ascii", "replace")
        keep = key in wanted
        # Decoding costs most: what was seen to be another trigger's is passed over.
        if not keep and key is not None and self.chronicle.knows_its_claim and (not suspect or key in self.others):
            return
        try:
            line = read_line(self.stretch.partition, raw)
        except BridgeError as error:
            self.faults.append(Fault(Kind.UNREADABLE, key, None, None, self._place(raw), str(error)))
            return
        self.chronicle.apply(raw.offset, raw.timestamp, line, keep=keep)
        if suspect and not keep and key is not None and key not in self.others:
            self.others.add(key)
            self._suspect(raw, line.record)

    def _suspect(self, raw: LogRecord, record: Record) -> None:
        """A record of a trigger that, by what it says itself, should be of the stretch, and is not."""
        about = about_of(record)
        if about is None or isinstance(record, Claim | Digest):
            return
        stretch = self.stretch
        lies_elsewhere = stretch.low <= about.offset < stretch.high
        is_gone = about.offset < stretch.kept and about.received >= stretch.since
        if lies_elsewhere or is_gone:
            text = f"it should be at offset {about.offset} of triggers partition {stretch.partition}, and is not"
            self.faults.append(Fault(Kind.NO_TRIGGER, record.id, about.event_id, about.route, self._place(raw), text))

    def _place(self, raw: LogRecord) -> str:
        return f"{self.topic}/{self.stretch.partition}/{raw.offset}"


@dataclass(slots=True)
class ResultsReading:
    """Results by trigger. `strangers` needs what they say of their event: only where nobody's ledger knows the trigger."""

    by_trigger: dict[str, list[Reported]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    async def read(
        self,
        results: Snapshot,
        bounds: dict[int, tuple[int, int]],
        received_before: str,
        only: Container[str] | None = None,
    ) -> None:
        """Read these offsets of each partition: what was received before that time, and `only` these triggers'."""
        for partition, (start, end) in bounds.items():
            async for batch in results.read(partition, start, end):
                for raw in batch:
                    self._take(results.topic, partition, raw, received_before, only)

    def _take(
        self, topic: str, partition: int, raw: LogRecord, received_before: str, only: Container[str] | None
    ) -> None:
        try:
            result = read_result(raw.value)
        except (ValueError, TypeError) as error:
            where, text = f"{topic}/{partition}/{raw.offset}", f"not a result: {error}"
            self.faults.append(Fault(Kind.UNREADABLE, None, None, None, where, text))
            return
        if (result.received or "") >= received_before or (only is not None and result.trigger_id not in only):
            return
        known = self.by_trigger.setdefault(result.trigger_id, [])
        one = reported(result, partition, raw.offset, raw.timestamp)
        if not any(before.told == one.told and before.sound_id == one.sound_id for before in known):
            known.append(one)  # repetitions say the same
