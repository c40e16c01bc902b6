"""`bridge outcomes`."""

import sys
from collections.abc import Callable
from enum import StrEnum
from typing import Annotated, get_args

import typer

from bridge.audit.standing import Limits
from bridge.cli.check import Config
from bridge.cli.connecting import connected
from bridge.cli.spans import From, To, span
from bridge.clock import SystemClock
from bridge.durations import format_instant
from bridge.errors import BridgeError
from bridge.inquiry.searching import Found, stories
from bridge.inquiry.searching import outcomes as outcomes_of
from bridge.inquiry.showing import show_stories, show_table, stories_as_json
from bridge.inquiry.table import as_csv, as_json, chosen
from bridge.kafka.archive import Archive
from bridge.kafka.connection import Connection
from bridge.kafka.rights import rights_of
from bridge.outcomes.model import OutcomeName
from bridge.outcomes.reading import WrittenResult, read_result
from bridge.settings import Settings
from bridge.terminal import console


class Format(StrEnum):
    """How outcomes are printed."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


def outcomes(
    name: Annotated[
        str | None,
        typer.Argument(metavar="ID", help="An event id or a trigger id: what happened to it, as a timeline."),
    ] = None,
    *,
    start: From = "24h",
    end: To = "0s",
    route: Annotated[str | None, typer.Option(help="Only the outcomes of this route.")] = None,
    outcome: Annotated[str | None, typer.Option(help=f"Only this outcome: {', '.join(get_args(OutcomeName))}.")] = None,
    form: Annotated[
        Format,
        typer.Option(
            "--format",
            help="table for people, csv for spreadsheets (a text that begins with =, +, - or @ gets an apostrophe before "
            "it, so that none takes it for a formula), json for programs.",
        ),
    ] = Format.TABLE,
    config: Config = None,
) -> None:
    """What became of events: of one, as a timeline, or of all that were received in a span, a line each.

    With an ID, --from says how far back it is looked for. Ends with 1 when nothing is known of it.
    """
    now = SystemClock().now()
    first, last = span(start, end, now)
    if outcome is not None and outcome not in get_args(OutcomeName):
        raise typer.BadParameter(f"{outcome} is no outcome: {', '.join(get_args(OutcomeName))}")
    if name is None:
        _table(first, last, chosen(route, outcome), form, config)
    elif form is Format.CSV:
        raise typer.BadParameter("a timeline is a table or json")
    else:
        _timeline(name, first, now, form, config)


def _table(first: int, last: int, wanted: Callable[[WrittenResult], bool], form: Format, config: Config) -> None:
    async def look(settings: Settings, connection: Connection) -> list[bytes]:
        async with Archive(connection) as archive:
            return await outcomes_of(archive, settings.name, first, last)

    results = filter(
        wanted, map(read_result, connected(config, look, lambda settings: rights_of("outcomes", settings.name)))
    )
    match form:
        case Format.CSV:
            sys.stdout.writelines(as_csv(results))
        case Format.JSON:
            sys.stdout.writelines(as_json(results))
        case Format.TABLE:
            show_table(list(results), console())


def _timeline(name: str, first: int, now: int, form: Format, config: Config) -> None:
    async def look(settings: Settings, connection: Connection) -> list[Found]:
        async with Archive(connection) as archive:
            following = settings.reconcile
            limits = Limits(now, 0, following.deadline, corrections=following.follow_unresolved)
            found = await stories(archive, settings.name, name, first, limits)
        if not found:
            since = format_instant(first)
            raise BridgeError(f"nothing is known of {name} since {since}; --from 7d looks further back")
        return found

    found = connected(config, look, lambda settings: rights_of("outcomes ID", settings.name))
    if form is Format.JSON:
        print(stories_as_json(found))
    else:
        show_stories(found, console())
