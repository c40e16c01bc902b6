"""What an episode's evidence says: of each fault what it cost, and each promise that was broken. Pure."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from chaos.attribution import MAY_LEAVE_UNKNOWN, cause_of
from chaos.evidence import Evidence, Happened, Made, Result
from chaos.gaps import false_gaps
from chaos.history import History, Try, histories
from chaos.plan import Kind
from chaos.timing import goes_on_after, longest_pause, worst_delay

_SHOWN = 5


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


@dataclass(slots=True)
class _Books:
    """What several of the checks look up."""

    evidence: Evidence
    ledgers: Mapping[int, History]
    made: Mapping[str, list[Made]]
    final: Mapping[str, Result]
    unknown: Counter[int] = field(default_factory=Counter)
    never_executed: Counter[int] = field(default_factory=Counter)
    duplicates: Counter[int] = field(default_factory=Counter)


def account(evidence: Evidence, goes_on_within: float) -> Account:
    """Compare what the service says with the vendor's own log. `goes_on_within`: seconds, for the work of a killed replica."""
    made: dict[str, list[Made]] = defaultdict(list)
    for execution in evidence.made:
        made[execution.event].append(execution)
    books = _Books(evidence, histories(evidence.ledger), made, _final(evidence.results))
    gaps = false_gaps(evidence.ledger, evidence.losses)
    twice = list(_duplicates(books))
    lost = list(_lost(books))
    broken = [*twice, *lost, *_untrue(books), *_unknowns(books), *_ends(evidence), *gaps]
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
        lost=len(lost),
        rows=rows,
        broken=tuple(broken),
        late=tuple(late),
        false_gaps=len(gaps),
        self_ends=len(evidence.self_ends),
        lag_p99=evidence.lag_p99,
    )


def _final(results: Iterable[Result]) -> dict[str, Result]:
    """By trigger the result with the highest revision, the first of equal ones."""
    best: dict[str, Result] = {}
    for result in results:
        if result.trigger not in best or result.revision > best[result.trigger].revision:
            best[result.trigger] = result
    return best


def _duplicates(books: _Books) -> Iterator[str]:
    for event, executions in books.made.items():
        for again in executions[1:]:
            during = [fault for fault in books.evidence.faults if fault.began <= again.at]
            if during:
                books.duplicates[during[-1].number] += 1
            last = f", last before it {_named(during[-1])}" if during else ""
            yield f"duplicate: {event} was executed as {executions[0].id} and as {again.id}, at {again.at}{last}"


def _lost(books: _Books) -> Iterator[str]:
    """Events that nothing tells of, and triggers without an outcome."""
    told = set(books.evidence.triggers.values())
    missing = [event for event in books.evidence.published if event not in told]
    # A dead letter does tell, though not of which event.
    for event in missing[books.evidence.dead_letters :]:
        yield f"lost: {event} became no trigger"
    for trigger, event in books.evidence.triggers.items():
        if trigger not in books.final:
            yield f"lost: {event} has a trigger and no outcome"


def _untrue(books: _Books) -> Iterator[str]:
    """Outcomes that the vendor's log contradicts."""
    for result in books.final.values():
        executions = books.made.get(result.event, [])
        if result.outcome == "unknown":
            continue
        known = {execution.id: execution.status for execution in executions}
        if result.execution is not None and known.get(result.execution) != result.outcome:
            yield f"untrue: {result.event} is {result.outcome}; the vendor says {known.get(result.execution, 'nothing')}"
        elif result.execution is None and executions:
            yield f"untrue: {result.event} is {result.outcome}, and the vendor executed it as {executions[0].id}"
    strangers = books.made.keys() - books.evidence.published.keys()
    yield from (f"untrue: the vendor executed {event}, which nobody published" for event in sorted(strangers)[:_SHOWN])


def _unknowns(books: _Books) -> Iterator[str]:
    """Each unknown must come of a fault that may leave one; of a killed replica only what was in flight."""
    tries: dict[str, Try] = {}
    for history in books.ledgers.values():
        for attempt in history.tries.values():
            if attempt.doubted is not None and attempt.intent.trigger is not None:
                tries[attempt.intent.trigger] = attempt
    evidence = books.evidence
    for trigger, result in books.final.items():
        if result.outcome != "unknown":
            continue
        attempt = tries.get(trigger)
        if attempt is None:
            yield f"unknown: {result.event}, of which the ledger has no attempt in doubt"
            continue
        cause = cause_of(attempt, evidence.faults, evidence.vendor_grace, evidence.self_ends)
        if cause is not None:
            books.unknown[cause.number] += 1
            books.never_executed[cause.number] += result.event not in books.made
        if cause is None:
            yield f"unknown: {result.event} comes of no fault; attempted by {attempt.owner} at {attempt.intent.at}"
        elif cause.kind not in MAY_LEAVE_UNKNOWN:
            yield f"unknown: {result.event} after {_named(cause)}, which may not leave any"
        elif cause.kind is Kind.KILL and not attempt.in_flight:
            yield f"unknown: {result.event} after {_named(cause)}, though its attempt had ended"


def _ends(evidence: Evidence) -> Iterator[str]:
    for end in evidence.self_ends:
        how = "after SIGTERM" if end.asked else "by itself"
        yield f"ended: {end.replica} {how} with code {end.code}, at {end.at}: {end.said}"


def _row(books: _Books, fault: Happened) -> Row:
    killed = fault.kind is Kind.KILL and fault.victim is not None
    of_victim = [one for ledger in books.ledgers.values() for one in ledger.tries.values() if one.owner == fault.victim]
    return Row(
        number=fault.number,
        kind=fault.kind,
        detail=fault.detail,
        duplicates=books.duplicates[fault.number],
        unknown=books.unknown[fault.number],
        never_executed=books.never_executed[fault.number],
        in_flight=sum(one.in_flight for one in of_victim) if killed else None,
        goes_on=goes_on_after(books.ledgers.values(), fault) if killed else None,
        pause=longest_pause(books.ledgers.values(), fault),
        delay=worst_delay(books.evidence.published, books.made, fault),
        recovered=(fault.recovered - fault.began) / 1000,
    )


def _within(seconds: float | None, limit: float) -> bool:
    return seconds is not None and seconds <= limit


def _named(fault: Happened) -> str:
    return f"fault {fault.number} ({fault.kind})"
