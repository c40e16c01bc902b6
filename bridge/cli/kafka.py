"""`bridge kafka`."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from bridge.errors import BridgeError


def kafka(
    port: Annotated[int, typer.Option(help="Where it listens, on 127.0.0.1.", min=1, max=65535)] = 9092,
    data: Annotated[Path | None, typer.Option(help="A folder that keeps its data. Default: nothing is kept.")] = None,
) -> None:
    """Start a real Kafka to play with: one node, without Docker or Java on the machine.

    The first start fetches 45 MB into the user's cache. Stops on Ctrl-C and SIGTERM.
    """
    from bridge.demo.playing import run_kafka  # noqa: PLC0415 - the demo's parts are an optional extra

    try:
        run_kafka(port, data, lambda line: print(line, flush=True))
    except BridgeError as error:
        print(error, file=sys.stderr)
        raise typer.Exit(1) from error
