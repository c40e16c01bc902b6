"""What the processes of a round took of the machine while it was measured."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench.machine import cpu_seconds, peak_mb


@dataclass(frozen=True, slots=True)
class Usage:
    """`cpu`: CPU-seconds by group of processes; `peak`: the most memory that one process of each held, MB."""

    seconds: float
    cpu: Mapping[str, float]
    peak: Mapping[str, float]

    def share(self, name: str) -> float:
        """Of one core."""
        return self.cpu[name] / self.seconds


class Watch:
    """Counts from its making on."""

    def __init__(self, **groups: Sequence[int]) -> None:
        """`groups`: process ids. They must run until `usage` was asked for."""
        self._groups = groups
        self._before = self._spent()
        self._began = time.perf_counter()

    def usage(self) -> Usage:
        """Until now."""
        after = self._spent()
        return Usage(
            time.perf_counter() - self._began,
            {name: after[name] - self._before[name] for name in after},
            {name: max(map(peak_mb, pids), default=0.0) for name, pids in self._groups.items()},
        )

    def _spent(self) -> dict[str, float]:
        return {name: sum(map(cpu_seconds, pids)) for name, pids in self._groups.items()}
