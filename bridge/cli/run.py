"""`bridge run`: one replica of the service."""

import os
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
import uvloop

from bridge.app import Replica, Surroundings, Tables
from bridge.cli.check import Config, Routes
from bridge.collecting import collect_rarely
from bridge.configfile import ConfigError, Problem
from bridge.errors import BridgeError, StartupRefused
from bridge.reloading.secrets import Secrets
from bridge.routing import Table, load_table
from bridge.routing.live import Live
from bridge.settings import load_with_origins
from bridge.telemetry import configure_logging
from bridge.telemetry.logs import logger


def run(
    routes: Routes,
    config: Config = None,
    accept_forgetting: Annotated[
        bool,
        typer.Option(
            "--accept-forgetting",
            help="Start although what identifies triggers has changed: events called before may be called again.",
        ),
    ] = False,
) -> None:
    """Run one replica of the service, until SIGTERM or SIGINT: then it drains, and ends with 0.

    A routing table that changes while it runs is taken within seconds (SIGHUP: at once); one that is wrong, or would make
    other ids of the same events, is refused, and the one before stays in force. So are secrets: keys, passwords and
    certificates that change in their files are taken; other settings wait for a restart.

    Ends with 2 when the settings, the routing table or the topics are wrong, with 1 when a stage failed.
    """
    surroundings = _configured(routes, config, accept_forgetting=accept_forgetting)
    collect_rarely()
    try:
        uvloop.run(Replica(surroundings).run())
    except ExceptionGroup as failures:
        raise typer.Exit(_tell(failures)) from None


def _tell(failures: ExceptionGroup[Exception]) -> int:
    """Say why the process ends; gives the exit code."""
    leaves = list(_leaves(failures))
    refused = [error for error in leaves if isinstance(error, StartupRefused)]
    for refusal in refused:
        print(f"error: {refusal}", file=sys.stderr)
    for error in leaves:
        if not isinstance(error, StartupRefused):
            expected = isinstance(error, BridgeError)
            logger().error("the process ends", why=str(error), exc_info=None if expected else error)
    return 2 if refused else 1


def _configured(routes: Path, config: Path | None, *, accept_forgetting: bool) -> Surroundings:
    problems: list[Problem] = []
    secrets = tables = brands = registry = None
    try:
        secrets = Secrets(partial(load_with_origins, config, os.environ))
        configure_logging(secrets.settings.log.level)
        brands, registry = set(secrets.settings.brands), secrets.settings.registry is not None
    except ConfigError as error:
        problems += error.problems
    try:
        tables = Tables(partial(_read, routes, brands, registry))
        for warning in tables.current.warnings:
            logger().warning("routes", problem=str(warning))
    except ConfigError as error:
        problems += error.problems
    if secrets is None or tables is None:
        print("\n".join(map(str, problems)), file=sys.stderr)
        raise typer.Exit(2)
    return Surroundings(secrets, tables, accept_forgetting)


def _read(routes: Path, brands: set[str] | None, registry: bool | None, live: Live) -> Table:
    return load_table(routes, os.environ, brands=brands, registry=registry, live=live)


def _leaves(group: ExceptionGroup[Exception]) -> Iterator[Exception]:
    for error in group.exceptions:
        if isinstance(error, ExceptionGroup):
            yield from _leaves(error)
        else:
            yield error
