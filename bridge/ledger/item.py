"""What is known of one trigger, and what follows from it. Pure: no clock, no I/O."""

from typing import assert_never

from msgspec import Struct, field

from bridge.ledger.certainty import certainty
from bridge.ledger.records import (
    About,
    Accepted,
    Attempt,
    Dropped,
    Ended,
    Intent,
    OfAttempt,
    Parked,
    Record,
    Refused,
    Released,
    Unknown,
)
from bridge.triggers import OnUnknown

End = Accepted | Refused | Dropped | Ended | Unknown

# The rank of an outcome is also the `revision` of its result, so that two writers need not agree on a counter.
# ledger.md, "What counts as finished"; docs/architecture.md tells why. What ended before any attempt has a rank of its own,
# below `unknown`: of an event that comes again when it is forgotten nobody can say that it was not called.
NEVER_TRIED_RANK = 1
UNKNOWN_RANK = 2
_TRIED_IN_VAIN = 3
REFUSED_RANK = 4  # `rejected` by the vendor outranks a drop: a call was made
# The outcome of an execution that did not end in time: it may end after all, and is then told of again.
UNRESOLVED = "unresolved"
_OF_EXECUTIONS = {"lost": 5, UNRESOLVED: 5, "failed": 6, "published": 7}
# An execution exists that reached somebody, or may have.
REACHED_RANKS = frozenset({5, 7})


def rank_of(end: End) -> int:
    """1 (never tried) to 7 (published); 0 for an execution that has not ended."""
    match end:
        case Accepted():
            return 0
        case Refused():
            return REFUSED_RANK
        case Unknown() | Dropped(outcome="unknown"):
            return UNKNOWN_RANK
        case Dropped(attempts=attempts):
            return _TRIED_IN_VAIN if attempts else NEVER_TRIED_RANK
        case Ended():
            return rank_of_execution(end.outcome)
    assert_never(end)


def rank_of_execution(outcome: str) -> int:
    """The rank of an execution that ended so. Raises KeyError for another text."""
    return _OF_EXECUTIONS[outcome]


class New(Struct, frozen=True, gc=False):
    """Nothing is known: it may be called."""


class InFlight(Struct, frozen=True, gc=False):
    """An attempt has no end yet."""

    attempts: tuple[Attempt, ...]


class Waiting(Struct, frozen=True, gc=False):
    """Another attempt may be made. `made` counts those that were; `doubtful` when one of them may have had an effect."""

    made: int
    doubtful: bool
    parked: bool


class Finished(Struct, frozen=True, gc=False):
    """No further attempt, ever."""


Standing = New | InFlight | Waiting | Finished


class Item(Struct, gc=False):
    """All that the ledger says of one trigger. Changed by the fold alone."""

    about: About
    # Revision of the outcome that was remembered when only a late record brought the item back, or 0.
    floor: int = 0
    # What is known best of each attempt, by its nonce, in the order in which it became known.
    attempts: dict[str, OfAttempt] = field(default_factory=dict)
    parked: Parked | None = None
    dropped: Dropped | None = None
    # Whether it was `unknown` once, and so finished with that result before whatever came later.
    doubted: bool = False
    # Event id of a newer trigger that replaces this one by `supersede_by`, once that one was called (bridge.ledger.rivals).
    overtaken_by: str | None = None
    # Revision of the best result that is known to be written.
    written: int = 0
    # The broker's time of the newest record, ms, and its offset.
    at: int = 0
    newest: int = 0
    # From this offset on the ledger tells all of it: what a digest's reader must not begin behind.
    since: int = 0
    # Whether nobody asks any more how its unresolved executions end. No record says so: it follows from their age.
    given_up: bool = False

    def __post_init__(self) -> None:
        self.written = self.floor

    def learn(self, record: Record) -> None:
        """Take in a record of this trigger that counts."""
        match record:  # the usual ones first
            case Intent() | Accepted() | Ended() | Unknown() | Released() | Refused():
                nonce = record.attempt.nonce
                known = self.attempts.get(nonce)
                if known is None or _outdoes(record, known):
                    self.attempts.pop(nonce, None)
                    self.attempts[nonce] = record
                if isinstance(record, Unknown):
                    self.doubted = True
                elif isinstance(record, Ended):
                    self.result_written()  # it is written before the record
                if self.parked is not None and self._accepted():
                    self.parked = None
            case Parked():
                # What it waits with is large, and of no use any more once there is an execution.
                if not self._accepted():
                    self.parked = record
            case Dropped():
                # Of two equal ones the first stays.
                if self.dropped is None or rank_of(record) > rank_of(self.dropped):
                    self.dropped = record
            case _:
                self.result_written()

    def told_by(self, record: Record) -> bool:
        """Whether this record alone, which the item has just learned, tells all of it: it may be forgotten how it came."""
        return (
            isinstance(record, Accepted | Ended)
            and len(self.attempts) == 1
            and self.attempts.get(record.attempt.nonce) is record
            and not (self.parked or self.dropped or self.doubted or self.floor or self.overtaken_by)
            and (record.about is self.about or record.about == self.about)
        )

    def result_written(self) -> None:
        """The result of the best end is known to be on the results topic."""
        end = self.best_end()
        self.written = max(self.written, 0 if end is None else rank_of(end))

    def result_due(self) -> End | None:
        """The end whose result is, or may be, still to write; None while more is to come."""
        end = self.best_end()
        if end is None or rank_of(end) <= self.written or self.open_executions():
            return None
        return end if isinstance(self.standing(), Finished) else None

    def finished_before(self, committed: int) -> bool:
        """Whether its progress on the triggers topic, committed up to that offset, says that the result due is written.

        A parked trigger's place there is done with while it waits, and that of an `unknown` one before late news.
        """
        if self.parked is not None or (self.doubted and not isinstance(self.best_end(), Unknown)):
            return False
        return self.about.offset < committed

    def standing(self, without: str | None = None) -> Standing:
        """What may be done with the trigger now; `without`: but for the attempt with that nonce."""
        in_flight: list[Attempt] = []
        made, doubtful, ended = 0, False, False
        for nonce, end in self.attempts.items():  # asked several times for each call: by one walk
            made = max(made, end.attempt.number)
            if nonce == without:
                continue
            if isinstance(end, Intent):
                in_flight.append(end.attempt)
            elif isinstance(end, Unknown):
                doubtful = True
            elif not isinstance(end, Released):
                ended = True
        if in_flight:
            return InFlight(tuple(in_flight))
        if ended or self.floor:
            return Finished()  # a late `released` of one attempt must not undo what another one achieved
        # One that was given up in doubt, and whose attempts then turn out to have had no effect, is to be given up anew.
        cleared = self.dropped is not None and self.dropped.outcome == "unknown" and self.attempts and not doubtful
        if self.dropped is not None and not cleared:
            return Finished()
        if doubtful and self.about.on_unknown is OnUnknown.PARK:
            return Finished()
        return Waiting(made, doubtful, self.parked is not None)

    def called_for_good(self) -> bool:
        """Whether an attempt of it came to its end at the vendor and none is under way: no other will be made."""
        ends = self.attempts.values()
        return any(isinstance(end, Accepted | Refused | Ended) for end in ends) and not any(
            isinstance(end, Intent) for end in ends
        )

    @property
    def doubtful(self) -> bool:
        """Whether one of its attempts may have had an effect that nobody knows of."""
        return any(isinstance(end, Unknown) for end in self.attempts.values())

    def _accepted(self) -> bool:
        return any(isinstance(end, Accepted | Ended) for end in self.attempts.values())

    def open_executions(self) -> list[Accepted]:
        """Executions that have not been seen to end."""
        return [end for end in self.attempts.values() if isinstance(end, Accepted)]

    def unresolved(self) -> list[Ended]:
        """Executions that did not end in time, and of which more is to come if they end after all."""
        ends = [] if self.given_up else self.attempts.values()
        return [end for end in ends if isinstance(end, Ended) and end.outcome == UNRESOLVED]

    def best_end(self) -> End | None:
        """The end with the highest rank, the first of equals; None while there is none."""
        # A trigger that is dropped as unknown tells of all its attempts, each of these only of itself.
        ends: list[End] = [] if self.dropped is None else [self.dropped]
        ends.extend(end for end in self.attempts.values() if isinstance(end, Refused | Ended | Unknown))
        return max(ends, key=rank_of, default=None)

    def improved_by(self, ended: Ended) -> bool:
        """Whether this end of an execution would be a better outcome than any that is known."""
        best = self.best_end()
        return rank_of(ended) > max(self.floor, self.written, 0 if best is None else rank_of(best))

    def done(self) -> bool:
        """Whether nothing more is to come of it, but for late facts."""
        if self.open_executions() or self.unresolved():
            return False
        return isinstance(self.standing(), Finished) and self.result_due() is None


def _outdoes(new: OfAttempt, known: OfAttempt) -> bool:
    """Whether `new` says more of an attempt than `known`: a fact beats an unknown, an end beats an acceptance."""
    more = certainty(new) - certainty(known)
    return more > 0 or (
        more == 0 and isinstance(new, Ended) and isinstance(known, Ended) and rank_of(new) > rank_of(known)
    )
