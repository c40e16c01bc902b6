"""What becomes of events, triggers, calls and executions.

A line in the log has the trigger's id, the event's id and the route; never a value of the context, and never a key.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from logging import DEBUG, INFO, WARNING

from structlog.typing import FilteringBoundLogger

from bridge.clock import Clock
from bridge.events import Source
from bridge.telemetry.metrics import Metrics
from bridge.telemetry.reporter import Reporter
from bridge.telemetry.spans import Attempted
from bridge.tracecontext import parse

# Ends of calls, by how much a person should care: the rest is the normal course of things.
_TROUBLE = frozenset({"refused_event", "refused_route", "refused_brand", "unknown"})
_DOUBTFUL = frozenset({"unknown", "lost", "unresolved", "failed"})


class CampaignEvents(Reporter):
    """Told by intake, dispatch and reconcile."""

    def __init__(self, metrics: Metrics, clock: Clock, log: FilteringBoundLogger) -> None:
        super().__init__(metrics, clock, log)
        self._results: dict[object, float] = {}
        metrics.oldest_result().set_function(self._oldest_result)

    def event_decided(self, source: str, decision: str, count: int = 1) -> None:
        """`count` decisions of a kind (trigger, rejected, unmapped, none, shadow, dead_letter, tombstone) about events of a
        source.
        """
        self.metrics.events(source, decision).inc(count)

    def dead_letter(self, source_ref: Source, reason: str) -> None:
        """A record that is no event went to the dead letters. `reason` must not quote the record."""
        self.metrics.dead_letters(source_ref.topic).inc()
        self._log.warning("dead letter", source=str(source_ref), reason=reason)

    def trigger_ended(
        self, brand: str, route: str, outcome: str, *, trigger_id: str, event_id: str, reason: str | None = None
    ) -> None:
        """A trigger got its outcome without an execution (with one: `execution_ended`, never both)."""
        self.metrics.triggers(brand, route, outcome).inc()
        write = self._log.warning if outcome in _DOUBTFUL else self._log.info
        write(
            "trigger ended",
            brand=brand,
            route=route,
            outcome=outcome,
            trigger=trigger_id,
            event_id=event_id,
            reason=reason,
        )

    def call_ended(
        self,
        brand: str,
        route: str,
        end: str,
        *,
        trigger_id: str,
        event_id: str,
        seconds: float,
        event_age_seconds: float | None = None,
        status: int | None = None,
        attempted: Attempted | None = None,
    ) -> None:
        """A call of the run endpoint ended so after `seconds`.

        `event_age_seconds`: the event's age when the call left; None where its time is not known. `status`: the HTTP status
        of an answer. `attempted`: None for a trigger without a trace.
        """
        self.metrics.calls(brand, end).inc()
        if status is not None:
            self.metrics.call(brand).observe(seconds)
        if event_age_seconds is not None and end != "not_sent":
            exemplar = None if attempted is None else self._exemplar(attempted.trace)
            self.metrics.event_to_call(brand, route).observe(max(0.0, event_age_seconds), exemplar)
        level = WARNING if end in _TROUBLE else DEBUG if end == "accepted" else INFO
        if self._log.is_enabled_for(level):  # mostly not, thousands of times a second
            self._log.log(
                level,
                "call ended",
                brand=brand,
                route=route,
                end=end,
                status=status,
                seconds=round(seconds, 4),
                trigger=trigger_id,
                event_id=event_id,
            )
        if attempted is not None and self.tracing is not None:
            self.tracing.call_ended(trigger_id, attempted, brand=brand, route=route, end=end, status=status)

    def poll_ended(self, brand: str, end: str) -> None:
        """A question about the status of an execution ended so."""
        self.metrics.polls(brand, end).inc()

    def execution_ended(
        self,
        brand: str,
        route: str,
        outcome: str,
        *,
        trigger_id: str,
        execution_id: str,
        event_id: str | None = None,
        seconds_since_call: float | None = None,
        audience: int | None = None,
        usual_audience: int | None = None,
        trace: str | None = None,
    ) -> None:
        """A trigger got its outcome by the end of its execution. `audience`: None where the vendor did not say;
        `usual_audience`: what the campaign usually has, where this is far below it (bridge.outcomes.audience).
        """
        self.metrics.triggers(brand, route, outcome).inc()
        if seconds_since_call is not None:
            exemplar = None if trace is None else self._exemplar(trace)
            self.metrics.call_to_end(brand, route).observe(max(0.0, seconds_since_call), exemplar)
        hint = self._audience(brand, route, outcome, audience, usual_audience)
        write = self._log.warning if hint is not None or outcome in _DOUBTFUL else self._log.info
        write(
            "execution ended",
            brand=brand,
            route=route,
            outcome=outcome,
            trigger=trigger_id,
            event_id=event_id,
            execution=execution_id,
            audience=audience,
            usual_audience=usual_audience,
            hint=hint,
        )

    def _exemplar(self, trace: str) -> dict[str, str] | None:
        """The trace that a measured value belongs to, if there are spans of it."""
        context = None if self.tracing is None else parse(trace)
        return {"trace_id": context.trace_id} if context is not None and context.sampled else None

    def corrected(self, brand: str, route: str, outcome: str) -> None:
        """The outcome just told of (it counts there, too) corrects another one of the same trigger."""
        self.metrics.corrections(brand, route, outcome).inc()

    def _audience(
        self, brand: str, route: str, outcome: str, audience: int | None, usual_audience: int | None
    ) -> str | None:
        """Counts the audience. What to think of it, if it looks wrong."""
        if outcome != "published" or audience is None:
            return None
        if audience == 0:
            self.metrics.audience_zero(brand, route).inc()
            return "an audience of 0 is what a wrong topic key looks like"
        self.metrics.audience(brand, route).inc(max(0, audience))
        if usual_audience is None:
            return None
        self.metrics.audience_dropped(brand, route).inc()
        return "an audience far below the usual one is what a wrong topic key looks like"

    def waiting(self, brand: str, count: int, oldest_received: int | None = None, held: int = 0) -> None:
        """So many triggers wait, `held` of them for a hold; the oldest was received at `oldest_received` (ms since 1970
        UTC).
        """
        self.metrics.waiting(brand).set(count)
        self.metrics.held(brand).set(held)
        if oldest_received is None:
            self.metrics.oldest_waiting(brand).set_function(lambda: 0.0)
        else:
            self.metrics.oldest_waiting(brand).set_function(
                lambda: max(0.0, (self._clock.now() - oldest_received) / 1000)
            )

    def in_flight(self, count: int) -> None:
        """So many calls are under way."""
        self.metrics.in_flight().set(count)

    def open_executions(self, count: int) -> None:
        """So many executions are followed."""
        self.metrics.open_executions().set(count)

    def poll_lag(self, first_due: Callable[[], float | None]) -> None:
        """`first_due()`: when the next execution is to be asked about (boottime, seconds), None when none is. Called whenever
        the metrics are read.
        """

        def late() -> float:
            due = first_due()
            return 0.0 if due is None else max(0.0, self._clock.boottime() - due)

        self.metrics.poll_lag().set_function(late)

    @contextmanager
    def writing_result(self) -> Iterator[None]:
        """A result is being written, until the block ends."""
        mine = object()
        self._results[mine] = self._clock.boottime()
        try:
            yield
        finally:
            del self._results[mine]

    def _oldest_result(self) -> float:
        oldest = next(iter(self._results.values()), None)  # they begin in this order
        return 0.0 if oldest is None else max(0.0, self._clock.boottime() - oldest)

    def budget_rate(self, brand: str, configured: float, share: float) -> None:
        """Requests a second: what the brand may make over all replicas, and this replica now."""
        self.metrics.limit(brand).set(configured)
        self.metrics.share(brand).set(share)

    def slot_taken(self, brand: str, lane: str) -> None:
        """A request got its slot."""
        self.metrics.slots(brand, lane).inc()
