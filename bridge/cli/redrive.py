"""`bridge redrive`."""

from typing import Annotated

import typer

from bridge.cli.check import Config, Routes
from bridge.cli.repeating import ExpiresAfter, From, Limit, Route, To, Yes, carry_out, expiry, selection
from bridge.clock import SystemClock
from bridge.repeating.plan import Plan
from bridge.repeating.redrive_plan import DEAD_LETTERS, plan_redrive
from bridge.repeating.service import Service


def redrive(
    *,
    routes: Routes,
    ids: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="ID",
            help="Ids of events or triggers; of dead letters where they were read: TOPIC/PARTITION/OFFSET.",
            show_default=False,
        ),
    ] = None,
    dead_letters: Annotated[
        bool, typer.Option("--dead-letters", help="Records that were no events, or had no event id.")
    ] = False,
    rejected: Annotated[
        bool, typer.Option("--rejected", help="What the event, the contract or the clock forbade.")
    ] = False,
    unmapped: Annotated[bool, typer.Option("--unmapped", help="What a lookup had no entry for.")] = False,
    route: Route = None,
    start: From = None,
    end: To = "0s",
    expires_after: ExpiresAfter = None,
    limit: Limit = 100,
    yes: Yes = False,
    config: Config = None,
) -> None:
    """Decide again, by the routing table as it is now, what was turned away before any call.

    Shows what it would do; --yes does it. Asking twice sends once. Start the service with a mended table first. Ends
    with 1 when what was named by ids comes to nothing.
    """
    given = {DEAD_LETTERS: dead_letters, "rejected": rejected, "unmapped": unmapped}
    wanted = [name for name, wants in given.items() if wants]
    if not wanted:
        raise typer.BadParameter("say what: --dead-letters, --rejected or --unmapped")
    now = SystemClock().now()
    selected = selection(ids, route, wanted, (start, end), now)
    after = expiry(expires_after)

    async def planning(service: Service) -> Plan:
        return await plan_redrive(service, selected, service.terms(now, after), limit)

    carry_out(config, routes, planning, now, yes=yes, named=bool(ids), verb="redrive")
