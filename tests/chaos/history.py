"""Who owned what in a ledger, and what became of each attempt. Pure."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from chaos.evidence import Line

_ENDS = frozenset({"accepted", "refused", "released", "unknown"})


@dataclass(slots=True)
class Try:
    """An attempt that counted: its intent under the claim in force, and the first record that ended it, if there is any.

    `taken`: the first claim of another replica behind the intent.
    """

    intent: Line
    owner: str
    ended: Line | None = None
    doubted: Line | None = None
    taken: Line | None = None

    def left_open_by(self, at: int) -> bool:
        """Whether it was under way when its replica was stopped for good at that time (ms)."""
        if self.taken is None:
            return self.ended is None
        return self.taken.at > at and (self.ended is None or self.ended.offset > self.taken.offset)

    @property
    def taken_over(self) -> bool:
        """Whether somebody with a later claim had to call it unknown."""
        return self.doubted is not None and self.doubted.claim != self.intent.claim


@dataclass(slots=True)
class History:
    """One partition's claims in order, and its attempts by nonce."""

    claims: list[Line] = field(default_factory=list)
    tries: dict[str, Try] = field(default_factory=dict)

    def claim_at(self, offset: int) -> Line | None:
        """The claim in force at an offset."""
        index = bisect_right(self.claims, offset, key=lambda claim: claim.offset)
        return self.claims[index - 1] if index else None

    def owner_at(self, at: int) -> str | None:
        """The replica whose claim was the newest at a time (ms)."""
        index = bisect_right(self.claims, at, key=lambda claim: claim.at)
        return self.claims[index - 1].replica if index else None


def histories(ledger: Iterable[Line]) -> dict[int, History]:
    """The history of each partition."""
    partitions: dict[int, list[Line]] = defaultdict(list)
    for line in ledger:
        partitions[line.partition].append(line)
    return {number: _history(sorted(lines, key=lambda line: line.offset)) for number, lines in partitions.items()}


def _history(lines: Sequence[Line]) -> History:
    history = History()
    for line in lines:
        if line.kind == "claim":
            history.claims.append(line)
            _take(history, line)
            continue
        claim = history.claim_at(line.offset)
        if line.claim is not None and (claim is None or claim.offset != line.claim):
            continue  # a decision behind a newer claim says what a replica wanted and did not do
        if line.kind == "intent" and claim is not None and line.nonce is not None and claim.replica is not None:
            history.tries[line.nonce] = Try(line, claim.replica)
        elif line.nonce is not None and line.nonce in history.tries and line.kind in _ENDS:
            _end(history.tries[line.nonce], line)
    return history


def _take(history: History, claim: Line) -> None:
    for attempt in history.tries.values():
        if attempt.taken is None and attempt.owner != claim.replica:
            attempt.taken = claim


def _end(attempt: Try, line: Line) -> None:
    if line.kind == "unknown":
        attempt.doubted = attempt.doubted or line
    attempt.ended = attempt.ended or line
