"""Which triggers may be sent again as they are, and as what. Pure.

What decides is the whole family of a trigger: calling twice is worse than not calling. Dispatch looks once more, at what
its ledger says by then (bridge.ledger.repeating).
"""

from collections.abc import Collection, Mapping

from bridge.repeating.families import Family, Member
from bridge.repeating.plan import Asked, Fate, Left
from bridge.repeating.terms import Found, Terms, repetition
from bridge.triggers import repetition_id

RESENDABLE = ("unknown", "failed", "expired")
"""The outcomes that a person may have sent again. Of all others it is certain that it must not, or `redrive` is meant."""


def judged(family: Family, wanted: Collection[str]) -> Member | Left:
    """The member whose outcome asks for a repetition, or why there will be none. `wanted`: outcomes."""
    if (why := family.reached()) is not None:
        return Left(why)
    latest = family.latest
    if latest is None:
        return Left("another one goes on in its place, and has no outcome yet")
    if latest.outcome in wanted:
        return latest
    return Left(_unwanted(latest))


def _unwanted(member: Member) -> str:
    match member.outcome:
        case "unknown" | "failed" | "expired":
            return f"it is {member.outcome}: to send it again, say --outcome {member.outcome}"
        case "rejected" if member.called:
            return "the vendor refused it, and would again"
        case "rejected" | "unmapped":
            return (
                f"it was never called: `bridge redrive --{member.outcome}` decides it again by the table as it is now"
            )
        case other:
            return f"it is {other}"


def needed(family: Family, latest: Member) -> set[str]:
    """Ids of the triggers to look for: the one to write again, and the one that it would become."""
    return {latest.result.trigger_id, repetition_id(family.original, family.next_number)}


def fate(family: Family, latest: Member, found: Mapping[str, Found], terms: Terms) -> Fate:
    """What becomes of a family whose latest member asks for a repetition."""
    again = repetition_id(family.original, family.next_number)
    if again in found:
        return Asked(again)
    written = found.get(latest.result.trigger_id)
    if written is None:
        return Left("its trigger is no longer kept on the triggers topic")
    trigger = written.trigger.with_topic(latest.result.get("topic_key"))
    return terms.admit(repetition(trigger, family), written.partition)
