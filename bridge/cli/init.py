"""`bridge init`."""

import os
import shlex
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from bridge.beginning import FILES, begin
from bridge.errors import BridgeError

_STEPS = (
    ("bridge check --routes routes.yaml --config bridge.yaml", "find mistakes in table and settings"),
    ("bridge test --routes routes.yaml", "run the tests beside the routes"),
    ("bridge explain events.jsonl:1 --routes routes.yaml --now 2026-02-05T20:01:00Z", "what an event means, and why"),
    ("bridge contract --routes routes.yaml --output contract.html", "the document to keep with marketing"),
)
_TERMINALS = (
    ("bridge kafka", "a Kafka to play with"),
    ("bridge simulate", "a vendor to play with"),
    ("bridge run --routes routes.yaml --config bridge.yaml", "the service"),
)
_THEN = (
    ("python publish.py", "the sample events happen now"),
    ("bridge outcomes s-1 --config bridge.yaml", "what became of the first"),
)


def init(
    folder: Annotated[
        Path, typer.Argument(help="Where to; it is made when it is not there.", show_default=False)
    ] = Path(),
) -> None:
    """Write a first routing table that works, with settings, a lookup, tests and sample events, to begin from.

    Nothing is overwritten: ends with 1 when one of the files is there already.
    """
    try:
        begin(folder)
    except BridgeError as error:
        print(f"error: {error}", file=sys.stderr)
        raise typer.Exit(1) from None
    except OSError as error:
        print(f"error: can't write into {folder}: {error.strerror}", file=sys.stderr)
        raise typer.Exit(1) from None
    print(f"Written into {folder.resolve()}:")
    _print_pairs(FILES.items())
    print("\nNext:")
    if folder.resolve() != Path.cwd():
        print(f"  cd {shlex.quote(os.fspath(folder))}")
    _print_pairs(_STEPS)
    print("\nThen play it through, each in a terminal of its own:")
    _print_pairs(_TERMINALS)
    print("and")
    _print_pairs(_THEN)
    print("\ndocs/first-campaign.md of campaign-bridge goes through all of it.")


def _print_pairs(pairs: Iterable[tuple[str, str]]) -> None:
    listed = list(pairs)
    width = max(len(left) for left, _ in listed)
    for left, right in listed:
        print(f"  {left:{width}}  {right}")
