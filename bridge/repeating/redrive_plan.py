"""`bridge redrive`: from what a person selects to the lines of a plan."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from msgspec import structs

from bridge.errors import BridgeError, Undecodable
from bridge.events import Source
from bridge.intake.deadletters import read_dead_letter
from bridge.kafka import Record
from bridge.kafka.originals import records_at, whole_records
from bridge.registry.looking import Looking
from bridge.repeating import redriving
from bridge.repeating.families import Family, Member
from bridge.repeating.plan import Left, Line, Plan, Subject, refuse_too_many
from bridge.repeating.reading import MARGIN, families_of, find_triggers, selected_families
from bridge.repeating.redriving import Case
from bridge.repeating.selecting import Selection
from bridge.repeating.service import Service
from bridge.repeating.terms import Terms
from bridge.tracecontext import trace_of
from bridge.triggers import Trigger

DEAD_LETTERS = "dead-letters"


@dataclass(slots=True)
class Cases:
    """Records to be decided again, and lines of what is not. `missing`: ids of which nothing was found yet."""

    missing: set[str]
    found: list[tuple[Case, Record]] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)


async def plan_redrive(service: Service, selection: Selection, terms: Terms, limit: int) -> Plan:
    """What would be sent of what was turned away, and what not and why. `selection.outcomes` may name DEAD_LETTERS.

    Raises TooMany when it is more than `limit`; KafkaTrouble.
    """
    cases = Cases(set(selection.ids))
    if any(outcome in redriving.REDRIVABLE for outcome in selection.outcomes):
        await _add_turned_away(cases, service, selection, limit)
    if DEAD_LETTERS in selection.outcomes:
        await _add_dead_letters(cases, service, selection, limit)
    lines = cases.lines + await _decided(service, cases, terms)
    plan = Plan.of(lines, cases.missing)
    refuse_too_many((send.trigger.route for send in plan.sends), limit)
    return plan


async def _add_turned_away(cases: Cases, service: Service, selection: Selection, limit: int) -> None:
    """Those whose result says so: their records are read again from their source topics."""
    (results,) = await service.archive.snapshots(service.names.results)
    judged: list[tuple[Family, Member]] = []
    for family in await selected_families(results, selection):
        cases.missing -= family.names
        member = redriving.judged(family, selection.outcomes)
        if isinstance(member, Left):
            cases.lines.append(Line(Subject.of(family), member))
        else:
            judged.append((family, member))
    refuse_too_many((str(member.result.fields["route"]) for _, member in judged), limit)
    turned_away = redriving.cases(judged)
    records = await records_at(service.archive, {case.source for case in turned_away}) if turned_away else {}
    for case in turned_away:
        record = records.get(case.source)
        if record is None:
            gone = Left(f"its record is no longer kept at {case.source}")
            cases.lines.extend(Line(subject, gone) for subject in case.subjects)
        else:
            cases.found.append((case, record))


async def _add_dead_letters(cases: Cases, service: Service, selection: Selection, limit: int) -> None:
    """Those written in the span, or of the places that ids name."""
    (letters,) = await service.archive.snapshots(service.names.dead_letters)
    for partition, (_, last) in letters.bounds.items():
        start = await letters.offset_at(partition, selection.start)
        async for batch in whole_records(service.archive, letters, partition, start, last):
            for record in batch:
                if record.timestamp < selection.end:
                    _add_letter(cases, record, selection)
    if len(cases.found) > limit:
        raise BridgeError(
            f"{len(cases.found):,} records would be decided again: narrow it down with --from and --to, or say "
            f"--limit {len(cases.found)}"
        )


def _add_letter(cases: Cases, record: Record, selection: Selection) -> None:
    try:
        letter = read_dead_letter(record)
    except ValueError:
        return  # somebody else's
    original = letter.original
    place = Source(original.topic, original.partition, original.offset)
    if selection.ids and str(place) not in selection.ids:
        return
    cases.missing.discard(str(place))
    subject = Subject(str(place), "", "", "", f"dead letter: {letter.reason}", record.timestamp)
    if letter.cut:
        cases.lines.append(Line(subject, Left("it was larger than the dead letters hold: let it be published again")))
    else:
        cases.found.append((Case(place, selection.route, (subject,)), original))


async def _decided(service: Service, cases: Cases, terms: Terms) -> list[Line]:
    lines: list[Line] = []
    made: dict[str, tuple[Case, Trigger]] = {}
    looking = Looking(service.settings.registry)
    for case, record in cases.found:
        await looking.ready(record, service.table.formats(record.topic))
        try:
            triggers = redriving.decide(service.table, record, case, terms, looking)
            if isinstance(triggers, list) and service.settings.tracing.enabled:
                triggers = [structs.replace(trigger, trace=trace_of(record.headers)) for trigger in triggers]
        except Undecodable as error:
            triggers = redriving.no_event(case, str(error))
        if isinstance(triggers, Left):
            lines.extend(Line(subject, triggers) for subject in case.subjects)
        else:
            # Of records that make the same trigger the first counts, as in intake.
            for trigger in triggers:
                made.setdefault(trigger.id, (case, trigger))
    return lines + await _fates(service, made, terms)


async def _fates(service: Service, made: dict[str, tuple[Case, Trigger]], terms: Terms) -> list[Line]:
    triggers, results = await service.archive.snapshots(service.names.triggers, service.names.results)
    since = _began(made.values()) - service.table.dedup_window
    families = {family.original: family for family in await families_of(results, since, made.keys())}
    found = await find_triggers(
        triggers, since, {trigger for family in families.values() for trigger in redriving.needed(family)}
    )
    oldest = terms.now - service.settings.topics.retention.results + MARGIN
    return [
        redriving.line(
            case, trigger, families[trigger.id], redriving.fate(trigger, families[trigger.id], found, terms, oldest)
        )
        for case, trigger in made.values()
        if case.means(families[trigger.id])
    ]


def _began(made: Iterable[tuple[Case, Trigger]]) -> int:
    """A time (ms) before which nothing was written of these, but what their dedup windows have forgotten.

    An event may have been turned away because its time lay ahead.
    """
    return min((min(redriving.happened(one), case.subjects[0].at or 0) for case, one in made), default=0)
