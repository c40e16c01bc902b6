"""`bridge resend`: from what a person selects to the lines of a plan."""

from collections.abc import Collection
from dataclasses import dataclass

from bridge.kafka.archive import Snapshot
from bridge.repeating import resending
from bridge.repeating.families import Family, Member, families, original_of
from bridge.repeating.plan import Left, Line, Plan, refuse_too_many
from bridge.repeating.reading import families_began, find_triggers, read_results
from bridge.repeating.selecting import Selection
from bridge.repeating.service import Service
from bridge.repeating.terms import Terms


@dataclass(frozen=True, slots=True)
class Judged:
    """A family, and its member that asks for a repetition, or why none does."""

    family: Family
    verdict: Member | Left


async def plan_resend(service: Service, selection: Selection, terms: Terms, limit: int) -> Plan:
    """What would be sent again, and what not and why. Raises TooMany when it is more than `limit`; KafkaTrouble."""
    triggers, results = await service.archive.snapshots(service.names.triggers, service.names.results)
    selected = await selected_families(results, selection)
    judged = [Judged(family, resending.judged(family, selection.outcomes)) for family in selected]
    chosen = [(one.family, one.verdict) for one in judged if isinstance(one.verdict, Member)]
    refuse_too_many((str(latest.result.fields["route"]) for _, latest in chosen), limit)
    needed = {trigger for family, latest in chosen for trigger in resending.needed(family, latest)}
    since = families_began(latest.result for _, latest in chosen)
    found = await find_triggers(triggers, since, needed)
    lines = [
        resending.line(
            one.family,
            one.verdict if isinstance(one.verdict, Left) else resending.fate(one.family, one.verdict, found, terms),
        )
        for one in judged
    ]
    return Plan(sorted(lines, key=_time))


async def selected_families(topic: Snapshot, selection: Selection) -> list[Family]:
    """The families of which a member is selected by its final result, each with all that results say of it."""
    first = await read_results(topic, selection.start, selection.takes)
    originals = {original_of(result) for result in first}
    found = await families_of(topic, families_began(first), originals)
    return [family for family in found if any(selection.takes(member.result) for member in family.members)]


async def families_of(topic: Snapshot, since: int, originals: Collection[str]) -> list[Family]:
    """The families of these originals, by what was written of them since then (ms)."""
    if not originals:
        return []
    results = await read_results(topic, since, lambda result: original_of(result) in originals)
    return list(families(results, originals).values())


def _time(line: Line) -> int:
    return line.subject.at or 0
