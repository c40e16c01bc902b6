"""Runs that were never made, to see what is made of them."""

from collections.abc import Sequence
from typing import Any

from bench.result import VERSION, Figure, Goal, Machine, Outcome, Saved, Spec

MACHINE = Machine("a processor", 2, 8_000, "Linux 6", "3.11.7", 0.1, 1.9)


def figure(
    *values: float,
    reference: Sequence[float] = (),
    better: Any = "more",
    goal: Goal | None = None,
    name: str = "a.rate",
) -> Figure:
    """With the reference's name, where it has one."""
    return Figure(Spec(name, "how fast", "1/s", better, goal), values, tuple(reference), "naive" if reference else "")


def saved(*figures: Figure) -> Saved:
    """A run of one scenario."""
    outcome = Outcome("a", "what is done", 3, figures, ("A note.",), {"curve": (1.0, 2.0)}, 1)
    return Saved(VERSION, "2026-11-26T08:00:00.000Z", "abc1234", 61.5, MACHINE, (outcome,))
