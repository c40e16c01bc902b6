"""What an audit finds: what is wrong with a trigger, or why it has no outcome yet. Pure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """The faults, the worst first. docs/audit.md says of each what to do."""

    TWO_CALLS = "two calls"
    CALL_UNDER_A_LOST_CLAIM = "call under a lost claim"
    CALL_WITHOUT_INTENT = "call without intent"
    CALL_AFTER_END = "call after the end"
    CALL_AFTER_NEWER = "call after a newer one"
    LATE_CALL = "late call"
    LOST = "lost"
    NO_OUTCOME = "no outcome"
    TWO_OUTCOMES = "two outcomes"
    UNFOUNDED_OUTCOME = "unfounded outcome"
    WRONG_OUTCOME = "wrong outcome"
    NO_TRIGGER = "no trigger"
    STUCK = "stuck"
    UNREADABLE = "unreadable"


class Why(StrEnum):
    """Why a trigger has no outcome yet."""

    NOT_READ = "not read yet"
    WAITING = "waits for its call"
    PARKED = "parked in the ledger"
    IN_FLIGHT = "being called"
    FOLLOWED = "its execution has not ended"
    RESULT_DUE = "ended, its result is still to be written"
    MOVING = "changed just before the audit"


@dataclass(frozen=True, slots=True)
class Subject:
    """A trigger, as its record on the triggers topic says; the first one of the span where it was read again.

    `timestamp` (the broker's) and `expires_at` are ms. `repeats`: the ids of those that it repeats, the original first.
    `test`: `bridge send` made it.
    """

    id: str
    event_id: str
    route: str
    partition: int
    offset: int
    timestamp: int
    expires_at: int
    repeats: tuple[str, ...] = ()
    test: bool = False


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that must not be. `where`: topic/partition/offset of the record that shows it. What isn't known is None."""

    kind: Kind
    trigger_id: str | None
    event_id: str | None
    route: str | None
    where: str
    text: str


@dataclass(frozen=True, slots=True)
class Open:
    """A trigger without an outcome, and that is as it should be."""

    why: Why
    trigger_id: str
    event_id: str
    route: str
    where: str
    text: str


@dataclass(frozen=True, slots=True)
class Report:
    """What an audit says of the triggers written in [start, end), ms. `records` of the triggers topic made `triggers`
    different ones; `garbage` more were no triggers at all.

    `tests` of them `bridge send` made. `repeats`: triggers that were called more than once or may have been, and whose outcome says so.
    """

    start: int
    end: int
    taken_at: int
    records: int
    garbage: int
    triggers: int
    tests: int
    outcomes: Counter[str]
    repeats: int
    open: Sequence[Open]
    faults: Sequence[Fault]


def fault(kind: Kind, subject: Subject, where: str, text: str) -> Fault:
    """A fault of this trigger."""
    return Fault(kind, subject.id, subject.event_id, subject.route, where, text)
