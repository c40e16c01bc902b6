"""Writes docs/performance.md and its plots from the saved run in docs/performance/run.json: `python -m tools.performance`. So
no figure stands there that `make bench` did not print. With --check: says what is stale, and exits 1.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bench.distribution import NEVER
from bench.result import Figure, Outcome, Saved, read
from bench.table import COLUMNS, cells, machine_in_words, number, rounds_in_words
from tools.plots import digest, names, plots

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "performance.md"
FOLDER = ROOT / "docs" / "performance"
RUN = FOLDER / "run.json"


def main(arguments: list[str]) -> int:
    """Write page and plots, or check them. The exit code."""
    check, saved = "--check" in arguments, read(RUN.read_bytes())
    files = dict(_files(saved, draw=not check))
    stale = [path for path, text in files.items() if not path.exists() or path.read_text("utf-8") != text]
    if check:
        stale += [path for path in _pictures(saved) if not _is_of(path, saved)]
    else:
        for path in stale:
            path.write_text(files[path], "utf-8")
    for path in stale:
        print(f"{path.name} " + ("is stale: run `make docs`" if check else "written"))
    return 1 if stale and check else 0


def _files(saved: Saved, *, draw: bool) -> Iterator[tuple[Path, str]]:
    yield PAGE, page(saved)
    if draw:
        yield from ((FOLDER / name, text) for name, text in plots(saved).items())


def _pictures(saved: Saved) -> list[Path]:
    return [FOLDER / name for name in names(saved)]


def _is_of(path: Path, saved: Saved) -> bool:
    """Whether a plot is of this run. Its bytes also depend on matplotlib's release, and are not compared."""
    return path.exists() and f"run {digest(saved)}" in path.read_text("utf-8")


def page(saved: Saved) -> str:
    """The page, as Markdown. Raises jinja2.UndefinedError when the run lacks what the page tells of."""
    environment = Environment(  # noqa: S701 - Markdown of our own run
        loader=FileSystemLoader(ROOT / "tools"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template("performance.md.jinja").render(
        saved=saved,
        machine=machine_in_words(saved.machine),
        minutes=round(saved.seconds / 60),
        outcomes={outcome.name: outcome for outcome in saved.outcomes},
        table=_table,
        rounds=rounds_in_words,
        worse=[_worse(figure) for figure in saved.figures.values() if _is_worse(figure)],
        missed=[_missed(figure) for figure in saved.figures.values() if figure.met is False],
        pictures=names(saved),
    )


def _table(outcome: Outcome) -> str:
    """One scenario's figures."""
    heads = [*COLUMNS[:-1], "met?"]
    lines = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    lines += [f"| {' | '.join(cells(figure))} |" for figure in outcome.figures]
    return "\n".join(lines)


def _is_worse(figure: Figure) -> bool:
    ratio = figure.ratio
    return ratio is not None and (ratio < 1 if figure.spec.better == "more" else ratio > 1)


def _worse(figure: Figure) -> str:
    assert figure.ratio is not None  # noqa: S101 - it is worse
    scenario = figure.spec.id.partition(".")[0]
    return (
        f"{scenario}, {figure.spec.what}: {cells(figure)[1]}, {number(figure.ratio)} of the {figure.beside} reference"
    )


def _missed(figure: Figure) -> str:
    scenario = figure.spec.id.partition(".")[0]
    judged = figure.median if figure.spec.goal is None or figure.spec.goal.of == "median" else (figure.ratio or NEVER)
    return f"{scenario}, {figure.spec.what}: {number(judged)}; the goal is {cells(figure)[5]}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
