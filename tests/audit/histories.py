"""A trigger's records by hand, and what an audit says of them."""

from dataclasses import dataclass, replace
from typing import Any

from ledger.memory import START
from ledger.samples import trigger, trigger_named

from bridge.audit.findings import Kind, Subject, Why
from bridge.audit.history import Chronicle, History
from bridge.audit.judging import Terms, judge
from bridge.audit.results import Judged, Reported, Topics, reported
from bridge.audit.standing import Limits
from bridge.ledger.item import End, Item
from bridge.ledger.records import Claim, Line, Record, is_decision
from bridge.outcomes.compose import compose
from bridge.outcomes.reading import read_result

T = trigger_named("t")
SUBJECT = Subject(T, "e1", "goal", 0, 0, START, trigger().expires_at)
TOPICS = Topics("triggers", "ledger", "results")
MINUTE = 60_000
# Long after all that the samples tell of.
LATER = START + 60 * MINUTE
CLAIM, NEW_CLAIM = Claim("old"), Claim("new")


@dataclass(frozen=True, slots=True)
class Under:
    """A decision under the claim that lies at this offset."""

    claim: int
    record: Record


def history(*records: Record | Under) -> History | None:
    """A ledger that begins with a claim, at offset 0; what follows was written under the newest claim unless it says other."""
    chronicle, newest = Chronicle(), 0
    for offset, one in enumerate((CLAIM, *records)):
        record = one.record if isinstance(one, Under) else one
        newest = offset if isinstance(record, Claim) else newest
        claim = one.claim if isinstance(one, Under) else newest
        chronicle.apply(offset, START + offset, Line(record, claim if is_decision(record) else None))
    return chronicle.histories.get(T)


def result(end: End, *, timestamp: int = START, offset: int = 0, **changes: Any) -> Reported:
    """The result of an end as the service writes it, but for what is changed."""
    about = getattr(end, "about", None)
    assert about is not None
    written = read_result(compose(T, Item(about), end).model_dump_json().encode())
    return reported(replace(written, fields=written.fields | changes), 0, offset, timestamp)


def audited(
    *records: Record | Under,
    results: tuple[Reported, ...] = (),
    committed: int = 1,
    now: int = LATER,
    grace: int = MINUTE,
    tells_since: int = 0,
    before: tuple[History, ...] = (),
) -> Judged:
    """What an audit says of the trigger at offset 0."""
    limits = Limits(now, grace, deadline=30 * MINUTE)
    return judge(SUBJECT, history(*records), results, Terms(TOPICS, limits, committed, tells_since), before)


def kinds(judged: Judged) -> list[Kind]:
    return [one.kind for one in judged.faults]


def why(judged: Judged) -> Why | None:
    assert not judged.faults
    return None if judged.open is None else judged.open.why
