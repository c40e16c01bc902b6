"""`make bench`: how fast and how large, on a real Kafka, beside a reference on the same work. What matters are ratios within
one run: machines are shared.
"""

import argparse
import logging
import os
import platform
import subprocess
import sys
import time
from pathlib import Path

import msgspec
from rich.console import Console

from bench import machine
from bench.catalogue import SCENARIOS, USUAL
from bench.comparing import compared
from bench.result import VERSION, Machine, Outcome, Saved, read, write
from bench.running import measured
from bench.sizes import Sizes
from bench.table import machine_in_words, missed, tables
from bridge.clock import SystemClock
from bridge.durations import format_instant

_TIMES = 3
_WIDE = 150
"""Columns, where the output is no terminal."""


def main() -> int:
    """Exit code 1 when a goal is missed, 2 when the options are wrong."""
    chosen = _options(sys.argv[1:])
    # Of a topic that was made a moment ago it says that a partition has no leader yet.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    screen = Console(width=None if sys.stdout.isatty() else _WIDE, highlight=False)
    saved: Saved = _run(chosen, screen) if chosen.run is None else chosen.run
    if chosen.compare is not None:
        for part in compared(chosen.compare, saved):
            screen.print(part)
    for line in missed(saved):
        screen.print(f"MISSED: {line}")
    return 1 if missed(saved) else 0


def _run(chosen: argparse.Namespace, screen: Console) -> Saved:
    began, load, revision = time.monotonic(), machine.load(), _revision()
    sizes, saved = Sizes.tiny() if chosen.tiny else Sizes(), None
    outcomes: list[Outcome] = []
    for name in chosen.only:
        outcomes.append(measured(SCENARIOS[name], sizes, chosen.times, screen.print))
        for part in tables(outcomes[-1]):
            screen.print(part)
        saved = Saved(
            version=VERSION,
            at=format_instant(SystemClock().now()),
            revision=revision,
            seconds=time.monotonic() - began,
            machine=_machine(load),
            outcomes=tuple(outcomes),
            tiny=chosen.tiny,
        )
        if chosen.json is not None:
            chosen.json.write_bytes(write(saved))  # after each: half an hour is long
    assert saved is not None  # noqa: S101 - there is no way to choose nothing
    screen.print(f"\n{machine_in_words(saved.machine)}; {saved.seconds / 60:.0f} minutes, revision {saved.revision}")
    return saved


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "--only",
        type=_names,
        default=list(USUAL),
        help=f"some of {','.join(SCENARIOS)}; all; or usual, the default ({','.join(USUAL)})",
    )
    parser.add_argument("--times", type=int, default=_TIMES, help="rounds of each that must count (3)")
    parser.add_argument(
        "--compare", type=_saved, metavar="BASE", help="tell what differs from this run, kept by --json"
    )
    parser.add_argument("--run", type=_saved, metavar="RUN", help="with --compare: make no run, take this one")
    parser.add_argument("--json", type=_file, help="keep what was found in this file")
    parser.add_argument("--tiny", action="store_true", help="to see that it works: the figures say nothing")
    return parser.parse_args(arguments)


def _names(text: str) -> list[str]:
    if text in ("all", "usual"):
        return list(SCENARIOS if text == "all" else USUAL)
    names = text.split(",")
    for name in names:
        if name not in SCENARIOS:
            raise argparse.ArgumentTypeError(f"there is no {name!r}, only {', '.join(SCENARIOS)}")
    return names


def _saved(text: str) -> Saved:
    try:
        return read(Path(text).read_bytes())
    except OSError as error:
        why = f"{error.strerror}; make it with --json {text}"
    except (ValueError, msgspec.DecodeError) as error:
        why = f"it is no saved run: {error}"
    raise argparse.ArgumentTypeError(f"{text}: {why}")


def _file(text: str) -> Path:
    if not Path(text).parent.is_dir():
        raise argparse.ArgumentTypeError(f"{text}: there is no folder {Path(text).parent}")
    return Path(text)


def _machine(load_before: float) -> Machine:
    return Machine(
        cpu=machine.cpu_model(),
        cores=os.cpu_count() or 1,
        memory_mb=machine.memory_mb(),
        system=f"{platform.system()} {platform.release()}",
        python=platform.python_version(),
        load_before=load_before,
        load_after=machine.load(),
    )


def _revision() -> str:
    """Of the source; with a plus when it is changed."""
    said = subprocess.run(
        ["git", "describe", "--always", "--dirty=+"],  # noqa: S607 - git of the PATH
        capture_output=True,
        text=True,
        check=False,
    )
    return said.stdout.strip() or "unknown"


if __name__ == "__main__":
    sys.exit(main())
