"""Was the vendor called as it must be? What the ledger's records of one trigger tell. Pure."""

from collections.abc import Iterator, Sequence

from bridge.audit.findings import Fault, Kind, Subject, fault
from bridge.audit.history import Entry, History
from bridge.durations import format_instant
from bridge.ledger.records import Accepted, Attempt, Dropped, Ended, Intent, OfAttempt, Refused, Released, Unknown

_ANSWERS = (Accepted, Refused, Ended)
_CALLED = (*_ANSWERS, Unknown)
_OF_ATTEMPT = (Intent, Unknown, Released, Accepted, Refused, Ended)


def faults_of_calls(
    subject: Subject, history: History, ledger: str, tells_since: int, before: Sequence[History] = ()
) -> Iterator[Fault]:
    """What is wrong with the calls. `ledger`: the place of its records, as in `bridge.ledger/3`.

    `tells_since` (the broker's time, ms): what is older may have been deleted from the ledger. `before`: of the triggers
    that this one repeats.
    """
    attempts: dict[str, list[Entry]] = {}
    for entry in history.entries:
        if isinstance(entry.record, _OF_ATTEMPT):
            attempts.setdefault(entry.record.attempt.nonce, []).append(entry)
    for entries in attempts.values():
        found = _of_attempt(entries, history, tells_since)
        if found is not None:
            kind, entry, text = found
            yield fault(kind, subject, f"{ledger}/{entry.offset}", text)
    yield from _second_calls(subject, history, ledger, before)


def may_have_reached(history: History) -> list[OfAttempt]:
    """What is known best of each attempt that had an effect or may have had, the first one first."""
    if history.item is None:
        return []
    ends = [end for end in history.item.attempts.values() if isinstance(end, Accepted | Ended | Unknown | Intent)]
    return sorted(ends, key=lambda end: (end.attempt.number, end.attempt.called))


def _of_attempt(entries: list[Entry], history: History, tells_since: int) -> tuple[Kind, Entry, str] | None:
    """What is wrong with one attempt, looked at for itself: the worst."""
    called = next((entry for entry in entries if isinstance(entry.record, _CALLED)), None)
    if called is None:
        return None  # never called, or not known to be
    attempt = _attempt(called)
    what = f"attempt {attempt.number} ({attempt.nonce[:8]}) has the record `{called.record.kind}`"
    intents = [entry for entry in entries if isinstance(entry.record, Intent)]
    if not intents and (any(entry.carried for entry in entries) or attempt.called < tells_since):
        return _late(entries, what)  # its beginning is older than what is kept
    if not intents or called.offset < intents[0].offset:
        later = f"it comes later, at {intents[0].offset}" if intents else "the ledger holds none of it"
        return Kind.CALL_WITHOUT_INTENT, called, f"{what}, without an intent before: {later}"
    intent = next((entry for entry in intents if entry.counts), None)
    if intent is None:
        owner = "another replica owned the partition by then"
        text = f"{what}, but its intent at {intents[0].offset} lies behind a newer claim: {owner}"
        return Kind.CALL_UNDER_A_LOST_CLAIM, called, text
    if (why := _too_late(intent, history)) is not None:
        return why[0], called, f"{what}, and {why[1]}"
    return _late(entries, what)


def _attempt(entry: Entry) -> Attempt:
    if not isinstance(entry.record, _OF_ATTEMPT):
        raise TypeError(f"{entry.record.kind} is no record of an attempt")
    return entry.record.attempt


def _too_late(intent: Entry, history: History) -> tuple[Kind, str] | None:
    """Why this attempt should not have begun any more, by what was in the ledger before it."""
    if (ended := _end_before(intent, history)) is not None:
        return Kind.CALL_AFTER_END, f"the trigger had ended before its intent: `{ended.record.kind}` at {ended.offset}"
    if intent.overtaken_by is not None:
        text = f"the newer event {intent.overtaken_by}, which replaces it, was called before its intent"
        return Kind.CALL_AFTER_NEWER, text
    return None


def _end_before(intent: Entry, history: History) -> Entry | None:
    """An end of the trigger without an effect that was in the ledger before this attempt began."""
    before = [entry for entry in history.entries if entry.counts and entry.offset < intent.offset]
    ends = (entry for entry in before if isinstance(entry.record, Dropped | Refused))
    return next((end for end in ends if not _doubt_is_gone(end, before)), None)


def _doubt_is_gone(end: Entry, before: Sequence[Entry]) -> bool:
    """Whether a trigger was given up in doubt, and all attempts before that turned out to have had no effect since."""
    if not isinstance(end.record, Dropped) or end.record.outcome != "unknown":
        return False
    begun = {_attempt(one).nonce for one in before if isinstance(one.record, Intent) and one.offset < end.offset}
    released = {_attempt(one).nonce for one in before if isinstance(one.record, Released)}
    return bool(begun) and begun <= released


def _late(entries: list[Entry], what: str) -> tuple[Kind, Entry, str] | None:
    """A call after the trigger's time. Only answers tell when the call was made, others when it was intended."""
    for entry in entries:
        record = entry.record
        if isinstance(record, _ANSWERS) and record.attempt.called >= record.about.expires_at:
            called, expired = format_instant(record.attempt.called), format_instant(record.about.expires_at)
            return Kind.LATE_CALL, entry, f"{what}, called at {called}, and the trigger had expired at {expired}"
    return None


def _second_calls(subject: Subject, history: History, ledger: str, before: Sequence[History]) -> Iterator[Fault]:
    # One that failed reached nobody, so a person may have it repeated without a flag.
    earlier = [end for other in before for end in may_have_reached(other) if not _failed(end)]
    reached = may_have_reached(history)
    unflagged = [end.attempt for end in reached if not end.attempt.possible_duplicate]
    first_needs_none = 0 if earlier else 1
    if len(unflagged) <= first_needs_none:
        return
    nonce = unflagged[first_needs_none].nonce
    place = next(e for e in history.entries if isinstance(e.record, _OF_ATTEMPT) and e.record.attempt.nonce == nonce)
    told = ", ".join(
        [f"trigger {end.id} {_as_known(end)}" for end in earlier]
        + [f"attempt {end.attempt.number} ({end.attempt.nonce[:8]}) {_as_known(end)}" for end in reached]
    )
    text = f"called more than once, and not flagged as a possible duplicate: {told}"
    yield fault(Kind.TWO_CALLS, subject, f"{ledger}/{place.offset}", text)


def _failed(end: OfAttempt) -> bool:
    return isinstance(end, Ended) and end.outcome == "failed"


def _as_known(end: OfAttempt) -> str:
    match end:
        case Accepted() | Ended():
            return f"made execution {end.execution_id}"
        case Unknown():
            return "may have had an effect"
        case _:
            return "is under way"
