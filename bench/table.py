"""What a run found, for people. Pure."""

from collections.abc import Iterator

from rich.table import Table

from bench.distribution import NEVER
from bench.result import Figure, Goal, Machine, Outcome, Saved

_LARGE, _SMALL = 100, 10


def number(value: float) -> str:
    """With as many digits as mean something."""
    if value == NEVER:
        return "never"
    if value == int(value) and abs(value) < _LARGE:
        return f"{value:.0f}"
    if abs(value) >= _LARGE:
        return f"{value:,.0f}"
    if abs(value) >= _SMALL:
        return f"{value:.1f}"
    return f"{value:.2f}" if abs(value) >= 1 else f"{value:.3f}"


def amount(value: float, unit: str) -> str:
    """With its unit."""
    return number(value) if value == NEVER else f"{number(value)} {unit}".rstrip()


def goal_in_words(goal: Goal, unit: str) -> str:
    """As in `at least 1.00 of the reference`."""
    most, least = goal.most, goal.least
    words = [f"at most {number(most)}"] if most is not None else []
    words += [f"at least {number(least)}"] if least is not None else []
    return " and ".join(words) + (" of the reference" if goal.of == "ratio" else f" {unit}".rstrip())


def verdict(figure: Figure) -> str:
    """Whether the goal is met, in a word; empty without a goal."""
    return {None: "", True: "met", False: "MISSED"}[figure.met]


def cells(figure: Figure) -> tuple[str, ...]:
    """What it is, median, spread, the reference, the ratio, the goal, the verdict."""
    spec, goal, ratio = figure.spec, figure.spec.goal, figure.ratio
    reference = ""
    if figure.reference:
        theirs = Figure(spec, figure.reference).median
        reference = f"{number(theirs)} ({figure.beside})"
    return (
        spec.what,
        amount(figure.median, spec.unit),
        f"{number(figure.low)} to {number(figure.high)}",
        reference,
        "" if ratio is None else f"{ratio:.2f}",
        "" if goal is None else goal_in_words(goal, spec.unit),
        verdict(figure),
    )


def rounds_in_words(outcome: Outcome) -> str:
    """As in `3 rounds`."""
    return "1 round" if outcome.rounds == 1 else f"{outcome.rounds} rounds"


COLUMNS = ("figure", "median", "of all", "reference", "ratio", "goal", "")


def tables(outcome: Outcome) -> Iterator[Table | str]:
    """One scenario: its table, and what there is to know beside it."""
    void = f", {outcome.void} void" if outcome.void else ""
    yield f"\n[bold]{outcome.name}[/bold]: {outcome.what} ({rounds_in_words(outcome)}{void})"
    table = Table()
    if not outcome.figures:
        yield from outcome.notes
        return
    for column in COLUMNS:
        table.add_column(column, justify="left" if column in ("figure", "goal", "") else "right")
    for figure in outcome.figures:
        table.add_row(*cells(figure))
    yield table
    yield from outcome.notes


def machine_in_words(machine: Machine) -> str:
    """One line."""
    return (
        f"{machine.cpu}, {machine.cores} cores, {machine.memory_mb / 1000:.0f} GB, {machine.system}, "
        f"Python {machine.python}; load {machine.load_before:.2f} before, {machine.load_after:.2f} after"
    )


def missed(saved: Saved) -> list[str]:
    """The goals that are not met, each with its figure, and the scenarios that were not measured."""
    empty = [f"{outcome.name}: no round counts" for outcome in saved.outcomes if not outcome.figures]
    return empty + [
        f"{figure.spec.id} ({figure.spec.what}): {cells(figure)[1]}, goal {cells(figure)[5]}"
        for figure in saved.figures.values()
        if figure.met is False
    ]
