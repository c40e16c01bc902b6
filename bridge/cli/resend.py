"""`bridge resend`."""

from typing import Annotated

import typer

from bridge.cli.check import Config, Routes
from bridge.cli.repeating import ExpiresAfter, From, Limit, Route, To, Yes, carry_out, expiry, selection
from bridge.clock import SystemClock
from bridge.repeating.plan import Plan
from bridge.repeating.resend_plan import plan_resend
from bridge.repeating.resending import RESENDABLE
from bridge.repeating.service import Service


def resend(
    *,
    routes: Routes,
    ids: Annotated[
        list[str] | None, typer.Argument(metavar="ID", help="Ids of events or triggers.", show_default=False)
    ] = None,
    route: Route = None,
    outcome: Annotated[
        list[str] | None,
        typer.Option(
            help=f"What to send again: {', '.join(RESENDABLE)}. May be given more than once. Default: unknown."
        ),
    ] = None,
    start: From = None,
    end: To = "0s",
    expires_after: ExpiresAfter = None,
    limit: Limit = 100,
    yes: Yes = False,
    config: Config = None,
) -> None:
    """Send again what may not have reached anybody: triggers that ended as unknown, failed or expired, as they were.

    Shows what it would do; --yes does it. Asking twice sends once. Ends with 1 when what was named by ids comes to nothing.
    """
    wanted = tuple(dict.fromkeys(outcome or ["unknown"]))
    if strange := [one for one in wanted if one not in RESENDABLE]:
        raise typer.BadParameter(f"{', '.join(strange)} can't be sent again: {', '.join(RESENDABLE)} can")
    now = SystemClock().now()
    selected = selection(ids, route, wanted, (start, end), now)
    after = expiry(expires_after)

    async def planning(service: Service) -> Plan:
        return await plan_resend(service, selected, service.terms(now, after), limit)

    carry_out(config, routes, planning, now, yes=yes, named=bool(ids), verb="resend")
