"""Do the results say what the ledger says, once? Pure."""

import sys
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from bridge.audit.findings import Fault, Kind, Open, Why, fault
from bridge.audit.standing import Limits, Opened, Standing, Told
from bridge.ledger.item import NEVER_TRIED_RANK
from bridge.outcomes.compose import result_id
from bridge.outcomes.reading import WrittenResult

# An owner that died between result and ledger may have given an execution up; its successor may have learned more.
_GIVEN_UP = ("lost", "unresolved")


class Topics(NamedTuple):
    """The names of the topics, to say where something lies."""

    triggers: str
    ledger: str
    results: str


class Reported(NamedTuple):
    """A result, and where it lies. Small, because an audit holds one for each trigger. `timestamp`: the record's, ms."""

    told: Told
    sound_id: bool
    partition: int
    offset: int
    timestamp: int


def reported(result: WrittenResult, partition: int, offset: int, timestamp: int) -> Reported:
    """What an audit needs of a result."""
    outcome, execution = sys.intern(str(result.fields["outcome"])), result.get("execution_id")
    told = Told(result.revision, outcome, execution, bool(result.get("possible_duplicate")))
    sound = result.fields["result_id"] == result_id(result.trigger_id, result.revision)
    return Reported(told, sound, partition, offset, timestamp)


class Judged(NamedTuple):
    """How a trigger stands: with one outcome, open, or with faults. `called`: how often it was called, or may have been."""

    outcome: str | None
    open: Open | None
    faults: tuple[Fault, ...]
    called: int = 0


def judge_results(standing: Standing, results: Sequence[Reported], limits: Limits, topics: Topics) -> Judged:
    """Hold the results of one trigger against its standing in the ledger."""
    young = max([standing.moved_at, *(one.timestamp for one in results)]) > limits.now - limits.grace
    faults = [*_contradictions(standing, results, topics), *_wrong_ids(standing, results, topics)]
    if not faults and not young:
        faults += _unfounded(standing, results, topics)
    if faults:
        return Judged(None, None, tuple(faults))
    highest = max(results, key=lambda one: one.told.revision, default=None)
    if _has_outcome(standing, highest):
        return Judged(None if highest is None else highest.told.outcome, None, ())
    if standing.open is not None:
        return _still_open(standing, standing.open, limits, topics)
    if young:
        text = "what is missing may be written at this moment: audit it again in a minute"
        return Judged(None, _open(standing, Why.MOVING, text, topics), ())
    return Judged(None, None, (_missing(standing, highest, topics),))


def _has_outcome(standing: Standing, highest: Reported | None) -> bool:
    if highest is None:
        return False
    if standing.due is None:
        # By its results alone, where the ledger no longer tells.
        return standing.cut and standing.open is None
    return highest.told.revision >= standing.due.revision


def _contradictions(standing: Standing, results: Sequence[Reported], topics: Topics) -> Iterator[Fault]:
    """Results of one revision that do not say the same. A repetition is none."""
    first: dict[int, Reported] = {}
    for one in results:
        known = first.setdefault(one.told.revision, one)
        if known.told[:3] != one.told[:3] and not _harmless(known.told, one.told, standing):
            text = (
                f"revision {one.told.revision} says {_words(one.told)} here, and {_words(known.told)} at {_place(known, topics)}; "
                f"the ledger says {_ledger_says(standing)}"
            )
            yield fault(Kind.TWO_OUTCOMES, standing.subject, _place(one, topics), text)


def _harmless(first: Told, other: Told, standing: Standing) -> bool:
    """Whether two that differ may be told all the same, for the first one stays.

    An event that comes again when it is forgotten may be turned away for another reason: nobody is called either time. And
    of several attempts that came to the same, two owners may tell of different ones.
    """
    never_tried = first.revision == NEVER_TRIED_RANK
    return {first, other} <= standing.ends and (never_tried or first.outcome == other.outcome)


def _wrong_ids(standing: Standing, results: Sequence[Reported], topics: Topics) -> Iterator[Fault]:
    for one in results:
        if not one.sound_id:
            text = f"its result_id is not that of revision {one.told.revision} of this trigger"
            yield fault(Kind.WRONG_OUTCOME, standing.subject, _place(one, topics), text)


def _unfounded(standing: Standing, results: Sequence[Reported], topics: Topics) -> Iterator[Fault]:
    """Results that no end in the ledger justifies."""
    if standing.cut:
        return
    for one in results:
        told = one.told
        followed = told.execution_id in standing.executions
        # The result of an execution is written before its end.
        ahead = followed and (told.execution_id not in standing.ended or told.outcome in _GIVEN_UP)
        if told in standing.ends or ahead:
            continue
        same = next((end for end in standing.ends if end[1:3] == told[1:3]), None)
        if same is None:
            kind, text = Kind.UNFOUNDED_OUTCOME, f"it says {_words(told)}; the ledger says {_ledger_says(standing)}"
        elif same.revision != told.revision:
            kind, text = Kind.WRONG_OUTCOME, f"{_words(told)} has revision {told.revision}; it must be {same.revision}"
        else:
            kind, text = (
                Kind.WRONG_OUTCOME,
                f"possible_duplicate is {told.possible_duplicate}; the ledger says otherwise",
            )
        yield fault(kind, standing.subject, _place(one, topics), text)


def _still_open(standing: Standing, opened: Opened, limits: Limits, topics: Topics) -> Judged:
    if limits.now <= opened.until:
        return Judged(None, _open(standing, opened.why, opened.text, topics), ())
    partition = standing.subject.partition
    text = f"{opened.why}, for too long: {opened.text}. Is a replica working on triggers partition {partition}?"
    return Judged(None, None, (fault(Kind.STUCK, standing.subject, _trigger(standing, topics), text),))


def _open(standing: Standing, why: Why, text: str, topics: Topics) -> Open:
    subject = standing.subject
    return Open(why, subject.id, subject.event_id, subject.route, _trigger(standing, topics), text)


def _missing(standing: Standing, highest: Reported | None, topics: Topics) -> Fault:
    if not standing.ends and not standing.executions:
        text = "the dispatch group has gone past it, and the ledger has never heard of it"
        return fault(Kind.LOST, standing.subject, _trigger(standing, topics), text)
    held = "nothing" if highest is None else f"only {_words(highest.told)}"
    text = f"the ledger says {_ledger_says(standing)}, and the results topic holds {held}"
    return fault(Kind.NO_OUTCOME, standing.subject, _trigger(standing, topics), text)


def _ledger_says(standing: Standing) -> str:
    if standing.ends:
        return " and ".join(_words(end) for end in sorted(standing.ends, key=lambda end: -end.revision))
    if standing.executions:
        return f"that execution {min(standing.executions)} has not ended"
    return "nothing of an end" if standing.open is None else f"that it {standing.open.why}"


def _words(told: Told) -> str:
    return told.outcome if told.execution_id is None else f"{told.outcome} (execution {told.execution_id})"


def _place(one: Reported, topics: Topics) -> str:
    return f"{topics.results}/{one.partition}/{one.offset}"


def _trigger(standing: Standing, topics: Topics) -> str:
    return f"{topics.triggers}/{standing.subject.partition}/{standing.subject.offset}"
