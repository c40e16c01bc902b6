import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import aiohttp
import pytest
from prometheus_client import CollectorRegistry

from bridge.clock import SystemClock
from bridge.errors import StartupRefused
from bridge.telemetry import Telemetry, process_registry
from bridge.telemetry.health import serving, watch_loop


@dataclass
class Served:
    base: str
    session: aiohttp.ClientSession
    registry: CollectorRegistry
    reasons: list[str] = field(default_factory=list)

    async def get(self, path: str, **headers: str) -> tuple[int, str]:
        async with self.session.get(self.base + path, headers=headers) as answer:
            return answer.status, await answer.text()


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    registry, reasons = CollectorRegistry(), list[str]()
    async with serving("127.0.0.1", 0, registry, lambda: reasons) as port, aiohttp.ClientSession() as session:
        yield Served(f"http://127.0.0.1:{port}", session, registry, reasons)


async def test_the_service_lives_while_it_is_not_ready(served: Served) -> None:
    served.reasons.append("dispatch has not joined its group")
    assert await served.get("/livez") == (200, "ok\n")


async def test_readiness_says_why_not(served: Served) -> None:
    served.reasons += ["dispatch has not joined its group", "the control topic is not read"]
    assert await served.get("/readyz") == (
        503,
        '{"ready":false,"reasons":["dispatch has not joined its group","the control topic is not read"]}',
    )
    served.reasons.clear()
    assert await served.get("/readyz") == (200, '{"ready":true,"reasons":[]}')


async def test_metrics_are_prometheus_text(served: Served) -> None:
    Telemetry(served.registry, SystemClock()).event_decided("matches", "none")
    status, text = await served.get("/metrics")
    assert status == 200
    assert 'bridge_events_total{decision="none",source="matches"} 1.0' in text


async def test_metrics_are_open_metrics_for_who_asks(served: Served) -> None:
    _, text = await served.get("/metrics", Accept="application/openmetrics-text; version=1.0.0")
    assert text.endswith("# EOF\n")


@pytest.mark.parametrize("method", ["HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"])
@pytest.mark.parametrize("path", ["/livez", "/readyz", "/metrics"])
async def test_only_get_is_answered(served: Served, method: str, path: str) -> None:
    async with served.session.request(method, served.base + path) as answer:
        assert answer.status == 405


@pytest.mark.parametrize("path", ["/", "/livez/", "/metrics/x", "/../etc/passwd", "/debug"])
async def test_nothing_else_is_served(served: Served, path: str) -> None:
    assert (await served.get(path))[0] == 404


async def test_a_port_that_is_taken_refuses_to_start(served: Served) -> None:
    port = int(served.base.rsplit(":", 1)[1])
    with pytest.raises(StartupRefused, match=f"http.port {port}.*BRIDGE_HTTP__PORT"):
        async with serving("127.0.0.1", port, CollectorRegistry(), list):
            pass


async def test_the_loops_lag_is_measured() -> None:
    registry = CollectorRegistry()
    async with asyncio.timeout(10), asyncio.TaskGroup() as group:
        watcher = group.create_task(watch_loop(Telemetry(registry, SystemClock()).metrics))
        while not registry.get_sample_value("bridge_event_loop_lag_seconds_count"):  # noqa: ASYNC110 - a registry has no event to wait for
            await asyncio.sleep(0.01)
        watcher.cancel()


def test_a_process_shows_its_own_figures() -> None:
    assert process_registry().get_sample_value("process_resident_memory_bytes")
