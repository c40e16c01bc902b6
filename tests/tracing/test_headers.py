"""Headers of what is sent to the collector may be rotated."""

from functools import partial

import pytest
from tracing.collector import Collector as Receiver
from tracing.collector import collecting
from waiting import eventually

from bridge.telemetry.otlp import Collector
from bridge.telemetry.spans import Kind, Span
from bridge.tracecontext import TraceContext


class _Deaf:
    def spans_ended(self, end: str, count: int) -> None: ...

    def tracing_failed(self, endpoint: str, why: str) -> None: ...

    def tracing_works(self, endpoint: str) -> None: ...


async def test_the_next_request_carries_the_headers_that_were_given_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "10")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "x-team=crm")
    async with collecting() as receiver:
        collector = Collector(receiver.url, {"authorization": "Bearer 1"}, {}, _Deaf())
        try:
            for number, token in enumerate(("Bearer 1", "Bearer 2")):
                if number:
                    collector.replace_headers({"authorization": token})
                collector.take(span(number))
                await eventually(partial(_has_come, receiver, number))
                assert receiver.headers[-1]["authorization"] == token
                assert receiver.headers[-1]["x-team"] == "crm"
        finally:
            await collector.close()


def _has_come(receiver: Receiver, number: int) -> bool:
    return len(receiver.spans) > number


def span(number: int) -> Span:
    return Span(TraceContext(f"{number + 1:032x}", f"{number + 1:016x}", 1), None, "call", Kind.CLIENT, 1, 2, {})
