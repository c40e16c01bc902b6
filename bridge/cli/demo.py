"""`bridge demo`."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from bridge.errors import BridgeError


def demo(
    matches: Annotated[
        Path | None,
        typer.Option(help="Another file of openfootball's worldcup.json format.", exists=True, dir_okay=False),
    ] = None,
    stay: Annotated[
        bool, typer.Option("--stay", help="One replica, nothing is killed, and all runs on until Ctrl-C.")
    ] = False,
    seconds: Annotated[float, typer.Option(help="How long the replay takes.", min=1, max=3600)] = 30,
) -> None:
    """Replay a World Cup as campaigns: a real Kafka, the vendor's simulator, two replicas, one of them killed.

    Exits with 1 when what the vendor did and what the bridge says do not match.
    """
    from bridge.demo.run import DATA, run_demo  # noqa: PLC0415 - the demo's parts are an optional extra

    try:
        if not run_demo(matches or DATA, stay=stay, seconds=seconds):
            raise typer.Exit(1)
    except BridgeError as error:
        print(error, file=sys.stderr)
        raise typer.Exit(1) from error
    except KeyboardInterrupt:
        raise typer.Exit(130) from None
