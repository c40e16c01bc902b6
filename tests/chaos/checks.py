"""Each promise held against the evidence: what breaks it, in words. Pure."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from chaos.attribution import MAY_LEAVE_UNKNOWN, cause_of
from chaos.evidence import Evidence, Happened, Made, Result
from chaos.history import History, Try, histories
from chaos.plan import Kind

_SHOWN = 5


@dataclass(slots=True)
class Books:
    """The evidence, looked up; and, by the number of the fault, what was put down to it."""

    evidence: Evidence
    ledgers: Mapping[int, History]
    made: Mapping[str, list[Made]]
    final: Mapping[str, Result]
    unknown: Counter[int] = field(default_factory=Counter)
    never_executed: Counter[int] = field(default_factory=Counter)
    duplicates: Counter[int] = field(default_factory=Counter)

    @classmethod
    def of(cls, evidence: Evidence) -> "Books":
        """Nothing put down to any fault yet."""
        made: dict[str, list[Made]] = defaultdict(list)
        for execution in evidence.made:
            made[execution.event].append(execution)
        return cls(evidence, histories(evidence.ledger), dict(made), _final(evidence.results))


def _final(results: Iterable[Result]) -> dict[str, Result]:
    """By trigger the result with the highest revision, the first of equal ones."""
    best: dict[str, Result] = {}
    for result in results:
        if result.trigger not in best or result.revision > best[result.trigger].revision:
            best[result.trigger] = result
    return best


def duplicates(books: Books) -> Iterator[str]:
    for event, executions in books.made.items():
        first = "before all this" if event in books.evidence.repeated else executions[0].id
        for again in executions if event in books.evidence.repeated else executions[1:]:
            during = [fault for fault in books.evidence.faults if fault.began <= again.at]
            if during:
                books.duplicates[during[-1].number] += 1
            last = f", last before it {_named(during[-1])}" if during else ""
            yield f"duplicate: {event} was executed ({first}) and again as {again.id}, at {again.at}{last}"


def lost(books: Books) -> Iterator[str]:
    """Events that nothing tells of, and triggers without an outcome."""
    told = set(books.evidence.triggers.values())
    missing = [event for event in books.evidence.published if event not in told]
    # A dead letter does tell, though not of which event.
    for event in missing[books.evidence.dead_letters :]:
        yield f"lost: {event} became no trigger"
    for trigger, event in books.evidence.triggers.items():
        if trigger not in books.final:
            yield f"lost: {event} has a trigger and no outcome"


def untrue(books: Books) -> Iterator[str]:
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
    strangers = books.made.keys() - books.evidence.published.keys() - books.evidence.repeated
    yield from (f"untrue: the vendor executed {event}, which nobody published" for event in sorted(strangers)[:_SHOWN])


def unknowns(books: Books) -> Iterator[str]:
    """Each unknown must come of a fault that may leave one; of a killed replica only what was in flight."""
    tries = {
        attempt.intent.trigger: attempt
        for history in books.ledgers.values()
        for attempt in history.tries.values()
        if attempt.doubted is not None
    }
    for trigger, result in books.final.items():
        if result.outcome != "unknown":
            continue
        attempt = tries.get(trigger)
        cause = None if attempt is None else _cause(books, attempt)
        if cause is not None:
            books.unknown[cause.number] += 1
            books.never_executed[cause.number] += result.event not in books.made
        if attempt is None:
            yield f"unknown: {result.event}, of which the ledger has no attempt in doubt"
        elif (why := _inexcusable(attempt, cause)) is not None:
            yield f"unknown: {result.event} {why}"


def _cause(books: Books, attempt: Try) -> Happened | None:
    evidence = books.evidence
    return cause_of(attempt, evidence.faults, evidence.vendor_grace, evidence.self_ends)


def _inexcusable(attempt: Try, cause: Happened | None) -> str | None:
    if cause is None:
        return f"comes of no fault; attempted by {attempt.owner} at {attempt.intent.at}"
    if cause.kind not in MAY_LEAVE_UNKNOWN:
        return f"after {_named(cause)}, which may not leave any"
    if cause.kind is Kind.KILL and not attempt.left_open_by(cause.began):
        return f"after {_named(cause)}, though its attempt had ended"
    return None


def ends(evidence: Evidence) -> Iterator[str]:
    for end in evidence.self_ends:
        how = "after SIGTERM" if end.asked else "by itself"
        yield f"ended: {end.replica} {how} with code {end.code}, at {end.at}: {end.said}"


def _named(fault: Happened) -> str:
    return f"fault {fault.number} ({fault.kind})"
