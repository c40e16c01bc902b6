"""What an operator does with holds: look, hold, release. Through the control topic, so every replica obeys at once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext

from bridge.clock import Clock
from bridge.errors import BridgeError
from bridge.holds.board import Board
from bridge.holds.model import Hold, Reason
from bridge.kafka.connection import Connection
from bridge.kafka.control import ControlTopic
from bridge.kafka.producer import Producer
from bridge.telemetry import Telemetry

_DEADLINE = 15.0


@asynccontextmanager
async def control_room(
    connection: Connection, topic: str, clock: Clock, telemetry: Telemetry, *, looking: bool = False
) -> AsyncIterator[Board]:
    """The holds in force, read whole; what is changed here reaches every replica. `looking`: nothing will be changed.

    Raises BridgeError when Kafka does not answer within 15 s, or the control topic is not there.
    """
    producer = Producer(connection, deadline=_DEADLINE)
    # Who may only look is refused as a producer, and aiokafka would ask for ever.
    async with nullcontext() if looking else producer:
        control = ControlTopic(connection, topic, producer)
        board = Board(clock, telemetry, control.write)
        control.listeners = [board.learn]
        async with asyncio.TaskGroup() as group:
            following = group.create_task(control.follow(), name="control")
            try:
                async with asyncio.timeout(_DEADLINE):
                    await control.read_whole.wait()
            except TimeoutError:
                raise BridgeError(
                    f"{topic} at {connection.bootstrap_servers} can't be read: does Kafka run there, and has the service "
                    "been started once?"
                ) from None
            yield board
            following.cancel()


def operators_hold(scope: str, reason: str, by: str, now: int, until: int | None) -> Hold:
    """A hold by a person. `scope` is `all`, `brand/NAME` or `route/NAME`. Raises ValueError for anything else."""
    kind, slash, name = scope.partition("/")
    if scope != "all" and not (kind in ("brand", "route") and slash and name):
        raise ValueError(f"{scope!r} is not a scope: write all, brand/NAME or route/NAME")
    return Hold(scope, Reason.OPERATOR, reason, by, now, until)
