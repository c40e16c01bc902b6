"""Where spans go: to a collector, by OTLP over HTTP. The only module that imports OpenTelemetry, and itself imported only where
tracing is on.

The SDK's batch processor keeps at most OTEL_BSP_MAX_QUEUE_SIZE (2,048) spans and sends them from a thread of its own, so a
collector that is slow or away costs that much memory, and spans; never a call.
"""

import asyncio
import logging
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Protocol

import requests
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanLimits, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.id_generator import IdGenerator
from opentelemetry.sdk.trace.sampling import ALWAYS_ON
from opentelemetry.trace import (
    NonRecordingSpan,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    TraceFlags,
    TraceState,
    set_span_in_context,
)
from requests.auth import AuthBase

from bridge.telemetry.spans import Kind, Span

# Seconds that the last spans may take when the replica ends; then they are given up.
_FLUSH = 3.0
_LONGEST_WHY = 300
_LONGEST_VALUE = 256
# What the libraries log of each failed attempt; here the first failure is told, and how many spans were lost is counted.
_CHATTY = ("opentelemetry.exporter.otlp.proto.http.trace_exporter", "opentelemetry.sdk._shared_internal")
_KINDS = {
    Kind.INTERNAL: SpanKind.INTERNAL,
    Kind.CONSUMER: SpanKind.CONSUMER,
    Kind.PRODUCER: SpanKind.PRODUCER,
    Kind.CLIENT: SpanKind.CLIENT,
}


class Teller(Protocol):
    """Who is told how it goes, from any thread."""

    def spans_ended(self, end: str, count: int) -> None:
        """So many spans were `made`, `exported`, or `lost` because the collector did not take them."""

    def tracing_failed(self, endpoint: str, why: str) -> None:
        """Spans can't be sent, since just now."""

    def tracing_works(self, endpoint: str) -> None:
        """Spans are taken again."""


class Collector:
    """Takes spans that have ended. `close()` sends what is left."""

    def __init__(self, endpoint: str, headers: Mapping[str, str], resource: Mapping[str, str], teller: Teller) -> None:
        """`resource` goes before OTEL_RESOURCE_ATTRIBUTES and OTEL_SERVICE_NAME, `headers` are added to
        OTEL_EXPORTER_OTLP_HEADERS. Raises ValueError when an OTEL_BSP_* variable is no number that fits.
        """
        self._ids = _GivenIds()
        self._headers = _Headers(headers)
        session = None
        if headers:  # or else OTEL_PYTHON_EXPORTER_OTLP_HTTP_TRACES_CREDENTIAL_PROVIDER may bring one
            session = requests.Session()
            session.auth = self._headers
        self._exporter = _Told(OTLPSpanExporter(endpoint=endpoint, session=session), endpoint, teller)
        self._teller = teller
        self._provider = TracerProvider(
            sampler=ALWAYS_ON,  # only sampled ones come here
            resource=Resource.create(dict(resource)),
            shutdown_on_exit=False,
            id_generator=self._ids,
            span_limits=SpanLimits(max_span_attribute_length=_LONGEST_VALUE),
        )
        self._provider.add_span_processor(BatchSpanProcessor(self._exporter))
        self._tracer = self._provider.get_tracer("campaign-bridge")

    def replace_headers(self, headers: Mapping[str, str]) -> None:
        """Every request that begins from now on carries these."""
        self._headers.values = headers

    def take(self, span: Span) -> None:
        """A span that has ended."""
        self._ids.next = (int(span.context.trace_id, 16), int(span.context.span_id, 16))
        attributes = dict(span.attributes)
        made = self._tracer.start_span(
            span.name, _below(span), _KINDS[span.kind], attributes, start_time=span.start, record_exception=False
        )
        if span.error is not None:
            made.set_status(Status(StatusCode.ERROR, span.error))
        made.end(span.end)
        self._teller.spans_ended("made", 1)

    async def close(self) -> None:
        """Send what is left, for a few seconds at most."""
        done = asyncio.Event()
        loop = asyncio.get_running_loop()

        def flush() -> None:
            self._provider.shutdown()
            with suppress(RuntimeError):  # it took too long, and the loop is closed
                loop.call_soon_threadsafe(done.set)

        # A daemon, not a worker of the loop's: one that hangs must not keep the process from ending.
        threading.Thread(target=flush, name="last spans", daemon=True).start()
        try:
            async with asyncio.timeout(_FLUSH):
                await done.wait()
        except TimeoutError:
            self._exporter.give_up()


def _below(span: Span) -> Context:
    """What the SDK takes for the parent. Without one the trace begins with this span."""
    if span.parent_id is None:
        return Context()
    state = TraceState.from_header([span.state]) if span.state else None
    flags = TraceFlags(span.context.flags)
    parent = SpanContext(
        int(span.context.trace_id, 16), int(span.parent_id, 16), is_remote=True, trace_flags=flags, trace_state=state
    )
    return set_span_in_context(NonRecordingSpan(parent), Context())


class _Headers(AuthBase):
    """Puts headers on each request, as they are by then: they may be rotated."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self.values = values

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers.update(self.values)
        return request


class _GivenIds(IdGenerator):
    """The ids that a span has already."""

    next: tuple[int, int] = (0, 0)

    def generate_trace_id(self) -> int:
        return self.next[0]

    def generate_span_id(self) -> int:
        return self.next[1]


class _Heard(logging.Handler):
    """Keeps the last thing that the exporter complained of: its answer does not say why."""

    last = ""

    def emit(self, record: logging.LogRecord) -> None:
        """One complaint."""
        self.last = record.getMessage()[:_LONGEST_WHY]


class _Told(SpanExporter):
    """Counts, and tells of the first failure and of the first success after it."""

    def __init__(self, inner: OTLPSpanExporter, endpoint: str, teller: Teller) -> None:
        self._inner = inner
        self._endpoint = endpoint
        self._teller = teller
        self._failing = False
        self._heard = _Heard()
        for name in _CHATTY:
            chatty = logging.getLogger(name)
            chatty.handlers, chatty.propagate = [self._heard], False

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """In the processor's thread."""
        self._heard.last = ""
        result = self._inner.export(spans)
        works = result is SpanExportResult.SUCCESS
        self._teller.spans_ended("exported" if works else "lost", len(spans))
        if works and self._failing:
            self._teller.tracing_works(self._endpoint)
        elif not works and not self._failing:
            self._teller.tracing_failed(self._endpoint, self._heard.last)
        self._failing = not works
        return result

    def shutdown(self) -> None:
        """By the processor, when it has sent what it had."""
        self.give_up()

    def give_up(self) -> None:
        """Try nothing again."""
        self._inner.shutdown()  # type: ignore[no-untyped-call]
