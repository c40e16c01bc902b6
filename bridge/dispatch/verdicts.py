"""Ends without a call: what a trigger that must not be called ends as. Pure: no clock, no I/O; times are ms."""

from typing import assert_never

from bridge.dispatch.around import Arrival
from bridge.dispatch.work import Work
from bridge.ledger.item import New, Waiting
from bridge.ledger.records import About, Dropped, Missing
from bridge.triggers import Rejected, Trigger, Unmapped


def verdict(trigger: Trigger, arrival: Arrival, now: int, tells_since: int) -> Dropped | None:
    """Why a trigger that the ledger does not know ends without a call, if it does.

    `tells_since`: of triggers older than this, by the broker's time, the ledger can't tell.
    """
    about = About.of(trigger, arrival.offset)
    match trigger.verdict:
        case Rejected(reason):
            return Dropped(trigger.id, about, "rejected", reason, 0, now)
        case Unmapped() as missing:
            return _unmapped(trigger.id, about, missing, missing.reason, now)
        case None:
            pass
    if arrival.timestamp < tells_since:
        why = "the ledger no longer tells whether this trigger was called: it reaches back less far"
        return Dropped(trigger.id, about, "unknown", why, 0, now)
    return Dropped(trigger.id, about, "expired", _TOO_LATE, 0, now) if now >= trigger.expires_at else None


def would_be_called(trigger: Trigger, arrival: Arrival, now: int, tells_since: int) -> bool:
    """Whether its topic is all that keeps a trigger, which the ledger does not know, from being called."""
    with_one = trigger.with_topic("a topic")
    return with_one.verdict is None and verdict(with_one, arrival, now, tells_since) is None


def unmapped(work: Work, missing: Unmapped, why: str, now: int) -> Dropped:
    """The end of a trigger for which nobody made a topic."""
    return _unmapped(work.trigger.id, About.of(work.trigger, work.offset), missing, why, now)


def _unmapped(trigger: str, about: About, missing: Unmapped, why: str, now: int) -> Dropped:
    return Dropped(trigger, about, "unmapped", why, 0, now, missing=Missing(missing.lookup, missing.key))


def doubtful(standing: New | Waiting) -> bool:
    """Whether an attempt made before may have had an effect."""
    return isinstance(standing, Waiting) and standing.doubtful


def expired(work: Work, standing: New | Waiting, now: int) -> Dropped:
    """The end of a trigger that is too old to be called. `standing`: what the ledger says of it."""
    return _given_up(work, standing, "expired", _TOO_LATE, now)


def superseded(work: Work, standing: New | Waiting, why: str, now: int) -> Dropped:
    """The end of a trigger in whose place another one is called, or was."""
    return _given_up(work, standing, "superseded", why, now)


_TOO_LATE = "it waited longer than its route's expires_after"


def _given_up(work: Work, standing: New | Waiting, outcome: str, why: str, now: int) -> Dropped:
    about = About.of(work.trigger, work.offset)
    match standing:
        case New():
            return Dropped(work.trigger.id, about, outcome, why, 0, now)
        case Waiting(made, doubtful=False):
            return Dropped(work.trigger.id, about, outcome, why, made, now)
        case Waiting(made):
            # One that may have been called stays `unknown`, whatever keeps it from another attempt.
            why = f"an attempt may have had an effect, and there will be no other: {why}"
            return Dropped(work.trigger.id, about, "unknown", why, made, now, possible_duplicate=True)
    assert_never(standing)
