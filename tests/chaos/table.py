"""What a run found, as a person reads it."""

from collections.abc import Iterator

from chaos.record import Record
from chaos.totals import Sum, Totals, Verdict
from rich.table import Table

_COLUMNS = (
    "fault",
    "times",
    "in flight",
    "duplicates",
    "unknown",
    "most at once",
    "never executed",
    "goes on",
    "longest pause",
    "longest delay",
)
_SHOWN = 20


def table(record: Record) -> Table:
    """A line for each kind of fault."""
    shown = Table(*_COLUMNS, title="What each kind of fault cost (seconds are the worst of all times)")
    for column in shown.columns[1:]:
        column.justify = "right"
    for one in record.totals.kinds:
        shown.add_row(*_cells(one))
    return shown


def closing(record: Record) -> Iterator[str]:
    """What stands below the table."""
    total = record.totals
    yield (
        f"{len(record.accounts)} episodes, {total.events} events, {total.executions} executions: {total.duplicates} duplicates, "
        f"{total.lost} lost, {total.unknown} unknown, {total.false_gaps} false gaps; the simulator's loop was late by "
        f"{total.lag_p99 * 1000:.0f} ms at most (p99 of an episode)"
    )
    yield _SAYINGS[total.verdict]
    yield from total.why[:_SHOWN]
    if len(total.why) > _SHOWN:
        yield f"... and {len(total.why) - _SHOWN} more"


def exit_code(total: Totals) -> int:
    """0 kept, 1 broken, 2 void."""
    return {Verdict.KEPT: 0, Verdict.BROKEN: 1, Verdict.VOID: 2}[total.verdict]


_SAYINGS = {
    Verdict.KEPT: "Every promise was kept.",
    Verdict.BROKEN: "PROMISES WERE BROKEN:",
    Verdict.VOID: "The run is void, it shows nothing:",
}


def _cells(one: Sum) -> tuple[str, ...]:
    mean = one.unknown / one.count
    return (
        str(one.kind),
        str(one.count),
        "" if one.hits is None else f"{one.hits} of {one.count}",
        str(one.duplicates),
        f"{one.unknown} ({mean:.1f} each)",
        str(one.most_unknown),
        f"{one.never_executed} ({one.never_executed / one.count:.1f} each)",
        _seconds(one.goes_on),
        _seconds(one.pause),
        _seconds(one.delay),
    )


def _seconds(value: float | None) -> str:
    return "" if value is None else f"{value:.1f} s"
