"""What an episode's evidence says: of each fault what it cost, and each promise that was broken. Pure."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from chaos.checks import Books, duplicates, ends, lost, unknowns, untrue
from chaos.evidence import Evidence, Happened
from chaos.gaps import false_gaps
from chaos.plan import Kind
from chaos.timing import goes_on_after, longest_pause, worst_delay


@dataclass(frozen=True, slots=True)
class Row:
    """What one fault cost. Times are seconds, None where there is nothing to measure.

    `in_flight`: attempts of the victim without an end when it was hit. `never_executed`: of the `unknown`, those that the
    vendor knows nothing of. `goes_on`: until each partition of the victim had a new attempt, by its next owner.
    """

    number: int
    kind: Kind
    detail: str
    duplicates: int
    unknown: int
    never_executed: int
    in_flight: int | None
    goes_on: float | None
    pause: float
    delay: float | None
    recovered: float


@dataclass(frozen=True, slots=True)
class Account:
    """An episode, accounted for. `broken`: each broken promise in words; `late`: those that are about time."""

    events: int
    executions: int
    outcomes: Mapping[str, int]
    duplicates: int
    lost: int
    rows: tuple[Row, ...]
    broken: tuple[str, ...]
    late: tuple[str, ...]
    false_gaps: int
    self_ends: int
    lag_p99: float


def account(evidence: Evidence, goes_on_within: float) -> Account:
    """Compare what the service says with the vendor's own log. `goes_on_within`: seconds, for the work of a killed replica."""
    books = Books.of(evidence)
    gaps = false_gaps(evidence.ledger, evidence.losses)
    twice = list(duplicates(books))
    missing = list(lost(books))
    broken = [*twice, *missing, *untrue(books), *unknowns(books), *ends(evidence), *gaps]
    broken += [] if evidence.stuck is None else [evidence.stuck]
    rows = tuple(_row(books, fault) for fault in evidence.faults)
    late = [
        f"fault {row.number} ({row.kind}): the killed replica's work went on after "
        f"{'more than the episode' if row.goes_on is None else f'{row.goes_on:.1f} s'}, not within {goes_on_within:g} s"
        for row in rows
        if row.kind is Kind.KILL and row.in_flight is not None and not _within(row.goes_on, goes_on_within)
    ]
    return Account(
        events=len(evidence.published),
        executions=len(evidence.made),
        outcomes=dict(Counter(result.outcome for result in books.final.values())),
        duplicates=len(twice),
        lost=len(missing),
        rows=rows,
        broken=tuple(broken),
        late=tuple(late),
        false_gaps=len(gaps),
        self_ends=len(evidence.self_ends),
        lag_p99=evidence.lag_p99,
    )


def _row(books: Books, fault: Happened) -> Row:
    killed = fault.kind is Kind.KILL and fault.victim is not None
    of_victim = [one for ledger in books.ledgers.values() for one in ledger.tries.values() if one.owner == fault.victim]
    return Row(
        number=fault.number,
        kind=fault.kind,
        detail=fault.detail,
        duplicates=books.duplicates[fault.number],
        unknown=books.unknown[fault.number],
        never_executed=books.never_executed[fault.number],
        in_flight=sum(one.left_open_by(fault.began) for one in of_victim) if killed else None,
        goes_on=goes_on_after(books.ledgers.values(), fault) if killed else None,
        pause=longest_pause(books.ledgers.values(), fault),
        delay=worst_delay(books.evidence.published, books.made, fault),
        recovered=fault.seconds,
    )


def _within(seconds: float | None, limit: float) -> bool:
    return seconds is not None and seconds <= limit
