"""What calls tell of a kill: how long nobody called for what the killed one had, and whether the others stood still. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from bench.distribution import NEVER, first_after, longest_gap


@dataclass(frozen=True, slots=True)
class Calls:
    """When (ms) each partition was called; who had it when one was killed."""

    times: Mapping[int, Sequence[int]]
    owners: Mapping[int, str]
    victim: str
    killed: int
    until: int

    @property
    def taken(self) -> float:
        """Seconds until the last of the victim's partitions is called again; NEVER when one is not."""
        waits = [
            first_after(self.times[number], self.killed) for number, who in self.owners.items() if who == self.victim
        ]
        return max((NEVER if wait is None else wait / 1000 for wait in waits), default=NEVER)

    @property
    def pause(self) -> float:
        """Seconds: the longest time without a call of each other replica, in its partitions; the median of these. NEVER when
        the victim had no other beside it.
        """
        others = sorted(set(self.owners.values()) - {self.victim})
        gaps = [
            longest_gap((at for number in self._of(who) for at in self.times[number]), self.killed, self.until)
            for who in others
        ]
        return median(gaps) / 1000 if gaps else NEVER

    def _of(self, who: str) -> list[int]:
        return [number for number, owner in self.owners.items() if owner == who]
