"""The port for health and metrics: /livez, /readyz, /metrics, and nothing else."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import orjson
from aiohttp import web
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder

from bridge.errors import StartupRefused
from bridge.telemetry.metrics import Metrics

Reasons = Callable[[], list[str]]
_LOOK = 0.1  # seconds between two looks at the event loop


@asynccontextmanager
async def serving(host: str, port: int, registry: CollectorRegistry, reasons: Reasons) -> AsyncIterator[int]:
    """Serve while the context is open; gives the port, which for `port` 0 is any that was free.

    `reasons` says why the service is not ready; it is ready when there is none. Raises StartupRefused when the port
    can't be had.
    """
    runner = web.AppRunner(_application(registry, reasons), access_log=None, handle_signals=False, shutdown_timeout=1)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as error:
            raise StartupRefused(
                f"can't listen at http.host {host}, http.port {port}: {error.strerror}; set another with BRIDGE_HTTP__PORT"
            ) from error
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


def _application(registry: CollectorRegistry, reasons: Reasons) -> web.Application:
    async def livez(_: web.Request) -> web.Response:
        return web.Response(text="ok\n")  # answering at all is the proof: the loop turns

    async def readyz(_: web.Request) -> web.Response:
        why = reasons()
        body = orjson.dumps({"ready": not why, "reasons": why})
        return web.Response(body=body, status=503 if why else 200, content_type="application/json")

    async def metrics(request: web.Request) -> web.Response:
        encode, content_type = choose_encoder(request.headers.get("Accept", ""))
        return web.Response(body=encode(registry), headers={"Content-Type": content_type})

    application = web.Application(client_max_size=1024)
    for path, handler in (("/livez", livez), ("/readyz", readyz), ("/metrics", metrics)):
        application.router.add_get(path, handler, allow_head=False)
    return application


async def watch_loop(metrics: Metrics) -> None:
    """Measure how late the event loop is, until cancelled."""
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + _LOOK
        await asyncio.sleep(_LOOK)
        metrics.loop_lag().observe(max(0.0, loop.time() - due))
