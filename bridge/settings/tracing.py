"""The section `tracing`."""

from typing import Annotated

from pydantic import Field

from bridge.settings.kinds import HeaderLine, HeaderName, Kind, Number, Switch, Text, TraceUrl
from bridge.settings.section import Section


class TracingSettings(Section):
    """Spans for OpenTelemetry, sent to a collector by OTLP over HTTP ([tracing.md](../tracing.md)). Needs the extra `tracing`.
    `OTEL_*` variables of the exporter, the batches and the resource count where the setting is left out.
    """

    enabled: Switch = Field(
        default=False,
        description="Continue the traces of events (the header `traceparent` of source records) and send spans.",
    )
    endpoint: Annotated[TraceUrl | None, Kind("URL")] = Field(
        default=None,
        description="Where spans are posted, the whole URL: `http://otel-collector:4318/v1/traces`. Without it "
        "`OTEL_EXPORTER_OTLP_TRACES_ENDPOINT` or `OTEL_EXPORTER_OTLP_ENDPOINT`, else this machine's port 4318. "
        "https where `headers` are sent, except to a loopback address.",
    )
    headers: Annotated[dict[HeaderName, HeaderLine], Kind("secrets by name")] = Field(
        default={}, description="Headers of each request to the collector, a token among them: `{authorization: ...}`."
    )
    sample_ratio: Annotated[Number, Field(ge=0, le=1)] = Field(
        default=1,
        description="Of the events that come without a trace, the part that begins one. Where there is one, its producer's "
        "decision counts.",
    )
    service_name: Annotated[Text | None, Kind("text")] = Field(
        default=None,
        description="`service.name` of all spans. Without it `OTEL_SERVICE_NAME`, else the setting `name`.",
    )
    resource: Annotated[dict[str, Text], Kind("texts by name")] = Field(
        default={},
        description="More attributes of the resource: `{deployment.environment.name: staging}`. They go before "
        "`OTEL_RESOURCE_ATTRIBUTES`.",
    )
    propagate_to_vendor: Switch = Field(
        default=False,
        description="Send `traceparent` and `tracestate` with each call. The vendor's page names no such headers: ask first.",
    )
