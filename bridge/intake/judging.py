"""From a source record to what is written because of it. No I/O, no clock."""

import logging
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from bridge.errors import BridgeError, Tombstone, Undecodable
from bridge.events import Event, Format, Source
from bridge.formats import NoSchemas, Schemas, decode
from bridge.intake.deadletters import dead_letter
from bridge.intake.fitting import trigger_record
from bridge.kafka import NewRecord, OwnTopics, Record, TopicNames
from bridge.routing.routes import SourceConfig
from bridge.routing.table import Table
from bridge.telemetry.spans import Handled, Subject
from bridge.tracecontext import Sampling, Trace, of_send
from bridge.triggers import Rejected, Trigger, Unmapped

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Judgement:
    """What becomes of a source record: records to write, what to count by source and decision, why it is no event.

    `handled`: what its spans will say; None where tracing is off.
    """

    writes: list[NewRecord] = field(default_factory=list)
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    refusal: str | None = None
    handled: Handled | None = None


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
        schemas: Schemas | None = None,
    ) -> None:
        """With `shadow`, decisions are counted and no trigger is written. `sampling`: None where tracing is off. Without
        `schemas` no source needs a registry.
        """
        self._schemas = NoSchemas() if schemas is None else schemas
        self._table = table
        self._names = names
        self._own = own
        self._shadow = shadow
        self._sampling = sampling
        self._sources: dict[str, list[SourceConfig]] = defaultdict(list)
        for source in table.sources.values():
            self._sources[source.topic].append(source)

    def judge(self, record: Record, now: int) -> Judgement:
        """What becomes of a record, at `now` (milliseconds since 1970 UTC).

        Several sources may share a topic: each decides for itself. What any of them can't read is one dead letter.
        Raises SchemaNeeded, and then nothing has become of it.
        """
        judgement = Judgement()
        if self._sampling is not None:
            judgement.handled = self._traced(record, self._sampling)
        sources = self._sources[record.topic]
        refusals: dict[str, str] = {}
        events: dict[Format, Event | Undecodable] = {}
        for source in sources:
            if source.format not in events:
                events[source.format] = _read(record, source.format, self._schemas)
            event = events[source.format]
            if isinstance(event, Tombstone) and source.tombstones == "skip":
                judgement.counts[source.name, "tombstone"] += 1
                continue
            reason = str(event) if isinstance(event, Undecodable) else self._decide(source.name, event, now, judgement)
            if reason is not None:
                refusals[source.name] = reason
        if refusals:
            judgement.refusal = _in_one_line(refusals, len(sources))
            judgement.counts.update((source, "dead_letter") for source in refusals)
            judgement.writes.append(self._dead_letter(record, judgement.refusal, now))
        if judgement.handled is not None:
            judgement.handled.decisions = [decision for _, decision in judgement.counts if decision != "none"]
        return judgement

    def _traced(self, record: Record, sampling: Sampling) -> Handled:
        # Of another cluster, or another topic of this name, a record at this place is another one.
        source = Source(record.topic, record.partition, record.offset)
        before, state = sampling.of(record.headers, f"{self._names.triggers}/{source}/{record.timestamp}")
        return Handled(before, state, source)

    def _decide(self, source: str, event: Event, now: int, judgement: Judgement) -> str | None:
        """Adds the source's decisions to `judgement`; a reason says that it has none."""
        try:
            decided = self._table.decide(source, event, now)
        except Undecodable as error:
            return str(error)
        except Exception as error:
            # Deciding never fails, says its contract. If it does, one event must not stop the campaigns of all: it is
            # kept as a dead letter, and the log has the rest.
            log.exception("the routing table failed on %s", event.source)
            return (
                f"the routing table failed on it ({type(error).__name__}): this is a fault of the bridge, see its log"
            )
        shadow = decided.shadow + (len(decided.triggers) if self._shadow else 0)
        if shadow:
            judgement.counts[source, "shadow"] += shadow
        if not decided.triggers and not shadow:
            judgement.counts[source, "none"] += 1
        if not self._shadow:
            self._add(source, decided.triggers, judgement)
        return None

    def _add(self, source: str, triggers: Iterable[Trigger], judgement: Judgement) -> None:
        for decided in triggers:
            record, trigger = self._record(decided, judgement.handled)
            judgement.writes.append(record)
            judgement.counts[source, _decision(trigger)] += 1

    def _record(self, decided: Trigger, handled: Handled | None) -> tuple[NewRecord, Trigger]:
        if handled is not None:
            send = of_send(handled.context, decided.id)
            traced = replace(decided, trace=Trace(str(send), handled.state))
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
