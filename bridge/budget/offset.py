"""What Redis' clock shows against ours, as far as round trips can tell. Pure; seconds.

A round trip says: when Redis' clock showed `there`, ours showed something between `sent` and `received`. Each one narrows
what is known; the two clocks drift, which widens it again; and what contradicts it is a clock that was set.
"""

from dataclasses import dataclass

# Seconds a second: more than quartz ever drifts against a clock that NTP slews (500 ppm).
_DRIFT = 0.0006


@dataclass(slots=True)
class Offset:
    """Our clock less Redis' clock lies between two bounds."""

    _least: float = float("-inf")
    _most: float = float("inf")
    _at: float = 0.0

    def seen(self, sent: float, there: float, received: float) -> None:
        """Redis' clock showed `there` at some moment from `sent` to `received` of ours."""
        drift = _DRIFT * max(0.0, received - self._at)
        before = self._least - drift, self._most + drift
        self._least, self._most, self._at = sent - there, received - there, received
        if before[0] <= self._most and self._least <= before[1]:
            self._least, self._most = max(self._least, before[0]), min(self._most, before[1])

    def here(self, there: float) -> float:
        """The moment of ours at which Redis' clock has surely come to `there`: never before it."""
        return there + self._most

    def there(self, here: float) -> float:
        """What Redis' clock shows at least at `here`: never after it."""
        return here - self._most
