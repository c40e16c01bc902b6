"""`make chaos`: real processes, a real Kafka, the simulator, and faults in a random order from a seed (docs/chaos.md)."""

import asyncio
import logging
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Annotated

import typer
from chaos.options import ONE_NODE, THREE_NODES, Options
from chaos.plan import Kind, read_counts, read_kind
from chaos.record import Record
from chaos.run import run
from chaos.table import closing, exit_code, table
from rich.console import Console

_WIDTH = 150


def main(
    *,
    faults: Annotated[
        str, typer.Option(help="How many of each kind, as in kill=10,term=5. Default: docs/chaos.md.")
    ] = "",
    only: Annotated[str, typer.Option(help="Of the plan these kinds only, as in kill,freeze.")] = "",
    seed: Annotated[int, typer.Option(help="Decides the order, and what is drawn for each fault.")] = 1,
    rate: Annotated[float, typer.Option(help="Events a second.", min=1)] = 150.0,
    replicas: Annotated[int, typer.Option(help="Replicas of the bridge.", min=1)] = 3,
    nodes: Annotated[int, typer.Option(help="Brokers: 1 or 3.")] = 1,
    episode: Annotated[int, typer.Option(help="After so many faults everything is drained and counted.", min=1)] = 12,
    aged: Annotated[int, typer.Option(help="Finished triggers in each ledger before it begins.", min=0)] = 0,
    session_timeout: Annotated[int, typer.Option(help="kafka.session_timeout, ms.", min=1000)] = 6_000,
    keep: Annotated[
        Path | None, typer.Option(help="A folder for logs and evidence, kept. Default: only when a promise was broken.")
    ] = None,
    out: Annotated[Path, typer.Option(help="Where the record goes, as JSON.")] = Path("chaos.json"),
    resume: Annotated[
        Path | None,
        typer.Option(
            help="Go on with the run of this record, and write to it. Other options but --keep count for nothing."
        ),
    ] = None,
) -> None:
    """Make things go wrong, and compare the ledger of what happened with the vendor's own.

    Ends with 0 when every promise was kept, 1 when one was broken, 2 when the run is void or was asked for wrongly.
    """
    try:
        if resume is not None:
            record, out = Record.read(resume), resume
        else:
            record = Record(
                Options(
                    faults=_counts(faults, nodes),
                    seed=seed,
                    only=tuple(read_kind(name) for name in only.split(",") if name),
                    rate=rate,
                    replicas=replicas,
                    nodes=nodes,
                    episode=episode,
                    aged=aged,
                    session_timeout=session_timeout,
                )
            )
    except (OSError, ValueError) as error:
        sys.stderr.write(f"error: {error}\n")
        raise typer.Exit(2) from error
    raise typer.Exit(_run(record, out, keep))


def _counts(faults: str, nodes: int) -> dict[Kind, int]:
    if nodes not in {1, 3}:
        raise ValueError(f"--nodes {nodes}: there are clusters of 1 and of 3")
    counts = read_counts(faults) if faults else dict(ONE_NODE if nodes == 1 else THREE_NODES)
    if nodes == 1 and (counts.get(Kind.LEADER) or counts.get(Kind.ROLLING)):
        raise ValueError("leader and rolling need --nodes 3")
    return counts


def _run(record: Record, out: Path, keep: Path | None) -> int:
    # Kafka that is away is what this is about.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    console = Console(soft_wrap=True)
    if not console.is_terminal:
        console = Console(width=_WIDTH, soft_wrap=True)
    folder, begun = keep or Path(tempfile.mkdtemp(prefix="campaign-bridge-chaos-")), time.monotonic()
    try:
        asyncio.run(
            run(
                record,
                folder,
                out,
                lambda text: console.print(f"{time.monotonic() - begun:7.1f} s  {text}", highlight=False),
            )
        )
    except BaseException:
        console.print(f"the logs of all processes are in {folder}; {out} can be resumed")
        raise
    console.print(table(record))
    for line in closing(record):
        console.print(line, highlight=False, markup=False)
    code = exit_code(record.totals)
    if code == 1 or keep is not None:
        console.print(f"the logs of all processes, and the evidence, are in {folder}")
    else:
        shutil.rmtree(folder, ignore_errors=True)
    console.print(f"written to {out}")
    return code


if __name__ == "__main__":
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(main)
    app()
