"""Ends without a call: what a trigger that must not be called ends as. Pure: no clock, no I/O; times are ms."""

from bridge.dispatch.around import Arrival
from bridge.dispatch.work import Work
from bridge.ledger.records import About, Dropped
from bridge.triggers import Rejected, Trigger, Unmapped


def verdict(trigger: Trigger, arrival: Arrival, now: int, tells_since: int) -> Dropped | None:
    """Why a trigger that the ledger does not know ends without a call, if it does.

    `tells_since`: of triggers older than this, by the broker's time, the ledger can't tell.
    """
    about = About.of(trigger, arrival.offset)
    match trigger.verdict:
        case Rejected(reason):
            return Dropped(trigger.id, about, "rejected", reason, 0, now)
        case Unmapped(reason=reason):
            return Dropped(trigger.id, about, "unmapped", reason, 0, now)
        case None:
            pass
    if arrival.timestamp < tells_since:
        why = "the ledger no longer tells whether this trigger was called: it reaches back less far"
        return Dropped(trigger.id, about, "unknown", why, 0, now)
    return _ended("expired", _TOO_LATE, trigger, arrival.offset, now=now) if now >= trigger.expires_at else None


def expired(work: Work, now: int) -> Dropped:
    """The end of a trigger that is too old to be called."""
    if work.doubtful:
        return _in_doubt(work, "it expired", now)
    return _ended("expired", _TOO_LATE, work.trigger, work.offset, made=work.made, now=now)


def superseded(work: Work, why: str, now: int) -> Dropped:
    """The end of a trigger in whose place another one is called, or was."""
    if work.doubtful:
        return _in_doubt(work, why, now)
    return _ended("superseded", why, work.trigger, work.offset, made=work.made, now=now)


_TOO_LATE = "it waited longer than its route's expires_after"


def _ended(outcome: str, why: str, trigger: Trigger, offset: int, *, made: int = 0, now: int) -> Dropped:
    return Dropped(trigger.id, About.of(trigger, offset), outcome, why, made, now)


def _in_doubt(work: Work, why: str, now: int) -> Dropped:
    """One that may have been called stays `unknown`, whatever kept it from another attempt."""
    why = f"an attempt may have had an effect, and there will be no other: {why}"
    about = About.of(work.trigger, work.offset)
    return Dropped(work.trigger.id, about, "unknown", why, work.made, now, possible_duplicate=True)
