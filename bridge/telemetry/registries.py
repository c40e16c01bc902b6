"""What happens with the schema registry."""

from structlog.typing import FilteringBoundLogger

from bridge.clock import Clock
from bridge.telemetry.metrics import Metrics
from bridge.telemetry.reporter import Reporter

# Seconds between two lines that say the same.
_AGAIN = 60.0


class RegistryEvents(Reporter):
    """Told by the registry's client and by intake."""

    def __init__(self, metrics: Metrics, clock: Clock, log: FilteringBoundLogger) -> None:
        super().__init__(metrics, clock, log)
        self._registry_trouble: str | None = None
        self._registry_told_at = 0.0

    def registry_answered(self, end: str) -> None:
        """It told of a schema: found, missing, or unfit to read by."""
        self.metrics.registry_questions(end).inc()
        self.metrics.registry_up().set(1)
        if self._registry_trouble is not None:
            self._registry_trouble = None
            self._log.info("schema registry answers again")

    def registry_in_trouble(self, why: str, *, refused: bool) -> None:
        """It gave no answer that says anything; `refused`: a person must mend that. `why` holds no secret."""
        self.metrics.registry_questions("refused" if refused else "unanswered").inc()
        self.metrics.registry_up().set(0)
        now = self._clock.boottime()
        if why != self._registry_trouble or now - self._registry_told_at >= _AGAIN:
            self._registry_trouble, self._registry_told_at = why, now
            write = self._log.error if refused else self._log.warning
            write(
                "schema registry is of no use",
                why=why,
                then="records whose schemas are not known yet wait; all others go on",
            )

    def schema_awaited(self, topic: str, partition: int, offset: int, schema: object) -> None:
        """A partition waits, from this record on, for a schema."""
        self._log.info("partition waits for a schema", record=f"{topic}/{partition}/{offset}", schema=str(schema))

    def partitions_waiting(self, count: int) -> None:
        """So many partitions wait for schemas."""
        self.metrics.registry_waiting().set(count)
