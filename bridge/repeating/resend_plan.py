"""`bridge resend`: from what a person selects to the lines of a plan."""

from dataclasses import dataclass

from bridge.repeating import resending
from bridge.repeating.families import Family, Member
from bridge.repeating.plan import Left, Plan, refuse_too_many
from bridge.repeating.reading import families_began, find_triggers, selected_families
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
    return Plan.of(lines)
