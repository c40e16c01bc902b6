"""When to ask for an execution's status: once its generator's executions usually have ended, then less and less. Pure."""

from collections.abc import Callable

# The estimate moves by this part of each difference: a few executions, and it has found its level.
_WEIGHT = 0.2
# Asking a little later than usual makes most first questions the last.
_MARGIN = 1.15
_GROWTH = 1.6
_FIRST_AGAIN = 1.0
_JITTER = 0.15


class Pace:
    """All times in seconds. `jitter()` gives a number from 0 to 1."""

    def __init__(self, first: float, longest: float, jitter: Callable[[], float]) -> None:
        self._first = first
        self._longest = longest
        self._jitter = jitter
        self._usual: dict[str, float] = {}

    def first_wait(self, generator: str) -> float:
        """From acceptance to the first question."""
        return self._spread(min(self._usual.get(generator, self._first) * _MARGIN, self._longest))

    def next_wait(self, asked: int) -> float:
        """To the next question, when `asked` were answered with "not yet"."""
        return self._spread(min(_FIRST_AGAIN * _GROWTH ** min(asked - 1, 50), self._longest))

    def learn(self, generator: str, took: float) -> None:
        """An execution of this generator ended `took` seconds after its acceptance."""
        usual = self._usual.get(generator)
        self._usual[generator] = took if usual is None else usual + _WEIGHT * (took - usual)

    def _spread(self, seconds: float) -> float:
        return seconds * (1 + _JITTER * (2 * self._jitter() - 1))
