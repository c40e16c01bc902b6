"""An audit's report, for people and for programs."""

from collections import Counter
from dataclasses import asdict
from typing import Any

import orjson
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Column, Table
from rich.text import Text

from bridge.audit.findings import Fault, Report
from bridge.durations import format_instant
from bridge.terminal import plain

# Of each list; JSON has all.
_MOST = 20


def as_json(report: Report) -> str:
    """All of it, as one JSON object."""
    value: dict[str, Any] = {
        "from": format_instant(report.start),
        "to": format_instant(report.end),
        "taken_at": format_instant(report.taken_at),
        "triggers": report.triggers,
        "tests": report.tests,
        "trigger_records": report.records,
        "not_triggers": report.garbage,
        "outcomes": dict(report.outcomes),
        "possible_duplicates": report.repeats,
        "open": [asdict(one) for one in report.open],
        "faults": [asdict(one) for one in report.faults],
    }
    return orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()


def render(report: Report, console: Console) -> None:
    """For people: counts, what is open, and the faults last, where they are seen."""
    console.print(_head(report))
    console.print(Padding(_counts(report), (1, 2), expand=False))
    if report.open:
        console.print(_opened(report))
    for one in report.faults[:_MOST]:
        console.print(_told(one))
    if len(report.faults) > _MOST:
        console.print(f"... and {len(report.faults) - _MOST} more faults: --format json has all.\n")
    console.print(_verdict(report))


def _head(report: Report) -> str:
    return (
        f"Triggers written from {format_instant(report.start)} to {format_instant(report.end)}, "
        f"as of {format_instant(report.taken_at)}"
    )


def _counts(report: Report) -> Table:
    table = Table.grid(Column(justify="right"), Column(), padding=(0, 2))
    again = report.records - report.triggers
    table.add_row(f"{report.triggers:,}", "triggers" + (f" ({again:,} were written again)" if again else ""))
    if report.tests:
        table.add_row(
            f"{report.tests:,}", f"of them {'a test' if report.tests == 1 else 'tests'}, made by `bridge send`"
        )
    for outcome, count in report.outcomes.most_common():
        table.add_row(f"{count:,}", outcome)
    table.add_row(f"{len(report.open):,}", "open")
    table.add_row(f"{len(report.faults):,}", "faults", style="bold red" if report.faults else None)
    if report.repeats:
        table.add_row(f"{report.repeats:,}", "called again after an unknown end, and flagged so")
    if report.garbage:
        table.add_row(f"{report.garbage:,}", "records that are no triggers")
    return table


def _opened(report: Report) -> RenderableType:
    whys = Counter(one.why for one in report.open)
    table = Table(Column("trigger", no_wrap=True), "event", "route", "why", box=None, padding=(0, 2, 0, 0))
    for one in report.open[:_MOST]:
        table.add_row(*map(Text, (one.trigger_id, plain(one.event_id), one.route, f"{one.why}: {plain(one.text)}")))
    summary = ", ".join(f"{count:,} {why}" for why, count in whys.most_common())
    more = len(report.open) - _MOST
    parts: list[RenderableType] = [Text(f"Open: {summary}", "bold"), Padding(table, (0, 2), expand=False)]
    if more > 0:
        parts.append(Text(f"  ... and {more:,} more: --format json has all."))
    return Group(*parts, Text())


def _told(one: Fault) -> RenderableType:
    about = f"event {plain(one.event_id)}, route {plain(one.route or '?')}, " if one.event_id is not None else ""
    trigger = "" if one.trigger_id is None else f"trigger {plain(one.trigger_id)}: "
    head = Text.assemble((str(one.kind), "bold red"), f"  {trigger}{about}{one.where}")
    return Group(head, Padding(Text(plain(one.text)), (0, 4), expand=False), Text())


def _verdict(report: Report) -> Text:
    if report.faults:
        word = "fault" if len(report.faults) == 1 else "faults"
        return Text(f"{len(report.faults):,} {word}. docs/audit.md says what each means, and what to do.", "bold red")
    open_ones = " or is open" if report.open else ""
    return Text(
        f"In order: every trigger has exactly one outcome{open_ones}, and no second call is unflagged.", "bold green"
    )
