"""What verbs that look at a running service from outside have in common: settings, Kafka, and how they fail."""

import asyncio
import logging
import os
import sys
from collections.abc import Callable, Collection, Coroutine
from pathlib import Path
from typing import Any, TypeVar

import typer

from bridge.configfile import ConfigError
from bridge.errors import BridgeError
from bridge.kafka.archive import Archive
from bridge.kafka.authorization import require
from bridge.kafka.connection import Connection
from bridge.kafka.rights import Right
from bridge.settings import Settings, load_settings
from bridge.settings.connecting import connection_of
from bridge.telemetry import configure_logging

T = TypeVar("T")


def connected(
    config: Path | None,
    work: Callable[[Settings, Connection], Coroutine[Any, Any, T]],
    needs: Callable[[Settings], Collection[Right]] = lambda _: (),
) -> T:
    """What `work` returns, which `needs` these rights. Ends the process with 2 when the settings are wrong, and with 1, saying why in one line for
    each, when the work raises BridgeErrors.
    """
    try:
        settings = load_settings(config, os.environ)
    except ConfigError as error:
        print(error, file=sys.stderr)
        raise typer.Exit(2) from None
    configure_logging("error")
    # What it would say, ten times a second, our own error says once.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    try:
        return asyncio.run(_allowed(settings, work, needs(settings)))
    except* BridgeError as errors:
        print("\n".join(f"error: {error}" for error in errors.exceptions), file=sys.stderr)
    raise typer.Exit(1)


async def _allowed(
    settings: Settings, work: Callable[[Settings, Connection], Coroutine[Any, Any, T]], rights: Collection[Right]
) -> T:
    connection = connection_of(settings, "tool", patient=False)
    if rights:
        await Archive(connection).answered(require(connection, rights))
    return await work(settings, connection)
