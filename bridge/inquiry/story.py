"""What happened to one trigger, moment by moment, in words. Pure.

Nothing of a trigger's context is told: it may name people.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import assert_never

from bridge.audit.history import Entry, History
from bridge.ledger.digest import Digest
from bridge.ledger.fold import about_of
from bridge.ledger.records import (
    About,
    Accepted,
    Carried,
    Claim,
    Dropped,
    Ended,
    Intent,
    OfAttempt,
    Parked,
    Record,
    Refused,
    Released,
    Reported,
    Unknown,
)
from bridge.outcomes.reading import WrittenResult
from bridge.triggers import Trigger


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record lies, and its time there (ms)."""

    topic: str
    partition: int
    offset: int
    timestamp: int

    def __str__(self) -> str:
        return f"{self.topic}/{self.partition}/{self.offset}"


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that happened. `time` is ms; `where` the record that tells of it, None where that is another moment's."""

    time: int
    what: str
    text: str
    where: Place | None


@dataclass(slots=True)
class Story:
    """All records of a trigger that were found."""

    trigger_id: str
    triggers: list[tuple[Place, Trigger]] = field(default_factory=list)
    history: History | None = None
    ledger: tuple[str, int] = ("", 0)  # topic and partition of the history
    results: list[tuple[Place, WrittenResult]] = field(default_factory=list)

    @property
    def about(self) -> About | None:
        """What it is about, from its first record; None where only its results are left."""
        if self.triggers:
            place, trigger = self.triggers[0]
            return About.of(trigger, place.offset)
        entries = [] if self.history is None else self.history.entries
        return next((about for entry in entries if (about := about_of(entry.record)) is not None), None)

    def outcome(self) -> WrittenResult | None:
        """The result with the highest revision."""
        return max((result for _, result in self.results), key=lambda one: one.revision, default=None)


def moments(story: Story) -> list[Moment]:
    """In order of their times. They are of several clocks: the event's producer's, the replica's, the broker's."""
    told = [*_beginning(story), *_of_ledger(story), *_of_results(story.results)]
    return sorted(told, key=lambda moment: moment.time)


def _beginning(story: Story) -> Iterator[Moment]:
    about = story.about
    if about is not None:
        if about.event_time is not None:
            yield Moment(about.event_time, "event", "it happened, as the event says", None)
        where = "made a test of an event in a file, by `bridge send`" if about.test else f"read from {about.source}"
        yield Moment(about.received, "received", where, None)
    for number, (place, trigger) in enumerate(story.triggers):
        verdict = "" if trigger.verdict is None else f", not to be called: {trigger.verdict.reason}"
        again = f", once more, of event {trigger.event_id}" if number else ""
        if trigger.repeats is not None and not number:
            again = f", to repeat trigger {trigger.repeats.trigger} (number {trigger.repeats.number})"
        yield Moment(place.timestamp, "trigger", f"written to the triggers{again}{verdict}", place)


def _of_ledger(story: Story) -> Iterator[Moment]:
    topic, partition = story.ledger
    called: set[str] = set()
    for entry in [] if story.history is None else story.history.entries:
        record = entry.record
        if isinstance(record, Accepted | Refused) and record.attempt.nonce not in called and not entry.carried:
            called.add(record.attempt.nonce)
            yield Moment(record.attempt.called, "call", f"attempt {record.attempt.number} leaves for the vendor", None)
        place = Place(topic, partition, entry.offset, entry.timestamp)
        yield Moment(entry.timestamp, "carried" if entry.carried else record.kind, _words(entry), place)


def _words(entry: Entry) -> str:
    text = _in_words(entry.record)
    if entry.carried:
        return f"an owner wrote again what is known: {text}"
    return text if entry.counts else f"does not count, its replica had lost the partition by then: {text}"


def _in_words(record: Record) -> str:
    match record:
        case Intent() | Unknown() | Released() | Accepted() | Refused() | Ended():
            return _attempt_in_words(record)
        case Parked(why=why):
            return f"it waits in the ledger: {why}"
        case Dropped(outcome=outcome, reason=reason):
            return f"{outcome}: {reason}"
        case Reported():
            return "its result is written"
        case Claim() | Carried() | Digest():
            return record.kind  # no part of a history: what a `carried` holds is
    assert_never(record)


def _attempt_in_words(record: OfAttempt) -> str:
    attempt = f"attempt {record.attempt.number}"
    match record:
        case Intent():
            flag = ", possibly a duplicate" if record.attempt.possible_duplicate else ""
            return f"{attempt} may be under way from here on{flag}"
        case Unknown():
            return f"nobody can know whether {attempt} had an effect: {record.why}"
        case Released():
            return f"{attempt} certainly had no effect: {record.why}"
        case Accepted():
            return f"the vendor accepted {attempt}: execution {record.execution_id}"
        case Refused():
            return f"the vendor refused {attempt} with {record.status}: {record.text}"
        case Ended():
            end = f"{record.outcome}{_reaching(record.audience_size)}{_because(record.reason)}"
            return f"execution {record.execution_id} is {end}"
    assert_never(record)


def _of_results(results: Sequence[tuple[Place, WrittenResult]]) -> Iterator[Moment]:
    seen: set[object] = set()
    for place, result in results:
        again = " again" if result.fields["result_id"] in seen else ""
        seen.add(result.fields["result_id"])
        text = f"{result.fields['outcome']}, revision {result.revision}, written to the results{again}"
        yield Moment(place.timestamp, "result", text, place)


def closing(story: Story, why_open: str | None) -> str:
    """How it ended, in a sentence; `why_open`: what it waits for, if it does."""
    result = story.outcome()
    if result is None:
        if why_open:
            return f"No outcome yet: {why_open}."
        known = _end_in_words(story)
        return f"No outcome, and {known}: see `bridge audit`."
    text = f"{result.fields['outcome']}{_reaching(result.get('audience_size'))}{_because(result.get('reason'))}"
    if result.get("possible_duplicate"):
        text += "; another attempt may have reached people, too"
    if result.get("test"):
        text += "; it was a test"
    if why_open:
        text += f". More may come: {why_open}"
    return f"Outcome: {text}."


def _end_in_words(story: Story) -> str:
    """Of one whose result is not on its topic (any more)."""
    entries = [] if story.history is None else story.history.entries
    ends = [entry.record for entry in entries if entry.counts and isinstance(entry.record, Dropped | Ended | Refused)]
    return f"the ledger knows its end ({_in_words(ends[-1])})" if ends else "nothing says why"


def _reaching(audience: int | None) -> str:
    return "" if audience is None else f", audience {audience:,}"


def _because(reason: str | None) -> str:
    return "" if reason is None else f": {reason}"
