"""How many calls may be without an answer at once, so that a vendor that hangs leaves few in doubt. Pure.

Until the first of them times out, a vendor that has stopped answering looks like one that is slow: at the full rate each
second of that would turn hundreds of triggers into `unknown`. By Little's law as many are under way as rate times usual
time to an answer; with twice as many something is wrong, and waiting costs nothing that is not lost already.
"""

import math
from collections.abc import Collection
from dataclasses import dataclass

_LEAST = 16
_SPARE = 2.0
# Until answers have come. Seconds.
_FIRST_GUESS = 0.25
# How fast the usual time follows the last ones: a vendor that becomes slower is believed after some dozens of answers.
_WEIGHT = 0.05
# Of the connections: so many more are prepared, so that none is idle meanwhile. At least two appends' worth.
_AHEAD, _LEAST_AHEAD = 0.5, 32


@dataclass(slots=True)
class _Brand:
    out: int = 0
    usual: float = _FIRST_GUESS


class Flight:
    """By brand."""

    def __init__(self, brands: Collection[str], connections: int) -> None:
        """`connections`: how many requests can be under way at once."""
        self._brands = {brand: _Brand() for brand in brands}
        self._room = connections + max(_LEAST_AHEAD, round(connections * _AHEAD))

    def most(self, brand: str, rate: float) -> int:
        """How many may be out at `rate` requests a second."""
        return max(_LEAST, math.ceil(_SPARE * rate * self._brands[brand].usual))

    def full(self, brand: str, rate: float, prepared: int = 0) -> bool:
        """Whether the next call should wait for an answer to one of those that are out, with so many more `prepared`."""
        out = self._brands[brand].out
        return out >= self.most(brand, rate) or out + prepared >= self._room

    def left(self, brand: str) -> None:
        """A call is out."""
        self._brands[brand].out += 1

    def ended(self, brand: str, seconds: float | None) -> None:
        """It is out no more: answered after so many seconds, or None when that says nothing of the vendor."""
        one = self._brands[brand]
        one.out -= 1
        if seconds is not None:
            one.usual += _WEIGHT * (seconds - one.usual)
