"""`bridge simulate`."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer
import uvloop

from bridge.configfile import ConfigError
from bridge.simulator import SimulatorConfig, load_simulator_config, serve


def simulate(
    config: Annotated[
        Path | None, typer.Option(help="What to play: a YAML or JSON file (docs/simulator.md). Default: brand acme.")
    ] = None,
    host: Annotated[str, typer.Option(help="Where to listen.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Where to listen; 0 takes a free port.", min=0, max=65535)] = 8090,
    seed: Annotated[int | None, typer.Option(help="Decides what is drawn; stands above the file's.")] = None,
) -> None:
    """Play the vendor: its two endpoints, strict, with faults on demand and a report of what it got."""
    try:
        chosen = SimulatorConfig() if config is None else load_simulator_config(config, os.environ)
    except ConfigError as error:
        print(error, file=sys.stderr)
        raise typer.Exit(2) from error
    if seed is not None:
        chosen = chosen.model_copy(update={"seed": seed})
    try:
        uvloop.run(serve(chosen, host, port))
    except OSError as error:
        print(
            f"error: can't listen on {host}:{port}: {error.strerror or error}; choose another --port", file=sys.stderr
        )
        raise typer.Exit(1) from error
