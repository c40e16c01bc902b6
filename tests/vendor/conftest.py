"""Every test that takes `open_client` runs over each transport, on each event loop."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Protocol, cast

import pytest
import uvloop
from vendor.wire import Handler, Wire

from bridge.clock import SystemClock
from bridge.simulator import BrandConfig, GeneratorConfig, Simulator, SimulatorConfig
from bridge.vendor.client import BrandKeys, TransportName, VendorClient

KEYS = {"acme": BrandKeys("acme-api-key", "acme-brand-key"), "other": BrandKeys("other-api-key", "other-brand-key")}
BRANDS = {name: BrandConfig(api_key=keys.api_key, brand_key=keys.brand_key) for name, keys in KEYS.items()}
CERTIFICATE = Path(__file__).parent / "localhost.pem"


class OpenClient(Protocol):
    def __call__(
        self,
        url: str,
        *,
        timeout_ms: int = 5000,
        connections: int = 8,
        tls: ssl.SSLContext | None = None,
        propagate: bool = False,
    ) -> VendorClient: ...


Serve = Callable[[Handler], Awaitable[Wire]]


def pytest_asyncio_loop_factories() -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    """uvloop is what the service runs on. Its transports differ in detail, and the details are what is tested here."""
    return {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}


@pytest.fixture(params=["direct", "httpcore"])
def transport(request: pytest.FixtureRequest) -> TransportName:
    return cast("TransportName", request.param)


@pytest.fixture
async def open_client(transport: TransportName) -> AsyncIterator[OpenClient]:
    """Makes clients, which are closed when the test ends."""
    async with AsyncExitStack() as stack:

        def make(
            url: str,
            *,
            timeout_ms: int = 5000,
            connections: int = 8,
            tls: ssl.SSLContext | None = None,
            propagate: bool = False,
        ) -> VendorClient:
            client = VendorClient(
                url,
                timeout_ms,
                KEYS,
                clock=SystemClock(),
                connections=connections,
                transport=transport,
                tls=tls,
                propagate=propagate,
            )
            stack.push_async_exit(client)
            return client

        yield make


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Starts servers, which are stopped when the test ends."""
    async with AsyncExitStack() as stack:

        async def start(handler: Handler) -> Wire:
            return await stack.enter_async_context(Wire(handler).listening())

        yield start


@pytest.fixture
async def serve_tls() -> AsyncIterator[Serve]:
    """As `serve`, for https with a certificate for localhost that no one but a test trusts."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    async with AsyncExitStack() as stack:

        async def start(handler: Handler) -> Wire:
            return await stack.enter_async_context(Wire(handler).listening(context))

        yield start


class OpenSimulator(Protocol):
    async def __call__(
        self,
        *,
        ends_at_once: bool = True,
        generators: tuple[GeneratorConfig, ...] = (),
        limit: int = 500,
        failing: frozenset[str] = frozenset(),
        without_audience: frozenset[str] = frozenset(),
    ) -> Simulator: ...


@pytest.fixture
async def open_simulator() -> AsyncIterator[OpenSimulator]:
    async with AsyncExitStack() as stack:

        async def start(
            *,
            ends_at_once: bool = True,
            generators: tuple[GeneratorConfig, ...] = (),
            limit: int = 500,
            failing: frozenset[str] = frozenset(),
            without_audience: frozenset[str] = frozenset(),
        ) -> Simulator:
            config = SimulatorConfig(
                brands=BRANDS,
                generators=generators,
                limit=limit,
                latency=0,
                jitter=0,
                time_to_end=(0, 0) if ends_at_once else (60_000, 60_000),
                failing_topic_keys=failing,
                zero_audience_topic_keys=without_audience,
            )
            return await stack.enter_async_context(Simulator(config))

        yield start


@pytest.fixture
async def simulator(open_simulator: OpenSimulator) -> Simulator:
    return await open_simulator()
