"""The port for health and metrics: /livez, /readyz, /metrics, and nothing else.

Whoever can reach it must not be able to take it from the others, nor memory from the service: a connection carries one
request, lives for seconds, and gives way to a newer one when there are too many.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from http import HTTPStatus

import orjson
from aiohttp import web
from aiohttp.web_protocol import RequestHandler
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder

from bridge.errors import StartupRefused
from bridge.telemetry.metrics import Metrics

Reasons = Callable[[], list[str]]
_LOOK = 0.1  # seconds between two looks at the event loop

LONGEST_CONNECTION = 10.0
"""Seconds. Probes and scrapes take milliseconds."""
MOST_CONNECTIONS = 64
_LONGEST_LINE = 2_048  # bytes, of the first line and of each header
_MOST_HEADERS = 64

Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def serving(
    host: str,
    port: int,
    registry: CollectorRegistry,
    reasons: Reasons,
    *,
    longest: float = LONGEST_CONNECTION,
    most: int = MOST_CONNECTIONS,
) -> AsyncIterator[int]:
    """Serve while the context is open; gives the port, which for `port` 0 is any that was free.

    `reasons` says why the service is not ready; it is ready when there is none. A connection is closed after `longest`
    seconds, and the oldest when there are more than `most`. Raises StartupRefused when the port can't be had.
    """
    runner = web.ServerRunner(_Server(_answering(registry, reasons), longest, most), shutdown_timeout=1)
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


def _answering(registry: CollectorRegistry, reasons: Reasons) -> Handler:
    async def livez(_: web.BaseRequest) -> web.Response:
        return web.Response(text="ok\n")  # answering at all is the proof: the loop turns

    async def readyz(_: web.BaseRequest) -> web.Response:
        why = reasons()
        body = orjson.dumps({"ready": not why, "reasons": why})
        return web.Response(body=body, status=503 if why else 200, content_type="application/json")

    async def metrics(request: web.BaseRequest) -> web.Response:
        encode, content_type = choose_encoder(request.headers.get("Accept", ""))
        return web.Response(body=encode(registry), headers={"Content-Type": content_type})

    served: dict[str, Handler] = {"/livez": livez, "/readyz": readyz, "/metrics": metrics}

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        handler = served.get(request.rel_url.raw_path)
        if handler is None:
            response: web.StreamResponse = web.Response(status=404)
        elif request.method != "GET":
            response = web.Response(status=405, headers={"Allow": "GET"})
        else:
            response = await handler(request)
        response.force_close()
        return _without_banner(response)

    return answer


def _without_banner(response: web.StreamResponse) -> web.StreamResponse:
    response.headers["Server"] = "bridge"  # else aiohttp tells its version, and Python's
    return response


class _Server(web.Server):
    def __init__(self, handler: Handler, longest: float, most: int) -> None:
        super().__init__(
            handler,
            access_log=None,
            lingering_time=0,
            max_line_size=_LONGEST_LINE,
            max_field_size=_LONGEST_LINE,
            max_headers=_MOST_HEADERS,
        )
        self._longest = longest
        self._most = most
        self._open: dict[RequestHandler, asyncio.Transport] = {}  # the oldest first

    def __call__(self) -> RequestHandler:
        return _Connection(self, loop=self._loop, **self._kwargs)

    def connection_made(self, handler: RequestHandler, transport: asyncio.Transport) -> None:
        super().connection_made(handler, transport)
        self._open[handler] = transport
        self._loop.call_later(self._longest, transport.abort)
        if len(self._open) > self._most:
            next(iter(self._open.values())).abort()

    def connection_lost(self, handler: RequestHandler, exc: BaseException | None = None) -> None:
        self._open.pop(handler, None)
        super().connection_lost(handler, exc)


class _Connection(RequestHandler):
    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """What is no HTTP is answered without a word of what was sent, and not logged: anybody may send it."""
        if status < HTTPStatus.INTERNAL_SERVER_ERROR and not request.writer.output_size:
            response: web.StreamResponse = web.Response(status=status)
            response.force_close()
        else:
            response = super().handle_error(request, status, exc, message)
        return _without_banner(response)


async def watch_loop(metrics: Metrics) -> None:
    """Measure how late the event loop is, until cancelled."""
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + _LOOK
        await asyncio.sleep(_LOOK)
        metrics.loop_lag().observe(max(0.0, loop.time() - due))
