"""`bridge audit`."""

import sys
from enum import StrEnum
from typing import Annotated

import typer

from bridge.audit.auditing import Asked, NotKept, Retentions, audit
from bridge.audit.findings import Report
from bridge.audit.report import as_json, render
from bridge.audit.standing import Limits
from bridge.cli.check import Config
from bridge.cli.connecting import connected
from bridge.cli.spans import From, To, span
from bridge.clock import SystemClock
from bridge.durations import parse_duration
from bridge.kafka.archive import Archive
from bridge.kafka.connection import Connection
from bridge.kafka.rights import rights_of
from bridge.settings import Settings
from bridge.terminal import console


class Format(StrEnum):
    """How the report is printed."""

    TEXT = "text"
    JSON = "json"


def check_span(
    start: From = "1h",
    end: To = "0s",
    form: Annotated[Format, typer.Option("--format", help="For people, or all of it as JSON.")] = Format.TEXT,
    grace: Annotated[str, typer.Option(help="What changed so short before is not judged yet.")] = "1m",
    config: Config = None,
) -> None:
    """Hold triggers, ledger and results of a span against one another: has every trigger that was written in it exactly
    one outcome, or is it still open, and was none called twice? The service may run meanwhile.

    Ends with 0 when all is in order, with 1 when there are faults, with 2 when the span begins before what is kept.
    """
    now = SystemClock().now()
    first, last = span(start, end, now)
    try:
        not_yet = parse_duration(grace)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error

    async def look(settings: Settings, connection: Connection) -> Report | NotKept:
        kept = settings.topics.retention
        retentions = Retentions(kept.triggers, kept.ledger, kept.results)
        limits = Limits(now, not_yet, settings.reconcile.deadline)
        async with Archive(connection) as archive:
            try:
                return await audit(archive, Asked(settings.name, first, last, limits, retentions))
            except NotKept as refused:
                return refused

    report = connected(config, look, lambda settings: rights_of("audit", settings.name))
    if isinstance(report, NotKept):
        print(f"error: {report}", file=sys.stderr)
        raise typer.Exit(2)
    if form is Format.JSON:
        print(as_json(report))
    else:
        render(report, console())
    raise typer.Exit(1 if report.faults else 0)
