"""What a record that was turned away comes to by the routing table as it is now, and whether that may be written. Pure.

A trigger that has an outcome already is finished in the ledger: it is written as a repetition. One that was never
decided before, because no event or no dedup key could be read, has the id that intake would give it.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from bridge.events import Record, Source
from bridge.formats import NoSchemas, Schemas, decode
from bridge.outcomes.reading import WrittenResult
from bridge.repeating.families import Family, Member
from bridge.repeating.plan import Asked, Fate, Left, Line, Subject
from bridge.repeating.terms import Found, Terms, repetition
from bridge.routing.routes import SourceConfig
from bridge.routing.table import Table
from bridge.triggers import Rejected, Trigger, Verdict, repetition_id

REDRIVABLE = ("rejected", "unmapped")


@dataclass(frozen=True, slots=True)
class Case:
    """A record to be decided again: where it was read, for which route (None: all), and what a line says of it.

    `known`: ids of the triggers that it made and that are meant; others that it made are left out (None: all are meant).
    """

    source: Source
    route: str | None
    subjects: tuple[Subject, ...]
    known: frozenset[str] | None = None

    def means(self, family: Family) -> bool:
        """Whether a trigger that was decided now, with that family, is to be looked at."""
        return self.known is None or not family.members or family.original in self.known


def judged(family: Family, wanted: Collection[str]) -> Member | Left:
    """The member that was turned away before any call, or why the family is not decided again. `wanted`: outcomes."""
    latest = _turned_away(family)
    if isinstance(latest, Left) or latest.outcome in wanted:
        return latest
    if latest.outcome == "expired":
        return Left("it is expired: `bridge resend --outcome expired` is for that")
    return Left(f"it is {latest.outcome}: to decide it again, say --{latest.outcome}")


def _turned_away(family: Family) -> Member | Left:
    """The latest member, if it ended before any call, as did those before it."""
    latest = family.latest
    if (why := family.reached()) is not None:
        return Left(why)
    if latest is None:
        return Left("another one goes on in its place, and has no outcome yet")
    if family.doubtful or latest.outcome == "failed":
        return Left(f"it is {latest.outcome}, after a call: `bridge resend` is for that")
    if latest.outcome == "rejected" and latest.called:
        return Left("the vendor refused it, and would again")
    return latest if latest.outcome in (*REDRIVABLE, "expired") else Left(f"it is {latest.outcome}")


def cases(turned_away: Iterable[tuple[Family, Member]]) -> list[Case]:
    """What must be decided again: a record once for each route that turned it away, however many triggers it made."""
    made: dict[tuple[Source, str], list[Family]] = {}
    for family, member in turned_away:
        result = member.result
        made.setdefault((source_of(result), str(result.fields["route"])), []).append(family)
    return [
        Case(source, route, tuple(map(Subject.of, found)), frozenset(family.original for family in found))
        for (source, route), found in made.items()
    ]


def source_of(result: WrittenResult) -> Source:
    """Where the event of a result was read."""
    source = result.fields["source"]
    return Source(str(source["topic"]), int(source["partition"]), int(source["offset"]))


def decide(
    table: Table, record: Record, case: Case, terms: Terms, schemas: Schemas | None = None
) -> list[Trigger] | Left:
    """The triggers that the record makes now, for the case's route or all. Raises Undecodable when it is no event."""
    topic = record.topic
    sources = [source for source in table.sources.values() if source.topic == topic]
    if not sources:
        return Left(f"topic {topic} is no source of the routing table any more")
    if case.route is not None and (why := terms.closed(case.route)) is not None:
        return Left(why)
    decided = [trigger for source in sources for trigger in _made(table, source, record, terms.now, schemas)]
    meant = [trigger for trigger in decided if case.route in (None, trigger.route)]
    if meant:
        return meant
    return Left("no route wants it" if case.route is None else f"route {case.route} does not want it any more")


def _made(table: Table, source: SourceConfig, record: Record, now: int, schemas: Schemas | None) -> Iterable[Trigger]:
    return table.decide(source.name, decode(record, source.format, schemas or NoSchemas()), now).triggers


def no_event(case: Case, why: str) -> Left:
    """Of a record that is no event; shortly when that was known."""
    return Left("it still is no event" if case.subjects[0].was.endswith(why) else f"it is no event: {why}")


def needed(family: Family) -> set[str]:
    """Ids of the triggers to look for: as it was decided, and as its next repetition."""
    return {family.original, repetition_id(family.original, family.next_number)}


def fate(trigger: Trigger, family: Family, found: Mapping[str, Found], terms: Terms, oldest: int) -> Fate:
    """What becomes of a trigger that was decided now. `family`: that of its id. `oldest` (ms): of what was received
    before, nobody can say any more whether it was called.
    """
    if trigger.verdict is not None:
        return _turned_away_again(trigger.verdict, family)
    if family.members:
        return _again(trigger, family, found, terms)
    if trigger.id in found:
        return Asked(trigger.id)
    if happened(trigger) < oldest:
        return Left("it is so old that what became of it may no longer be kept")
    return terms.admit(trigger)


def _turned_away_again(verdict: Verdict, family: Family) -> Left:
    if any(member.result.get("reason") == verdict.reason for member in family.members):
        return Left("it still is")
    return Left(f"it is {'rejected' if isinstance(verdict, Rejected) else 'unmapped'} now: {verdict.reason}")


def _again(trigger: Trigger, family: Family, found: Mapping[str, Found], terms: Terms) -> Fate:
    if isinstance(latest := _turned_away(family), Left):
        return latest
    again = repetition(trigger, family)
    if again.id in found:
        return Asked(again.id)
    original = found.get(trigger.id)
    if original is None:
        return Left("its trigger is no longer kept on the triggers topic")
    return terms.admit(again, original.partition)


def happened(trigger: Trigger) -> int:
    """When the event did, or else when it was received, ms."""
    return trigger.received if trigger.event_time is None else trigger.event_time


def line(case: Case, trigger: Trigger, family: Family, becomes: Fate) -> Line:
    """The line of a trigger that was decided now."""
    before = Subject.of(family) if family.members else case.subjects[0]
    return Line(Subject(trigger.event_id, trigger.id, trigger.route, trigger.topic_key, before.was, before.at), becomes)
