"""`bridge holds`, `bridge hold`, `bridge release`: the operator's kill switch."""

import getpass
from collections.abc import Awaitable, Callable
from typing import Annotated

import typer
from prometheus_client import CollectorRegistry
from rich.console import Console
from rich.table import Column, Table

from bridge.cli.check import Config
from bridge.cli.connecting import connected
from bridge.clock import SystemClock
from bridge.durations import format_instant, parse_duration
from bridge.errors import BridgeError
from bridge.holds.board import Board
from bridge.holds.operating import control_room, operators_hold
from bridge.kafka.connection import Connection
from bridge.kafka.rights import rights_of
from bridge.kafka.topics import TopicNames
from bridge.settings import Settings
from bridge.telemetry import Telemetry

_CLOCK = SystemClock()
_COLUMNS = ("scope", "reason", "detail", "by", "since", "until")
Scope = Annotated[str, typer.Argument(help="all, brand/NAME or route/NAME.")]


def holds(config: Config = None) -> None:
    """List the holds in force: what waits, why, and until when."""

    async def show(board: Board) -> None:
        table = Table(*(Column(name, no_wrap=name != "detail") for name in _COLUMNS))
        for hold in board.in_force():
            until = "released" if hold.until is None else format_instant(hold.until)
            table.add_row(hold.scope, hold.reason, hold.detail, hold.by, format_instant(hold.at), until)
        Console().print(table if table.row_count else "Nothing is held.")

    _in_control_room(config, show, "holds")


def hold(
    scope: Scope,
    reason: Annotated[str, typer.Option(help="Why, for whoever finds it.")],
    duration: Annotated[
        str | None, typer.Option("--for", help="How long, as in 30m; without it until released.")
    ] = None,
    config: Config = None,
) -> None:
    """Let calls wait, on every replica within milliseconds. Triggers that wait expire as their routes say."""
    now = _CLOCK.now()
    try:
        until = None if duration is None else now + parse_duration(duration)
        wanted = operators_hold(scope, reason, getpass.getuser(), now, until)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error

    async def put(board: Board) -> None:
        await board.hold(wanted)
        print(f"{scope} is held{'' if duration is None else f' for {duration}'}.")

    _in_control_room(config, put, "hold")


def release(scope: Scope, config: Config = None) -> None:
    """End a hold: an operator's, or one that the vendor's answers caused."""

    async def end(board: Board) -> None:
        if await board.release(scope):
            print(f"{scope} is released.")
        else:
            raise BridgeError(f"{scope} is not held; `bridge holds` lists what is")

    _in_control_room(config, end, "release")


def _in_control_room(config: Config, work: Callable[[Board], Awaitable[None]], verb: str) -> None:
    async def working(settings: Settings, connection: Connection) -> None:
        topic, telemetry = TopicNames(settings.name).control, Telemetry(CollectorRegistry(), _CLOCK)
        async with control_room(connection, topic, _CLOCK, telemetry, looking=verb == "holds") as board:
            await work(board)

    connected(config, working, lambda settings: rights_of(verb, settings.name))
