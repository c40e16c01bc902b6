"""A collector that keeps what it is sent: OTLP over real HTTP, decoded with the protocol's own classes."""

import gzip
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.trace.v1.trace_pb2 import Span as Sent


@dataclass(frozen=True)
class Received:
    """A span as it came."""

    sent: Any
    resource: Mapping[str, str | int]

    @property
    def name(self) -> str:
        return str(self.sent.name)

    @property
    def trace_id(self) -> str:
        return bytes(self.sent.trace_id).hex()

    @property
    def span_id(self) -> str:
        return bytes(self.sent.span_id).hex()

    @property
    def parent_id(self) -> str:
        """Empty where the trace begins."""
        return bytes(self.sent.parent_span_id).hex()

    @property
    def kind(self) -> str:
        return str(Sent.SpanKind.Name(self.sent.kind)).removeprefix("SPAN_KIND_")

    @property
    def attributes(self) -> dict[str, str | int]:
        return _values(self.sent.attributes)


@dataclass
class Collector:
    """`status`: what it answers."""

    url: str = ""
    status: int = 200
    spans: list[Received] = field(default_factory=list)
    headers: list[Mapping[str, str]] = field(default_factory=list)

    async def take(self, request: web.Request) -> web.Response:
        self.headers.append({name.lower(): value for name, value in request.headers.items()})
        body = await request.read()
        if request.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        asked = ExportTraceServiceRequest.FromString(body)
        if self.status == 200:
            for group in asked.resource_spans:
                resource = _values(group.resource.attributes)
                self.spans += [Received(span, resource) for scope in group.scope_spans for span in scope.spans]
        answer = ExportTraceServiceResponse().SerializeToString()
        return web.Response(status=self.status, body=answer, content_type="application/x-protobuf")

    def named(self, name: str, trace_id: str | None = None) -> list[Received]:
        """Those of that name, by their ids: one that was made twice is one."""
        found = {(one.trace_id, one.span_id): one for one in self.spans if one.name == name}
        return [one for one in found.values() if trace_id in (None, one.trace_id)]

    def one(self, name: str, trace_id: str) -> Received:
        """The only one of that name in a trace."""
        (found,) = self.named(name, trace_id)
        return found


@asynccontextmanager
async def collecting(port: int = 0) -> AsyncIterator[Collector]:
    collector = Collector()
    application = web.Application(client_max_size=16_000_000)
    application.router.add_post("/v1/traces", collector.take)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()
        collector.url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1/traces"
        yield collector
    finally:
        await runner.cleanup()


def _values(attributes: Any) -> dict[str, str | int]:
    return {one.key: getattr(one.value, one.value.WhichOneof("value")) for one in attributes}
