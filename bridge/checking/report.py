"""All that was found in one go."""

from collections.abc import Sequence
from dataclasses import dataclass

from bridge.configfile import Problem


@dataclass(frozen=True, slots=True)
class Summary:
    """What a table without errors holds."""

    routes: int
    sources: int
    hash: str


@dataclass(frozen=True, slots=True)
class Report:
    """`table` is None when there is none to speak of. Of files named in `secret` no line is ever shown: keys stand there."""

    problems: Sequence[Problem]
    table: Summary | None
    secret: frozenset[str] = frozenset()

    @property
    def errors(self) -> int:
        """How many."""
        return sum(problem.severity == "error" for problem in self.problems)

    @property
    def warnings(self) -> int:
        """How many."""
        return len(self.problems) - self.errors

    def __str__(self) -> str:
        """In one line."""
        counts = f"{_count(self.errors, 'error')}, {_count(self.warnings, 'warning')}"
        if self.table is None or self.errors:
            return counts
        return (
            f"{counts}: {_count(self.table.routes, 'route')} from {_count(self.table.sources, 'source')}, "
            f"hash {self.table.hash}"
        )


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"
