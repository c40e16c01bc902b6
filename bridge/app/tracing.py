"""Tracing, where the settings turn it on: where spans go, and what they are said to come from."""

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bridge.clock import Clock
from bridge.errors import StartupRefused
from bridge.kafka.topics import TopicNames
from bridge.settings import Settings
from bridge.settings.kinds import plain_elsewhere
from bridge.telemetry import Telemetry
from bridge.telemetry.spans import Attributes
from bridge.telemetry.tracing import Names, Tracing
from bridge.tracecontext import Sampling

if TYPE_CHECKING:
    from bridge.telemetry.otlp import Collector

_DEFAULT = "http://localhost:4318/v1/traces"
_HEADERS = ("OTEL_EXPORTER_OTLP_TRACES_HEADERS", "OTEL_EXPORTER_OTLP_HEADERS")


def begin_tracing(settings: Settings, replica: str, clock: Clock, telemetry: Telemetry) -> "Collector | None":
    """Have the telemetry make spans, if `tracing.enabled`. What is given back takes them, and is to be closed.

    Raises StartupRefused when OpenTelemetry is not installed, or where the environment says that spans go does not fit.
    """
    tracing = settings.tracing
    if not tracing.enabled or _disabled(os.environ):
        return None
    where = endpoint(settings, os.environ)
    try:
        from bridge.telemetry.otlp import Collector  # noqa: PLC0415 - only here: without tracing it need not be installed
    except ImportError as error:
        raise StartupRefused(
            f"tracing.enabled needs OpenTelemetry ({error}): install the extra, as in pip install 'campaign-bridge[tracing]'"
        ) from error
    try:
        collector = Collector(where, revealed(settings), resource(settings, replica, os.environ), telemetry)
    except ValueError as error:
        raise StartupRefused(f"an OTEL_ variable does not fit: {error}") from error
    names = TopicNames(settings.name)
    of_spans = Names(f"{settings.name}.intake", names.triggers, names.results, _address(settings.vendor.base_url))
    telemetry.tracing = Tracing(collector.take, Sampling(tracing.sample_ratio), of_spans, clock)
    return collector


def revealed(settings: Settings) -> dict[str, str]:
    """The headers of each request to the collector."""
    return {name: value.get_secret_value() for name, value in settings.tracing.headers.items()}


def endpoint(settings: Settings, environ: Mapping[str, str]) -> str:
    """Where spans are posted: by the settings, else by OpenTelemetry's variables. Raises StartupRefused."""
    tracing = settings.tracing
    base = environ.get("OTEL_EXPORTER_OTLP_ENDPOINT")
    found = (
        tracing.endpoint
        or environ.get("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
        or (f"{base.rstrip('/')}/v1/traces" if base else _DEFAULT)
    )
    parts = urlsplit(found)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise StartupRefused(f"spans can't be posted to {found!r}: set tracing.endpoint to a URL with http or https")
    if plain_elsewhere(found) and (tracing.headers or any(environ.get(name) for name in _HEADERS)):
        raise StartupRefused(
            f"spans go to {found} unencrypted, and so would their headers (tracing.headers, {_HEADERS[1]}): use https, or no headers"
        )
    return found


def resource(settings: Settings, replica: str, environ: Mapping[str, str]) -> dict[str, str]:
    """What all spans are said to come from. `replica` is this one's name."""
    host, _, instance = replica.rpartition("/")
    name = settings.tracing.service_name or (None if environ.get("OTEL_SERVICE_NAME") else settings.name)
    named = {} if name is None else {"service.name": name}
    return {"host.name": host, "service.instance.id": instance, **named, **settings.tracing.resource}


def _disabled(environ: Mapping[str, str]) -> bool:
    return environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true"


def _address(base_url: str) -> Attributes:
    parts = urlsplit(base_url)
    return {
        "server.address": parts.hostname or "",
        "server.port": parts.port or (443 if parts.scheme == "https" else 80),
    }
