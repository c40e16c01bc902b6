"""The sums over all episodes, and the verdict. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from chaos.accounting import Account, Row
from chaos.plan import Kind

_HITS_WANTED = 0.8
_MEAN_NEVER_EXECUTED = 2.0
_KILLS_FOR_A_MEAN = 10
_LAG_ALLOWED = 0.02


class Verdict(StrEnum):
    """What a run says of the promises."""

    KEPT = "kept"
    BROKEN = "broken"
    VOID = "void"


@dataclass(frozen=True, slots=True)
class Sum:
    """All faults of a kind. `hits`: kills that met attempts in flight."""

    kind: Kind
    count: int
    hits: int | None
    duplicates: int
    unknown: int
    most_unknown: int
    never_executed: int
    goes_on: float | None
    pause: float
    delay: float | None


@dataclass(frozen=True, slots=True)
class Totals:
    """A whole run. `why`: what made it void or broken, in words."""

    events: int
    executions: int
    duplicates: int
    lost: int
    unknown: int
    false_gaps: int
    lag_p99: float
    kinds: tuple[Sum, ...]
    verdict: Verdict
    why: tuple[str, ...]


def totals(accounts: Sequence[Account]) -> Totals:
    """Add the episodes up. What is late while the simulator lagged is void: its lag can only lengthen what is measured."""
    rows = [row for account in accounts for row in account.rows]
    kinds = tuple(_sum(kind, [row for row in rows if row.kind is kind]) for kind in Kind)
    broken = [line for account in accounts for line in account.broken]
    broken += [line for account in accounts for line in account.late if account.lag_p99 <= _LAG_ALLOWED]
    broken += _too_many_for_nothing(rows)
    void = [
        f"{line} (void: the simulator lagged)" for one in accounts if one.lag_p99 > _LAG_ALLOWED for line in one.late
    ]
    void += _too_few_hits(rows)
    return Totals(
        events=sum(account.events for account in accounts),
        executions=sum(account.executions for account in accounts),
        duplicates=sum(account.duplicates for account in accounts),
        lost=sum(account.lost for account in accounts),
        unknown=sum(account.outcomes.get("unknown", 0) for account in accounts),
        false_gaps=sum(account.false_gaps for account in accounts),
        lag_p99=max((account.lag_p99 for account in accounts), default=0.0),
        kinds=tuple(one for one in kinds if one.count),
        verdict=Verdict.BROKEN if broken else Verdict.VOID if void else Verdict.KEPT,
        why=(*broken, *void),
    )


def _sum(kind: Kind, rows: Sequence[Row]) -> Sum:
    return Sum(
        kind=kind,
        count=len(rows),
        hits=sum(bool(row.in_flight) for row in rows) if kind is Kind.KILL else None,
        duplicates=sum(row.duplicates for row in rows),
        unknown=sum(row.unknown for row in rows),
        most_unknown=max((row.unknown for row in rows), default=0),
        never_executed=sum(row.never_executed for row in rows),
        goes_on=max((row.goes_on for row in rows if row.goes_on is not None), default=None),
        pause=max((row.pause for row in rows), default=0.0),
        delay=max((row.delay for row in rows if row.delay is not None), default=None),
    )


def _too_many_for_nothing(rows: Sequence[Row]) -> list[str]:
    killed = [row.never_executed for row in rows if row.kind is Kind.KILL]
    mean = sum(killed) / len(killed) if killed else 0.0
    if len(killed) < _KILLS_FOR_A_MEAN or mean <= _MEAN_NEVER_EXECUTED:
        return []
    return [f"unknowns that were never executed: {mean:.2f} for each SIGKILL, more than {_MEAN_NEVER_EXECUTED:g}"]


def _too_few_hits(rows: Sequence[Row]) -> list[str]:
    killed = [row for row in rows if row.kind is Kind.KILL]
    hits = sum(bool(row.in_flight) for row in killed)
    if hits >= _HITS_WANTED * len(killed):
        return []
    return [f"void: only {hits} of {len(killed)} kills met calls in flight"]
