"""How a trigger stands by the ledger, and so what its results must say. Pure: time is an argument, ms."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, assert_never

from bridge.audit.calls import may_have_reached
from bridge.audit.findings import Subject, Why
from bridge.audit.history import History
from bridge.durations import format_instant
from bridge.ledger.item import UNRESOLVED, End, Finished, InFlight, Item, New, Waiting, rank_of
from bridge.ledger.records import Accepted, Dropped, Ended, Intent, Record, Refused, Unknown


class Told(NamedTuple):
    """What a result says that must be the same in the ledger."""

    revision: int
    outcome: str
    execution_id: str | None
    possible_duplicate: bool


@dataclass(frozen=True, slots=True)
class Limits:
    """`now`: when the audit was taken. `grace`: what changed so long before is not judged yet. `deadline`: how long an
    execution is followed before it is unresolved; `corrections`: how long it is asked about all the same. `patience`: how long
    after its time something may still be open before it counts as stuck.
    """

    now: int
    grace: int
    deadline: int
    patience: int = 600_000
    corrections: int = 0


@dataclass(frozen=True, slots=True)
class Opened:
    """Why a trigger is open, in a word and in a sentence, and until when that is in order."""

    why: Why
    text: str
    until: int


@dataclass(frozen=True, slots=True)
class Standing:
    """`ends`: what its results may say. `due`: what its best result must say, None while more is to come; while it is open as
    RESULT_DUE, that may be missing. `executions`: those that the vendor accepted; `ended`: those of which the end is in the
    ledger, and not only that it is unresolved. `called`: how many attempts had an effect or may have had.

    `moved_at`: the broker's time of its newest record. `cut`: older records of it may have been deleted.
    """

    subject: Subject
    ends: frozenset[Told]
    due: Told | None
    executions: frozenset[str]
    ended: frozenset[str]
    open: Opened | None
    moved_at: int
    called: int
    cut: bool = False


def standing_of(
    subject: Subject, history: History | None, committed: int, limits: Limits, *, cut: bool = False
) -> Standing:
    """Of a trigger whose group has committed `committed`. Without a history the ledger has never heard of it."""
    if history is None or history.item is None:
        unread = None
        if subject.offset >= committed:
            text = f"the dispatch group stands at {committed}"
            unread = Opened(Why.NOT_READ, text, _expiry(subject, limits))
        return Standing(subject, frozenset(), None, frozenset(), frozenset(), unread, subject.timestamp, 0, cut)
    item, records = history.item, [entry.record for entry in history.entries if entry.counts]
    best = item.best_end()
    opened = _open(subject, history, item, committed, limits)
    return Standing(
        subject,
        ends=frozenset(_ends(records)),
        due=None if best is None or not (opened is None or opened.why is Why.RESULT_DUE) else _told(best),
        executions=frozenset(one.execution_id for one in records if isinstance(one, Accepted | Ended)),
        ended=frozenset(one.execution_id for one in records if isinstance(one, Ended) and one.outcome != UNRESOLVED),
        open=opened,
        moved_at=history.entries[-1].timestamp,
        called=len(may_have_reached(history)),
        cut=cut,
    )


def _ends(records: list[Record]) -> Iterator[Told]:
    # What was refused says so while another attempt may have reached people, and nobody knows.
    doubted = {record.attempt.nonce for record in records if isinstance(record, Unknown)}
    for record in records:
        if isinstance(record, Dropped | Unknown | Refused | Ended):
            yield _told(record)
        if isinstance(record, Refused) and doubted - {record.attempt.nonce}:
            yield _told(record)._replace(possible_duplicate=True)


def _told(end: End) -> Told:
    """What the result of this end says."""
    match end:
        case Dropped():
            return Told(rank_of(end), end.outcome, None, end.possible_duplicate)
        case Unknown():
            return Told(rank_of(end), "unknown", None, end.attempt.possible_duplicate)
        case Refused():
            return Told(rank_of(end), "rejected", None, end.attempt.possible_duplicate)
        case Ended():
            return Told(rank_of(end), end.outcome, end.execution_id, end.attempt.possible_duplicate)
        case Accepted():
            raise ValueError(f"execution {end.execution_id} has not ended")
    assert_never(end)


def _open(subject: Subject, history: History, item: Item, committed: int, limits: Limits) -> Opened | None:
    standing = item.standing()
    match standing:
        case InFlight(attempts):
            begun = [e.timestamp for e in history.entries if e.counts and isinstance(e.record, Intent)]
            since = begun[-1] if begun else item.at
            text = f"attempt {attempts[-1].number} was intended at {format_instant(since)}"
            return Opened(Why.IN_FLIGHT, text, since + limits.patience)
        case Waiting(made):
            why = Why.WAITING if item.parked is None else Why.PARKED
            told = "" if item.parked is None else f"{item.parked.why}, "
            return Opened(why, f"{told}{_after(made)}", _expiry(subject, limits))
        case Finished() | New():
            return _followed(item, limits) or _result_due(history, item, committed, limits)
    assert_never(standing)


def _followed(item: Item, limits: Limits) -> Opened | None:
    executions = item.open_executions()
    if not executions:
        return None
    text = f"execution {executions[0].execution_id} was accepted at {format_instant(executions[0].at)}"
    return Opened(Why.FOLLOWED, text, executions[0].at + limits.deadline + limits.patience)


def still_asked(item: Item, limits: Limits) -> str | None:
    """Until when the vendor is asked how executions ended that are unresolved; None when it is not (any more)."""
    until = max((end.accepted + limits.corrections for end in item.unresolved()), default=0)
    if item.open_executions() or until <= limits.now:
        return None
    return f"the vendor is asked until {format_instant(until)} how it ended"


def _result_due(history: History, item: Item, committed: int, limits: Limits) -> Opened | None:
    """What ended, but whose result may rightly be missing still: what would be written again at the next claim."""
    due = item.result_due()
    if due is None or item.finished_before(committed):
        return None
    ended_at = history.entries[-1].timestamp
    return Opened(Why.RESULT_DUE, f"it ended at {format_instant(ended_at)}", ended_at + limits.patience)


def _expiry(subject: Subject, limits: Limits) -> int:
    # What must not be called expires at any time, also before it was written.
    return max(subject.expires_at, subject.timestamp) + limits.patience


def _after(made: int) -> str:
    return "never called" if made == 0 else f"after {made} attempt{'' if made == 1 else 's'}"
