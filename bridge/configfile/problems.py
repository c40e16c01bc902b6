"""What is wrong with a file, and where: the vocabulary of everything that reads configuration."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from bridge.errors import BridgeError

Path_ = tuple[str | int, ...]
"""A way into a document: the keys of mappings and the indexes of lists, from the root."""


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A spot in a file. Lines and columns count from 1, columns in characters."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend. `place` is None where no file is to blame (an environment variable, say)."""

    message: str
    place: Place | None
    severity: Literal["error", "warning"] = "error"

    def __str__(self) -> str:
        where = "" if self.place is None else f"{self.place}: "
        return f"{where}{self.severity}: {self.message}"


class ConfigError(BridgeError):
    """A file or a setting is wrong. Holds every problem, in the order of the files; its text has one line for each."""

    problems: tuple[Problem, ...]

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=_order))
        super().__init__("\n".join(map(str, self.problems)))


def besides(found: Iterable[Problem], known: Iterable[Problem]) -> list[Problem]:
    """The problems found that are not at the place of a known one."""
    places = {problem.place for problem in known}
    return [problem for problem in found if problem.place is None or problem.place not in places]


def _order(problem: Problem) -> tuple[bool, str, int, int]:
    place = problem.place or Place("", 0, 0)
    return (problem.place is None, place.file, place.line, place.column)
