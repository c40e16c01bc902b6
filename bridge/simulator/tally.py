"""What the simulator counts as requests come and go."""

from collections import Counter
from dataclasses import dataclass

from bridge.simulator.strict import Rule

_VIOLATIONS_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Violation:
    """A request that was not as the page wants it. Says nothing of the values that it held."""

    rule: Rule
    detail: str
    method: str
    path: str
    at: int


class Tally:
    """Counters, and the first violations in full."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Count from here."""
        self.answers: dict[str, Counter[str]] = {"run": Counter(), "status": Counter(), "other": Counter()}
        self.violations: Counter[Rule] = Counter()
        self.first_violations: list[Violation] = []
        self.polls = 0
        self.most_polls = 0

    def answered(self, endpoint: str, answer: str) -> None:
        """A request ended: `answer` is its status, or how it ended without one."""
        self.answers[endpoint][answer] += 1

    def violated(self, violation: Violation) -> None:
        """A request was not as the page wants it."""
        self.violations[violation.rule] += 1
        if len(self.first_violations) < _VIOLATIONS_SHOWN:
            self.first_violations.append(violation)

    def polled(self, times: int) -> None:
        """An execution was asked after, now for the `times`-th time."""
        self.polls += 1
        self.most_polls = max(self.most_polls, times)
