"""Spans of what the stages tell. It knows what a span says and when there is one; bridge.telemetry.otlp where they go.

A span is made when it has ended, from what is known then: none is held while a trigger waits or an execution is open.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from bridge.clock import Clock
from bridge.ledger.records import About
from bridge.telemetry import spans
from bridge.telemetry.spans import Attempted, Attributes, Handled, Span, Subject, Told
from bridge.tracecontext import Sampling, TraceContext, parse

_MS = 1_000_000


@dataclass(frozen=True, slots=True)
class Names:
    """`group` is intake's; `triggers` and `results` are topics; `vendor`: the vendor's address, as attributes."""

    group: str
    triggers: str
    results: str
    vendor: Attributes


class Tracing:
    """What the stages ask when tracing is on. Nothing here raises or waits."""

    def __init__(self, export: Callable[[Span], None], sampling: Sampling, names: Names, clock: Clock) -> None:
        """`export` takes a span that has ended, at once."""
        self._export = export
        self._names = names
        self._clock = clock
        self.sampling = sampling

    def now(self) -> int:
        """Nanoseconds since 1970 UTC, as the service's clock has it."""
        return self._clock.now() * _MS

    def records_decided(self, handled: Iterable[Handled], began: int) -> None:
        """Intake: these records were read at `began` (ms), and what came of them is acknowledged."""
        now = self.now()
        for one in handled:
            # Of a topic that is mostly about other things each record would else begin a trace of its own.
            wanted = one.before.parent_id is not None or one.decisions
            if one.context.sampled and wanted:
                self._take(spans.of_record(one, self._names.group, self._names.triggers, began * _MS, now))

    def call_ended(
        self, trigger: str, made: Attempted, *, brand: str, route: str, end: str, status: int | None
    ) -> None:
        """Dispatch: a call got its answer just now, or none. `end`: its name in the metrics."""
        if (trace := _sampled(made.trace)) is None:
            return
        subject = Subject(trace, trigger, brand, route, made.state)
        self._take(spans.of_attempt(subject, made, end=end, status=status, where=self._names.vendor, now=self.now()))

    def result_written(self, trigger: str, about: About, told: Told, began: int) -> None:
        """A result was given to Kafka at `began` (ns), and is acknowledged."""
        if (trace := _sampled(about.trace or None)) is None:
            return
        subject = Subject(trace, trigger, about.brand, about.route)
        self._take(spans.of_result(subject, told, self._names.results, began, self.now()))

    def _take(self, ended: Iterable[Span]) -> None:
        for span in ended:
            self._export(span)


def _sampled(trace: str | None) -> TraceContext | None:
    context = parse(trace)
    return context if context is not None and context.sampled else None
