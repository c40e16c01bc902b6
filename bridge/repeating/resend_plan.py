"""`bridge resend`: from what a person selects to the lines of a plan."""

from bridge.repeating import resending
from bridge.repeating.families import Member
from bridge.repeating.plan import Left, Line, Plan, Subject, refuse_too_many
from bridge.repeating.reading import families_began, find_triggers, selected_families
from bridge.repeating.selecting import Selection
from bridge.repeating.service import Service
from bridge.repeating.terms import Terms


async def plan_resend(service: Service, selection: Selection, terms: Terms, limit: int) -> Plan:
    """What would be sent again, and what not and why. Raises TooMany when it is more than `limit`; KafkaTrouble."""
    triggers, results = await service.archive.snapshots(service.names.triggers, service.names.results)
    judged = [(one, resending.judged(one, selection.outcomes)) for one in await selected_families(results, selection)]
    chosen = [(family, verdict) for family, verdict in judged if isinstance(verdict, Member)]
    refuse_too_many((str(latest.result.fields["route"]) for _, latest in chosen), limit)
    needed = {trigger for family, latest in chosen for trigger in resending.needed(family, latest)}
    found = await find_triggers(triggers, families_began(latest.result for _, latest in chosen), needed)
    return Plan.of(
        (
            Line(
                Subject.of(family),
                verdict if isinstance(verdict, Left) else resending.fate(family, verdict, found, terms),
            )
            for family, verdict in judged
        ),
        selection.ids.difference(*(family.names for family, _ in judged)),
    )
