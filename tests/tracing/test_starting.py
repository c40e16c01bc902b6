"""Where spans go by settings and environment, and that without tracing there is nothing of it."""

import subprocess
import sys
from collections.abc import Mapping
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from bridge.app.tracing import begin_tracing, endpoint, resource
from bridge.clock import SystemClock
from bridge.configfile import ConfigError, without_places
from bridge.errors import StartupRefused
from bridge.settings import Settings, settings_of
from bridge.telemetry import Telemetry

_ELSEWHERE = "http://otel-collector:4318/v1/traces"


def settings(**tracing: Any) -> Settings:
    return settings_of(without_places({"tracing": {"enabled": True, **tracing}}), {})


@pytest.mark.parametrize(
    ("tracing", "environ", "found"),
    [
        ({}, {}, "http://localhost:4318/v1/traces"),
        ({}, {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318/"}, "http://collector:4318/v1/traces"),
        (
            {},
            {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://a", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "https://b/x"},
            "https://b/x",
        ),
        ({"endpoint": _ELSEWHERE}, {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "https://b/x"}, _ELSEWHERE),
        ({"endpoint": "https://b/x", "headers": {"authorization": "Bearer x"}}, {}, "https://b/x"),
        ({"endpoint": "http://127.0.0.1:1/x", "headers": {"authorization": "Bearer x"}}, {}, "http://127.0.0.1:1/x"),
    ],
)
def test_spans_go_where_the_settings_or_else_the_environment_say(
    tracing: dict[str, Any], environ: Mapping[str, str], found: str
) -> None:
    assert endpoint(settings(**tracing), environ) == found


@pytest.mark.parametrize(
    ("tracing", "environ"),
    [
        ({}, {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318", "OTEL_EXPORTER_OTLP_HEADERS": "a=b"}),
        ({"endpoint": _ELSEWHERE}, {"OTEL_EXPORTER_OTLP_TRACES_HEADERS": "a=b"}),
        ({"headers": {"authorization": "Bearer x"}}, {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318"}),
        ({}, {"OTEL_EXPORTER_OTLP_ENDPOINT": "collector:4317"}),
    ],
)
def test_headers_do_not_travel_unencrypted(tracing: dict[str, Any], environ: Mapping[str, str]) -> None:
    with pytest.raises(StartupRefused, match=r"https|tracing\.endpoint"):
        endpoint(settings(**tracing), environ)


@pytest.mark.parametrize(
    "tracing",
    [
        {"endpoint": _ELSEWHERE, "headers": {"authorization": "Bearer x"}},
        {"endpoint": "collector:4318"},
        {"endpoint": "grpc://collector:4317"},
        {"endpoint": "https://user:password@collector/v1/traces"},
        {"sample_ratio": 1.1},
    ],
)
def test_settings_that_do_not_fit_are_refused_where_they_stand(tracing: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match=r"tracing\.(endpoint|sample_ratio)"):
        settings(**tracing)


def test_a_service_has_the_name_that_the_environment_gives_it_unless_the_settings_do() -> None:
    assert resource(settings(), "host/1", {})["service.name"] == "bridge"
    assert "service.name" not in resource(settings(), "host/1", {"OTEL_SERVICE_NAME": "x"})
    named = resource(settings(service_name="mine", resource={"team": "t"}), "host/1", {"OTEL_SERVICE_NAME": "x"})
    assert named == {"host.name": "host", "service.instance.id": "1", "service.name": "mine", "team": "t"}


def begin(**tracing: Any) -> Telemetry:
    telemetry = Telemetry(CollectorRegistry(), SystemClock())
    assert begin_tracing(settings(**tracing), "host/1", SystemClock(), telemetry) is None
    return telemetry


def test_the_environment_can_turn_it_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_SDK_DISABLED", "true")
    assert begin().tracing is None
    assert begin(enabled=False).tracing is None


def test_without_the_extra_a_start_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "bridge.telemetry.otlp", raising=False)
    for name in [name for name in sys.modules if name.startswith("opentelemetry")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "opentelemetry", None)
    with pytest.raises(StartupRefused, match=r"campaign-bridge\[tracing\]"):
        begin()


def test_a_replica_without_tracing_imports_nothing_of_opentelemetry() -> None:
    code = """
import sys
from prometheus_client import CollectorRegistry
import bridge.cli
from bridge.app.tracing import begin_tracing
from bridge.clock import SystemClock
from bridge.settings import Settings
from bridge.telemetry import Telemetry
assert begin_tracing(Settings(), "host/1", SystemClock(), Telemetry(CollectorRegistry(), SystemClock())) is None
print(sorted(name for name in sys.modules if name.split(".")[0] in {"opentelemetry", "google", "requests"}))
"""
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == "[]"
