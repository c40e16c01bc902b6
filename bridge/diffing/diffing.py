"""Two tables over many events, one after the other."""

from dataclasses import dataclass, field

from bridge.diffing.comparing import Change, changes
from bridge.diffing.report import DeadLetter, Example, Report, RouteReport, changed_routes, identities
from bridge.errors import Tombstone, Undecodable
from bridge.explaining.explaining import explain
from bridge.explaining.words import why_not
from bridge.formats import NoSchemas, Schemas
from bridge.kafka import Record
from bridge.recorded.sources import event_of, sources_for
from bridge.routing.routes import SourceConfig
from bridge.routing.table import Table
from bridge.triggers import Trigger

OLD, NEW = "old", "new"


@dataclass(slots=True)
class _Side:
    """What one of the tables makes of an event, if it `reads` it at all."""

    reads: bool
    triggers: list[Trigger] = field(default_factory=list)
    dead_letter: str | None = None


class Diffing:
    """Takes events, and counts what differs. `examples`: how many of each kind are kept. `source`: of which source the events
    are, where their topic does not say it; `now`: the moment (ms) at which they are decided, where they have no timestamp.
    """

    def __init__(
        self,
        old: Table,
        new: Table,
        *,
        now: int,
        source: str | None = None,
        examples: int = 3,
        schemas: Schemas | None = None,
    ) -> None:
        """`schemas` are those that records in Kafka were written by. Raises NotRecorded when neither table has the source."""
        self._schemas = schemas or NoSchemas()
        self._tables = (old, new)
        self._now = now
        self._source = source
        self._examples = examples
        self._seen: set[str] = set()
        self._report = Report(identities(old, new))
        if source is not None and source not in old.sources:
            sources_for(new.sources, "", source)

    @property
    def events(self) -> int:
        """How many were taken."""
        return self._report.events

    def take(self, where: str, record: Record) -> None:
        """Compare what both make of a record, which `where` names to people. Raises NotRecorded when nobody says of which
        source it is.
        """
        report = self._report
        report.events += 1
        old_sources, new_sources = (self._sources(table, record) for table in self._tables)
        if not old_sources and not new_sources:
            report.unread += 1
            return
        # As when the record arrived: whether a time lies ahead is seen then.
        now = record.timestamp if record.timestamp >= 0 else self._now
        old, new = (
            self._decided(table, sources, record, now)
            for table, sources in zip(self._tables, (old_sources, new_sources), strict=True)
        )
        self._compare(where, record, now, old, new)

    def report(self) -> Report:
        """What was found so far."""
        self._report.untouched = tuple(name for name in changed_routes(*self._tables) if name not in self._seen)
        return self._report

    def _sources(self, table: Table, record: Record) -> list[SourceConfig]:
        if self._source is not None:
            return [table.sources[self._source]] if self._source in table.sources else []
        if record.topic:
            return [source for source in table.sources.values() if source.topic == record.topic]
        return sources_for(table.sources, "", None)

    def _compare(self, where: str, record: Record, now: int, old: _Side, new: _Side) -> None:
        report = self._report
        for index, side in enumerate((old, new)):
            report.triggers[index] += len(side.triggers)
            self._seen.update(trigger.route for trigger in side.triggers)
        if all(side.dead_letter is not None or not side.reads for side in (old, new)):
            report.no_event += 1
            return
        found = list(changes(old.triggers, new.triggers, self._tables))
        unreadable = (old.dead_letter is None) != (new.dead_letter is None)
        if unreadable:
            self._add_dead_letter(where, old, new)
        for change in found:
            self._add(where, record, now, change)
        report.differing += bool(found or unreadable)

    def _add_dead_letter(self, where: str, old: _Side, new: _Side) -> None:
        only_in, reason = (OLD, new.dead_letter) if old.dead_letter is None else (NEW, old.dead_letter)
        self._report.dead_letters[only_in] += 1
        if self._report.dead_letters[only_in] <= self._examples:
            self._report.dead_letter_examples.append(DeadLetter(where, only_in, reason or ""))

    def _add(self, where: str, record: Record, now: int, change: Change) -> None:
        of_route = self._report.routes.setdefault(change.route, RouteReport())
        example: Example | None = None
        for kind in change.kinds:
            of_route.counts[kind] += 1
            kept = of_route.examples.setdefault(kind, [])
            # Two triggers of one event would say the same twice.
            if len(kept) < self._examples and where not in (one.where for one in kept[-1:]):
                example = example or self._example(where, record, now, change)
                kept.append(example)

    def _example(self, where: str, record: Record, now: int, change: Change) -> Example:
        made = change.old or change.new
        table = self._tables[1] if change.new is None else self._tables[0]
        why = self._why_none(table, change.route, record, now) if change.old is None or change.new is None else None
        return Example(where, "" if made is None else made.event_id, change, why)

    def _decided(self, table: Table, sources: list[SourceConfig], record: Record, now: int) -> _Side:
        side = _Side(reads=bool(sources))
        for source in sources:
            try:
                event = event_of(source, record, self._schemas)
                side.triggers.extend(table.decide(source.name, event, now).triggers)
            except Undecodable as error:
                if not (isinstance(error, Tombstone) and source.tombstones == "skip"):
                    side.dead_letter = str(error)
        return side

    def _why_none(self, table: Table, route: str, record: Record, now: int) -> str:
        """What keeps a table from making a trigger of that route."""
        if route not in table.routes:
            return "there is no such route"
        source = table.sources[table.routes[route].source]
        if record.topic and record.topic != source.topic:
            return f"the route reads topic {source.topic}"
        try:
            event = event_of(source, record, self._schemas)
        except Undecodable as error:
            return str(error)
        explanation = explain(table, source.name, event, now)
        if explanation.undecodable is not None:
            return explanation.undecodable
        (found,) = (one for one in explanation.routes if one.route.name == route)
        if found.route.mode == "shadow":
            return "its mode is shadow"
        return why_not(found, event) or "it makes fewer triggers of this event"
