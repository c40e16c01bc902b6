"""What `bridge resend` and `bridge redrive` have in common: options, the look before the leap, the exit code."""

import os
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Annotated

import typer

from bridge.cli.connecting import connected
from bridge.cli.spans import span
from bridge.configfile import ConfigError
from bridge.durations import parse_duration
from bridge.errors import StartupRefused
from bridge.kafka.connection import Connection
from bridge.reloading.lookups import TopicLookups
from bridge.repeating.plan import Plan
from bridge.repeating.selecting import Selection
from bridge.repeating.service import Service, reached, refuse_shadow
from bridge.repeating.showing import console, show
from bridge.routing import load_table
from bridge.settings import Settings
from bridge.terminal import plain

Route = Annotated[str | None, typer.Option("--route", help="Only what this route made.")]
From = Annotated[
    str | None,
    typer.Option(
        "--from",
        help="Received since then: an RFC 3339 time with a zone, or a duration back from now, as in 2h. "
        "Default: 24h; with ids 7d.",
    ),
]
To = Annotated[str, typer.Option("--to", help="As --from, not included.")]
ExpiresAfter = Annotated[
    str | None,
    typer.Option(
        "--expires-after",
        help="A new expiry, counted from now, as in 10m. At most the route's dedup_window. Default: the one it had.",
    ),
]
Limit = Annotated[int, typer.Option("--limit", min=1, help="Refuse when more would be sent.")]
Yes = Annotated[bool, typer.Option("--yes", help="Send. Without it nothing is written.")]

# How far back is looked: triggers are kept for 7 d.
_NEAR, _FAR = "24h", "7d"

Planning = Callable[[Service], Awaitable[Plan]]


def expiry(text: str | None) -> int | None:
    """Milliseconds."""
    try:
        return None if text is None else parse_duration(text)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--expires-after") from error


def selection(
    ids: Sequence[str] | None, route: str | None, outcomes: Sequence[str], times: tuple[str | None, str], now: int
) -> Selection:
    """What the options select; `times` are --from and --to. All that there is, nobody means."""
    start, end = times
    if not ids and route is None and start is None:
        raise typer.BadParameter("say which: ids of events or triggers, or --route, or --from")
    first, last = span(start or (_FAR if ids else _NEAR), end, now)
    return Selection(frozenset(ids or ()), route, outcomes, first, last)


def carry_out(
    config: Path | None, routes: Path, planning: Planning, now: int, *, yes: bool, named: bool, verb: str
) -> None:
    """Make the plan, show it, and with `yes` write it. Ends with 1 when what was `named` by ids comes to nothing."""

    async def work(settings: Settings, connection: Connection) -> Plan:
        refuse_shadow(settings)
        try:
            lookups = TopicLookups()
            table = load_table(
                routes,
                os.environ,
                brands=set(settings.brands),
                registry=settings.registry is not None,
                live=lookups.entries,
            )
            async with reached(settings, table, connection, verb) as service:
                await lookups.read(table.lookups, connection)
                plan = await planning(service)
                show(plan, now, console())
                if yes and plan.sends:
                    await service.write(plan.sends)
                return plan
        except ConfigError as error:
            print(error, file=sys.stderr)
        except StartupRefused as error:
            print(f"error: {error}", file=sys.stderr)
        raise typer.Exit(2)

    plan = connected(config, work)
    print(_end(plan, yes=yes))
    raise typer.Exit(1 if named and not plan.sends and not plan.asked else 0)


def _end(plan: Plan, *, yes: bool) -> str:
    if not plan.lines:
        return "Nothing is selected, so nothing is sent."
    if not plan.sends:
        return "Nothing is sent."
    if not yes:
        return "Nothing is written yet: say --yes to send."
    follow = plain(plan.sends[0].trigger.event_id) if len(plan.sends) == 1 else "--from 10m"
    return f"{len(plan.sends):,} written. What becomes of it: `bridge outcomes {follow}`."
