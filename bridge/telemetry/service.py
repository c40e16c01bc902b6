"""What happens to the service as a whole: holds, start and end."""

from importlib.metadata import version

from structlog.typing import FilteringBoundLogger

from bridge.clock import Clock
from bridge.telemetry.metrics import Metrics
from bridge.telemetry.reporter import Reporter


class ServiceEvents(Reporter):
    """Told by the app and by the holds."""

    def __init__(self, metrics: Metrics, clock: Clock, log: FilteringBoundLogger) -> None:
        super().__init__(metrics, clock, log)

    def started(self, name: str, mode: str, **details: object) -> None:
        """All stages run. `details` are what an operator wants to know of this start: no keys."""
        release = version("campaign-bridge")
        self.metrics.build.forget_all()
        self.metrics.build(release, mode).set(1)
        self._log.info("started", name=name, mode=mode, version=release, **details)

    def routes_loaded(self, table: str, routes: int) -> None:
        """A routing table is in force; `table` is its hash."""
        self.metrics.routes.forget_all()
        self.metrics.routes(table).set(1)
        self._log.info("routes loaded", table=table, routes=routes)

    def hold_set(self, scope: str, reason: str, until: int | None) -> None:
        """Calls of a scope wait; `until` is ms since 1970 UTC, None until somebody releases it."""
        gauge = self.metrics.hold(scope, str(reason))
        gauge.set_function(lambda: float(until is None or self._clock.now() < until))
        self._log.warning("hold", scope=scope, reason=reason, until=until)

    def hold_released(self, scope: str, reason: str) -> None:
        """Calls of a scope wait no longer for this reason."""
        self.metrics.hold.forget(scope, str(reason))
        self._log.info("hold released", scope=scope, reason=reason)

    def stage_failed(self, stage: str, error: BaseException) -> None:
        """A stage can't go on; the process will end, for Kubernetes to start it again."""
        self._log.error("stage failed", stage=stage, error=str(error), exc_info=error)

    def warned(self, message: str, **details: object) -> None:
        """Something that a person should know and that stops nothing. No keys, nothing of a context."""
        self._log.warning(message, **details)

    def stopping(self, reason: str) -> None:
        """The service begins to drain."""
        self._log.info("stopping", reason=reason)

    def stopped(self, **details: object) -> None:
        """The service is drained; the process ends."""
        self._log.info("stopped", **details)
