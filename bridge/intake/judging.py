"""From a source record to what is written because of it. No I/O, no clock."""

import logging
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from msgspec import structs

from bridge.errors import BridgeError, SchemaNeeded, Tombstone, Undecodable
from bridge.events import Event, Format, Source
from bridge.formats import NO_SCHEMAS, Schemas, decode
from bridge.formats.around import event_of
from bridge.formats.wire import SchemaId
from bridge.intake.deadletters import dead_letter
from bridge.intake.fitting import trigger_record
from bridge.intake.passing import Left, Passing
from bridge.kafka import NewRecord, OwnTopics, Record, TopicNames
from bridge.routing.routes import SourceConfig
from bridge.routing.table import Table
from bridge.telemetry.spans import Handled, Subject
from bridge.tracecontext import Sampling, Trace, of_send
from bridge.triggers import Rejected, Trigger, Unmapped

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Judgement:
    """What becomes of source records: records to write, what to count by source and decision, which are no events and why.

    `handled`: what the spans of each will say; empty where tracing is off. `awaits`: the offset of the first record whose
    schema is not known yet, and the schema: of that record, and of those after it, nothing has become.
    """

    writes: list[NewRecord] = field(default_factory=list)
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    refusals: list[tuple[Source, str]] = field(default_factory=list)
    handled: list[Handled] = field(default_factory=list)
    awaits: tuple[int, SchemaId] | None = None


class Judge:
    """Asks the routing table, and turns its decisions into records."""

    def __init__(
        self,
        table: Table,
        names: TopicNames,
        own: OwnTopics,
        *,
        shadow: bool,
        sampling: Sampling | None = None,
        schemas: Schemas = NO_SCHEMAS,
    ) -> None:
        """With `shadow`, decisions are counted and no trigger is written. `sampling`: None where tracing is off. Without
        `schemas` no source needs a registry.
        """
        self._schemas = schemas
        self._table = table
        self._names = names
        self._own = own
        self._shadow = shadow
        self._sampling = sampling
        self._sources: dict[str, dict[Format, list[SourceConfig]]] = defaultdict(lambda: defaultdict(list))
        for source in table.sources.values():
            self._sources[source.topic][source.format].append(source)
        # With tracing each event has its spans, also one that nobody wants.
        self._passing = Passing.by_topic(table) if sampling is None else {}

    def judge(self, records: Sequence[Record], now: int) -> Judgement:
        """What becomes of records of a partition, in order, at `now` (milliseconds since 1970 UTC).

        Several sources may share a topic: each decides for itself. What any of them can't read is one dead letter.
        """
        judgement = Judgement()
        passing = self._passing.get(records[0].topic) if records else None
        decided = 0
        for record, body in _all_of(records) if passing is None else passing.left_of(records):
            decided += 1
            try:
                self._judge(record, body, now, judgement)
            except SchemaNeeded as needed:
                judgement.awaits = record.offset, needed.schema
                break
        if passing is not None and decided < len(records):
            judgement.counts[passing.source, "none"] += len(records) - decided
        return judgement

    def _judge(self, record: Record, body: dict[str, Any] | None, now: int, judgement: Judgement) -> None:
        """Adds what becomes of a record; `body`: the JSON object in it, where that was read. Raises SchemaNeeded, and then
        nothing has.
        """
        by_format = self._sources[record.topic]
        events = [
            (event_of(record, body) if body is not None else _read(record, encoded, self._schemas), sources)
            for encoded, sources in by_format.items()
        ]
        handled: Handled | None = None
        if self._sampling is not None:
            handled = self._traced(record, self._sampling)
            judgement.handled.append(handled)
        refusals: dict[str, str] = {}
        for event, sources in events:
            for source in sources:
                reason = self._decide(source, event, now, judgement, handled)
                if reason is not None:
                    refusals[source.name] = reason
        if refusals:
            told = _in_one_line(refusals, sum(map(len, by_format.values())))
            judgement.refusals.append((Source(record.topic, record.partition, record.offset), told))
            judgement.writes.append(self._dead_letter(record, told, now))
            for name in refusals:
                _count(name, "dead_letter", judgement, handled)

    def _traced(self, record: Record, sampling: Sampling) -> Handled:
        # Of another cluster, or another topic of this name, a record at this place is another one.
        source = Source(record.topic, record.partition, record.offset)
        before, state = sampling.of(record.headers, f"{self._names.triggers}/{source}/{record.timestamp}")
        return Handled(before, state, source)

    def _decide(
        self, source: SourceConfig, event: Event | Undecodable, now: int, judgement: Judgement, handled: Handled | None
    ) -> str | None:
        """Adds the source's decisions to `judgement`; a reason says that it has none."""
        if isinstance(event, Undecodable):
            if not isinstance(event, Tombstone) or source.tombstones != "skip":
                return str(event)
            _count(source.name, "tombstone", judgement, handled)
            return None
        try:
            decided = self._table.decide(source.name, event, now)
        except Undecodable as error:
            return str(error)
        except Exception as error:
            # Deciding never fails, says its contract. If it does, one event must not stop the campaigns of all: it is
            # kept as a dead letter, and the log has the rest.
            log.exception("the routing table failed on %s", event.source)
            return (
                f"the routing table failed on it ({type(error).__name__}): this is a fault of the bridge, see its log"
            )
        if not decided.triggers and not decided.shadow:
            judgement.counts[source.name, "none"] += 1
            return None
        shadow = decided.shadow + (len(decided.triggers) if self._shadow else 0)
        if shadow:
            _count(source.name, "shadow", judgement, handled, shadow)
        if not self._shadow:
            for trigger in decided.triggers:
                record, written = self._record(trigger, handled)
                judgement.writes.append(record)
                _count(source.name, _decision(written), judgement, handled)
        return None

    def _record(self, decided: Trigger, handled: Handled | None) -> tuple[NewRecord, Trigger]:
        if handled is not None:
            send = of_send(handled.context, decided.id)
            traced = structs.replace(decided, trace=Trace(str(send), handled.state))
            record, trigger = self._fitted(traced)
            if trigger.verdict == decided.verdict:
                handled.sends.append(Subject(send, decided.id, decided.brand, decided.route))
                return record, trigger
            # What a trigger becomes must not depend on its trace: it goes on without one, if that lets it fit.
        return self._fitted(decided)

    def _fitted(self, trigger: Trigger) -> tuple[NewRecord, Trigger]:
        return trigger_record(trigger, self._names.triggers, self._own.partitions, self._own.trigger_limit)

    def _dead_letter(self, record: Record, reason: str, now: int) -> NewRecord:
        return dead_letter(record, reason, topic=self._names.dead_letters, now=now, limit=self._own.dead_letter_limit)


def _all_of(records: Sequence[Record]) -> Iterator[Left]:
    return ((record, None) for record in records)


def _read(record: Record, encoded: Format, schemas: Schemas) -> Event | Undecodable:
    try:
        return decode(record, encoded, schemas)
    except Undecodable as error:
        return error
    except BridgeError:
        raise
    except Exception as error:
        # As in deciding: one event must not stop the campaigns of all.
        log.exception("reading failed on %s/%d/%d", record.topic, record.partition, record.offset)
        return Undecodable(f"reading it failed ({type(error).__name__}): this is a fault of the bridge, see its log")


def _count(source: str, decision: str, judgement: Judgement, handled: Handled | None, count: int = 1) -> None:
    judgement.counts[source, decision] += count
    if handled is not None:
        handled.decisions.append(decision)


def _decision(trigger: Trigger) -> str:
    match trigger.verdict:
        case None:
            return "trigger"
        case Rejected():
            return "rejected"
        case Unmapped():
            return "unmapped"


def _in_one_line(refusals: dict[str, str], sources: int) -> str:
    reasons = set(refusals.values())
    if len(refusals) == sources and len(reasons) == 1:
        return reasons.pop()
    return "; ".join(f"source {source}: {reason}" for source, reason in refusals.items())
