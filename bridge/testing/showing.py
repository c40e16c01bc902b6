"""Tests and their coverage on a terminal."""

from collections.abc import Sequence

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from bridge.configfile import Place
from bridge.terminal import plain
from bridge.testing.coverage import RouteCoverage
from bridge.testing.running import Tested
from bridge.testing.words import lines_of

_STYLES = {"what": "bold", "expected": "green", "actual": "red", "note": "dim"}


def show(tested: Sequence[Tested], console: Console, *, verbose: bool) -> None:
    """The tests that failed, each with all that is wrong; with `verbose` those that passed, in a line each."""
    for one in tested:
        if not one.passed:
            _show_failed(one, console)
        elif verbose:
            console.print(Text.assemble(("passed  ", "green"), (_at(one.case.place), "dim"), plain(one.case.name)))
    failed = sum(not one.passed for one in tested)
    if verbose and not failed:
        console.print()
    counts = f"{len(tested) - failed} passed" + (f", {failed} failed" if failed else "")
    console.print(Text(counts, "bold red" if failed else "bold green"))


def _show_failed(one: Tested, console: Console) -> None:
    console.print(Text.assemble(("FAILED  ", "bold red"), (_at(one.case.place), "dim"), (plain(one.case.name), "bold")))
    for line in lines_of(one):
        at = ("", "") if line.place is None else (_at(line.place), "dim")
        text = Text.assemble(at, (line.text, _STYLES[line.kind]))
        console.print(Padding(text, (0, 0, 0, 4 + 2 * line.depth)))
    console.print()


def show_untested(covered: Sequence[RouteCoverage], console: Console) -> None:
    """The routes without a test, if there are any."""
    names = [one.route for one in covered if not one.tests]
    if names:
        several = "routes have" if len(names) > 1 else "route has"
        console.print(Text(f"{len(names)} {several} no test: {', '.join(names)}", "yellow"))


def show_coverage(covered: Sequence[RouteCoverage], console: Console) -> None:
    """A line for each route, with what no test has seen of it."""
    table = Table(box=None, padding=(0, 2, 0, 0))
    for name in ("route", "tests", "seen", "not seen"):
        table.add_column(name, no_wrap=name != "not seen", justify="right" if name in ("tests", "seen") else "left")
    for one in covered:
        unseen = Text("\n".join(one.unseen), "yellow") if one.unseen else Text("all is seen", "green")
        if one.points[0] in one.unseen:
            unseen = Text("no test makes a trigger of it", "yellow")
        table.add_row(one.route, str(one.tests), f"{len(one.points) - len(one.unseen)} of {len(one.points)}", unseen)
    console.print()
    console.print(table)


def _at(place: Place) -> str:
    return f"{place.file}:{place.line}  "
