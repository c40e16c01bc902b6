"""`bridge demo`: from the data to the exit code, on a terminal or in a log."""

import asyncio
import logging
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from rich.console import Console
from rich.live import Live

from bridge.clock import SystemClock
from bridge.demo import summary
from bridge.demo.expected import expected_calls
from bridge.demo.matches import Tournament, read_tournament
from bridge.demo.news import Headlines
from bridge.demo.progress import Progress
from bridge.demo.scenario import Plan, Scenario
from bridge.demo.screen import line, screen
from bridge.demo.story import publications
from bridge.demo.system import System
from bridge.demo.verdict import Verdict

DATA = Path(__file__).with_name("worldcup-2022.json")
_SEED = 2022
_LINE_EVERY = 3.0
_LINE_WIDTH = 120


def run_demo(matches: Path, *, stay: bool, seconds: float) -> bool:
    """Run it, and say whether everything adds up. With `stay` one replica, no kill, and all runs on until Ctrl-C.

    Raises BridgeError when the file is none of matches, or when something can't start.
    """
    signal.signal(signal.SIGTERM, _as_interrupt)
    # Topics that do not exist yet are nothing to worry about here.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    tournament = read_tournament(matches)
    console = Console()
    if not console.is_terminal:
        console = Console(width=_LINE_WIDTH)
    telling = _Telling(console)
    with System(telling.say, usual_ports=stay) as system:
        telling.say(f"{tournament.name}: {len(tournament.matches)} matches, {tournament.goal_count} goals")
        progress, verdict = _play(system, tournament, telling, stay=stay, seconds=seconds)
        system.keep_logs = bool(verdict.differences)
        _conclude(console, system, progress, verdict)
        if stay:
            _stay(console, system, progress)
    if not stay:
        console.print(
            "All of it has ended. For a system that runs on, to look at and to play with: make up", style="dim"
        )
    return not verdict.differences


def _play(
    system: System, tournament: Tournament, telling: "_Telling", *, stay: bool, seconds: float
) -> tuple[Progress, Verdict]:
    telling.say("starting Kafka and the simulator")
    system.start_simulator()
    system.kafka.start()
    telling.say(f"Kafka serves at {system.kafka.bootstrap_servers}, the simulator at {system.vendor_url}")
    story = publications(tournament, _SEED)
    expected = expected_calls(story, system.keys)
    progress = Progress(tournament.name, story, len(expected))
    owners = {key: name for names in (system.keys.teams, system.keys.creators) for name, key in names.items()}
    plan = Plan(tuple(expected), seconds=seconds, replicas=1 if stay else 2, kill=not stay)
    scenario = Scenario(system, progress, plan, SystemClock(), telling.say)
    with telling.showing(progress, Headlines(story, owners)) as show:
        verdict = asyncio.run(scenario.run(show))
    return progress, verdict


def _conclude(console: Console, system: System, progress: Progress, verdict: Verdict) -> None:
    console.print()
    console.print(summary.table(list(summary.rows(progress, verdict, system.vendor_url))))
    for remark in summary.remarks(progress):
        console.print(remark, style="dim", highlight=False, soft_wrap=not console.is_terminal)
    console.print()
    first, *rest = summary.closing(progress, verdict)
    console.print(
        first,
        style="bold red" if verdict.differences else "bold green",
        highlight=False,
        soft_wrap=not console.is_terminal,
    )
    for difference in rest:
        console.print(difference, highlight=False, markup=False, soft_wrap=not console.is_terminal)


def _stay(console: Console, system: System, progress: Progress) -> None:
    console.print("\n[bold]The system runs on; Ctrl-C stops it.[/]", highlight=False)
    for name, where in summary.addresses(progress, system):
        console.print(f"  [bold]{name:<16}[/] {where}", highlight=False, soft_wrap=True)
    try:
        while True:
            time.sleep(0.5)
            system.raise_if_ended()
    except KeyboardInterrupt:
        console.print("stopping")


class _Telling:
    """Says what happens: above a live screen on a terminal, else in lines with the seconds since the start."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._begun = time.monotonic()
        self._said = 0.0

    def say(self, text: str) -> None:
        elapsed = time.monotonic() - self._begun
        self._console.print(f"[dim]{elapsed:5.1f} s[/]  {text}", highlight=False, soft_wrap=True)

    @contextmanager
    def showing(self, progress: Progress, headlines: Headlines) -> Iterator[Callable[[], None]]:
        """What shows the progress as it is now."""
        if not self._console.is_terminal:
            yield lambda: self._now_and_then(progress)
            return
        with Live(console=self._console, auto_refresh=False, transient=True) as live:
            yield lambda: live.update(screen(progress, headlines), refresh=True)

    def _now_and_then(self, progress: Progress) -> None:
        if time.monotonic() - self._said >= _LINE_EVERY:
            self._said = time.monotonic()
            self.say(line(progress))


def _as_interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
