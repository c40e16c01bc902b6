"""`bridge test`."""

import re
import sys
from pathlib import Path
from typing import Annotated

import typer

from bridge.cli.check import Routes
from bridge.cli.tables import loaded
from bridge.errors import BridgeError
from bridge.terminal import console
from bridge.testing.cases import cases
from bridge.testing.coverage import coverage
from bridge.testing.running import Tested, run
from bridge.testing.showing import show, show_coverage, show_untested


def run_tests(
    routes: Routes,
    pattern: Annotated[
        str,
        typer.Option(
            "-k", metavar="PATTERN", help="Only the tests whose `route: name` has this regular expression in it."
        ),
    ] = "",
    *,
    with_coverage: Annotated[
        bool, typer.Option("--coverage", help="Say which routes, fields and branches no test has seen.")
    ] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="The tests that passed, too.")] = False,
    into: Annotated[
        Path | None,
        typer.Option("--junit", metavar="FILE", help="Write the results there, too, as JUnit XML.", dir_okay=False),
    ] = None,
) -> None:
    """Run the tests that stand beside the routes: each event through the real decision, with the real lookups.

    Ends with 0 when all pass, with 1 when one fails, with 2 when the table has errors or there is no such test.
    """
    of = loaded(routes)
    try:
        wanted = re.compile(pattern, re.IGNORECASE)
    except re.error as error:
        raise typer.BadParameter(f"{pattern!r} is no regular expression: {error}", param_hint="-k") from error
    selected = [case for case in cases(of.places) if wanted.search(case.name)]
    if pattern and not selected:
        raise typer.BadParameter(f"no test has {pattern!r} in its `route: name`", param_hint="-k")
    tested = list(run(selected, of.table))
    if into is not None:
        _write_junit(tested, into)
    show(tested, console(), verbose=verbose)
    covered = coverage(of.table.routes, tested)
    if with_coverage:
        show_coverage(covered, console())
    elif not pattern:
        show_untested(covered, console())
    raise typer.Exit(0 if all(one.passed for one in tested) else 1)


def _write_junit(tested: list[Tested], path: Path) -> None:
    from bridge.testing import junit  # noqa: PLC0415 - only where it is asked for: its library is slow to import

    try:
        junit.write(tested, path)
    except BridgeError as error:
        print(f"error: {error}", file=sys.stderr)
        raise typer.Exit(2) from None
