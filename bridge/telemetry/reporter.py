"""What the events of the service share: the metrics they change, the log they write to, the clock of ages."""

from collections.abc import Hashable
from typing import Generic, TypeVar

from structlog.typing import FilteringBoundLogger

from bridge.clock import Clock
from bridge.telemetry.metrics import Metrics
from bridge.telemetry.tracing import Tracing

_Key = TypeVar("_Key", bound=Hashable)


class Reporter:
    """Holds where telemetry goes. `tracing`: None where it is off, and then all that it costs is to look at this."""

    tracing: Tracing | None = None

    def __init__(self, metrics: Metrics, clock: Clock, log: FilteringBoundLogger) -> None:
        self.metrics = metrics
        self._clock = clock
        self._log = log


class Sum(Generic[_Key]):
    """A total whose parts are told one by one."""

    def __init__(self) -> None:
        self._parts: dict[_Key, float] = {}
        self.total = 0.0

    def put(self, key: _Key, value: float) -> float:
        """This part is now `value`; the new total."""
        self.total += value - self._parts.get(key, 0)
        self._parts[key] = value
        return self.total

    def drop(self, key: _Key) -> float:
        """This part is no longer ours; the new total."""
        self.total -= self._parts.pop(key, 0)
        return self.total
