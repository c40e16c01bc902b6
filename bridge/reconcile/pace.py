"""When to ask for an execution's status: when its generator's executions usually have ended, then less and less. Pure.

Of each generator the last durations are kept. The first question comes when nearly half of such executions had ended, the
next ones when two thirds, nine tenths and nearly all had; after these the pauses grow. So most are asked about once or twice,
and told soon after they ended. docs/architecture.md has figures.
"""

from bisect import bisect_left, insort
from collections import deque
from collections.abc import Callable

# Durations of a generator that count. Fewer follow a change sooner, more know the tail better.
_KEPT = 200
# Before so many are known they say little.
_FEW = 5
_QUANTILES = (0.45, 0.68, 0.88, 0.99)
# Just after the moment when executions usually have ended: the vendor's clock and the way there.
_MARGIN = 1.01
_BEYOND = 0.1
_SHORTEST = 0.5
_FIRST_AGAIN = 1.0
_GROWTH = 0.3
_JITTER = 0.02
_SPREAD = 0.15
# The pause between questions about an unresolved execution grows with its age.
_RARELY_GROWTH = 1 / 6


class Pace:
    """All times in seconds. `jitter()` gives a number from 0 to 1."""

    def __init__(
        self,
        first: float,
        longest: float,
        jitter: Callable[[], float],
        rarely: tuple[float, float] = (300.0, 1_800.0),
    ) -> None:
        """`first`: when to ask first while little is known; `longest`: the longest pause between two questions; `rarely`: the
        shortest and the longest where the execution is `unresolved` already.
        """
        self._first = first
        self._longest = longest
        self._jitter = jitter
        self._rarely = rarely
        self._took: dict[str, _Durations] = {}

    def wait(self, generator: str, age: float, asked: int) -> float:
        """To the next question about an execution accepted `age` ago, when `asked` were answered with "not yet"."""
        later = age + _SHORTEST / 2 if asked else age
        target = next((moment for moment in self._usual(generator)[asked:] if moment > later), None)
        if target is not None:
            return min(target * (1 + _JITTER * self._jitter()) - age, self._longest)
        if not asked:
            return 0.0
        pause = max(_FIRST_AGAIN, _GROWTH * age)
        return min(pause, self._longest) * self._moved(_SPREAD)

    def rare_wait(self, age: float) -> float:
        """To the next question about an execution that is `unresolved` already."""
        shortest, longest = self._rarely
        return min(max(_RARELY_GROWTH * age, shortest), longest) * self._moved(_SPREAD)

    def learn(self, generator: str, after: float, by: float, told: float | None) -> None:
        """An execution of this generator had not ended `after` its acceptance (0: nobody asked before), and had `by` then.

        `told`: when it ended, as the vendor says. It is believed as far as it can be: a clock that is wrong must not make
        every question come too early. Where the vendor does not say, the end lies somewhere between the two: to take the
        moment of the answer for it would make each question come later than the last.
        """
        if told is None:
            after = max(after, by / 2)  # it took some time, even if nobody asked before
            told = (after + by) / 2
        self._took.setdefault(generator, _Durations()).add(min(max(told, after), by))

    def _usual(self, generator: str) -> tuple[float, ...]:
        known = self._took.get(generator)
        return (self._first,) if known is None or len(known) < _FEW else known.moments

    def _moved(self, part: float) -> float:
        return 1 + part * (2 * self._jitter() - 1)


class _Durations:
    """The last durations of a generator, and the moments to ask that follow from them."""

    def __init__(self) -> None:
        self._last: deque[float] = deque()
        self._sorted: list[float] = []
        self.moments: tuple[float, ...] = ()

    def __len__(self) -> int:
        return len(self._last)

    def add(self, took: float) -> None:
        self._last.append(took)
        insort(self._sorted, took)
        if len(self._last) > _KEPT:
            del self._sorted[bisect_left(self._sorted, self._last.popleft())]
        moments = [self._sorted[int(part * len(self._sorted))] * _MARGIN + _BEYOND for part in _QUANTILES]
        # Where two are close the later one does for both.
        apart = [moments.pop()]
        for earlier in reversed(moments):
            if apart[-1] - earlier >= _SHORTEST:
                apart.append(earlier)
        self.moments = tuple(reversed(apart))
