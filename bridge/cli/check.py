"""`bridge check`: every mistake in a routing table that can be found before any event."""

import os
from pathlib import Path
from typing import Annotated

import typer

from bridge.checking import Format, Report, written
from bridge.checking.report import Summary
from bridge.configfile import ConfigError, Problem
from bridge.routing import Table, load_table
from bridge.settings import load_settings

Config = Annotated[
    Path | None,
    typer.Option(
        "--config",
        envvar="BRIDGE_CONFIG",
        exists=True,
        dir_okay=False,
        help="The settings (bridge.yaml). Without it they come from the environment alone.",
    ),
]
Routes = Annotated[
    Path,
    typer.Option(
        "--routes", envvar="BRIDGE_ROUTES", exists=True, help="The routing table: a file, or a folder of *.yaml."
    ),
]


Form = Annotated[
    Format,
    typer.Option(
        "--format",
        help="text for people, json for programs, sarif for code hosts, github for a workflow's log.",
    ),
]


def check(routes: Routes, config: Config = None, form: Form = Format.TEXT) -> None:
    """Find the mistakes in a routing table: all at once, each with file, line, column and what to do.

    With --config the settings are checked too, and then generators must belong to a brand of theirs, and formats that need a schema registry need its settings.

    Ends with 0 when there are none (warnings may be), with 1 when there are, with 2 when a file is not there.
    """
    table, problems = _checked(routes, config)
    summary = None if table is None else Summary(len(table.routes), len(table.sources), table.hash)
    report = Report(problems, summary, frozenset() if config is None else frozenset({str(config)}))
    print(written(report, form, Path.cwd()))
    raise typer.Exit(1 if report.errors else 0)


def _checked(routes: Path, config: Path | None) -> tuple[Table | None, list[Problem]]:
    problems: list[Problem] = []
    brands: set[str] | None = None
    registry: bool | None = None
    if config is not None:
        try:
            settings = load_settings(config, os.environ)
            brands, registry = set(settings.brands), settings.registry is not None
        except ConfigError as error:
            problems += error.problems
    try:
        table = load_table(routes, os.environ, brands=brands, registry=registry)
    except ConfigError as error:
        return None, [*problems, *error.problems]
    return table, [*problems, *table.warnings]
