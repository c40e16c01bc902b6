"""httpx2's own transport, as a setting to fall back on. The same errors as transport.py, by the same contract tests.

It costs more with many requests in flight (its pool walks all connections for each request).
"""

import ssl
from typing import Any

import httpx2

from bridge.vendor.exchange import KEEPALIVE_SECONDS, Exchange


class HttpcoreTransport(httpx2.AsyncBaseTransport):
    """At most `connections` requests at once; each takes at most `timeout` seconds, with waiting and connecting."""

    def __init__(self, *, timeout: float, connections: int, tls: ssl.SSLContext) -> None:
        self._timeout = timeout
        limits = httpx2.Limits(
            max_connections=connections, max_keepalive_connections=connections, keepalive_expiry=KEEPALIVE_SECONDS
        )
        self._inner = httpx2.AsyncHTTPTransport(verify=tls, trust_env=False, http2=False, limits=limits, retries=0)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """The answer, its body read. Raises as Exchange.carry does; when cancelled, closes the connection."""

        async def send(exchange: Exchange) -> None:
            async def trace(event: str, _info: dict[str, Any]) -> None:
                match event:
                    case "connection.connect_tcp.started":
                        exchange.connecting()
                    case "http11.send_request_headers.started":
                        exchange.begin_writing()
                    case _:
                        pass

            # The exchange keeps the time, for all phases together. But httpcore, when cancelled in a TLS handshake,
            # leaves the connection to the garbage collector: so its own limit for that step comes first.
            request.extensions = {"timeout": {"connect": exchange.seconds_to_connect * 0.9}, "trace": trace}
            response = await self._inner.handle_async_request(request)
            try:
                await exchange.answered(response.status_code, response.headers.raw, response.aiter_raw())
                await _close_if_it_said_more(response)
            finally:
                await response.aclose()

        return await Exchange(self._timeout).carry(send)

    async def aclose(self) -> None:
        """Close every connection."""
        await self._inner.aclose()


async def _close_if_it_said_more(response: httpx2.Response) -> None:
    """What a server says behind an answer would be taken for the next one: httpcore keeps such a connection, and looks for
    what comes later only. There is no public way to ask.
    """
    stream: Any = response.stream
    connection = stream._httpcore_stream._stream._connection  # noqa: SLF001
    if connection._h11_state.trailing_data[0]:  # noqa: SLF001
        await connection.aclose()
