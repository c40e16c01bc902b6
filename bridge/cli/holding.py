"""`bridge holds`, `bridge hold`, `bridge release`: the operator's kill switch."""

import getpass
from collections.abc import Awaitable, Callable, Iterable
from typing import Annotated

import typer
from prometheus_client import CollectorRegistry
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from bridge.cli.check import Config
from bridge.cli.connecting import connected
from bridge.clock import SystemClock
from bridge.durations import format_instant, parse_duration
from bridge.errors import BridgeError
from bridge.holds.board import Board
from bridge.holds.model import Hold
from bridge.holds.operating import control_room, operators_hold
from bridge.kafka.connection import Connection
from bridge.kafka.rights import rights_of
from bridge.kafka.topics import TopicNames
from bridge.settings import Settings
from bridge.telemetry import Telemetry
from bridge.terminal import plain

_CLOCK = SystemClock()
_COLUMNS = ("scope", "reason", "detail", "by", "since", "until")
Scope = Annotated[str, typer.Argument(help="all, brand/NAME or route/NAME.")]


def holds(config: Config = None) -> None:
    """List the holds in force: what waits, why, and until when."""

    async def show(board: Board) -> None:
        held = board.in_force()
        Console().print(table_of(held) if held else "Nothing is held.")

    _in_control_room(config, show, "holds")


def table_of(held: Iterable[Hold]) -> Table:
    """A row for each: whoever can write the control topic may have put any letters there."""
    table = Table(*(Column(name, no_wrap=name != "detail") for name in _COLUMNS))
    for one in held:
        until = "released" if one.until is None else format_instant(one.until)
        told = (one.scope, str(one.reason), one.detail, one.by, format_instant(one.at), until)
        table.add_row(*(Text(plain(text)) for text in told))
    return table


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
