"""httpx2's own connections, as a setting to fall back on. The same errors as transport.py, by the same contract tests.

They cost more, with many requests in flight above all (its pool walks all connections for each request).
"""

import asyncio
import ssl
from typing import Any

import httpx2

from bridge.vendor.exchange import KEEPALIVE_SECONDS, SHARE_TO_CONNECT, Exchange, NotWritten, Phase, describe
from bridge.vendor.reading import Reply
from bridge.vendor.request import Request


class HttpcoreTransport:
    """At most `connections` requests at once; each takes at most `timeout` seconds, with waiting and connecting."""

    def __init__(self, base_url: str, *, timeout: float, connections: int, tls: ssl.SSLContext) -> None:
        self._base_url = base_url
        self._timeout = timeout
        limits = httpx2.Limits(
            max_connections=connections, max_keepalive_connections=connections, keepalive_expiry=KEEPALIVE_SECONDS
        )
        self._inner = httpx2.AsyncHTTPTransport(verify=tls, trust_env=False, http2=False, limits=limits, retries=0)

    async def ask(self, request: Request) -> Reply:
        """As Transport.ask."""
        exchange = Exchange(self._timeout)
        began = asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout_at(began + self._timeout * SHARE_TO_CONNECT) as limit:
                return await self._converse(request, exchange, limit, began + self._timeout)
        except TimeoutError:
            return exchange.timed_out()
        except httpx2.TransportError as error:
            return exchange.failed(type(error).__name__, describe(error))

    async def aclose(self) -> None:
        """Close every connection."""
        await self._inner.aclose()

    async def _converse(self, asked: Request, exchange: Exchange, limit: asyncio.Timeout, deadline: float) -> Reply:
        async def trace(event: str, _info: dict[str, Any]) -> None:
            match event:
                case "connection.connect_tcp.started":
                    exchange.phase = Phase.CONNECTING
                case "http11.send_request_headers.started":
                    if limit.expired():
                        raise NotWritten("ConnectTimeout", "the request was given up before it was written")
                    exchange.phase = Phase.WRITTEN
                    limit.reschedule(deadline)
                case _:
                    pass

        # The limit keeps the time, for all phases together. But httpcore, when cancelled in a TLS handshake, leaves the
        # connection to the garbage collector: so its own limit for that step comes first.
        connect = self._timeout * SHARE_TO_CONNECT * 0.9
        request = httpx2.Request(
            asked.method,
            self._base_url + asked.path,
            headers=(*asked.headers, ("Connection", "keep-alive")),
            content=asked.body,
            extensions={"timeout": {"connect": connect}, "trace": trace},
        )
        response = await self._inner.handle_async_request(request)
        try:
            if exchange.head(response.status_code, response.headers.raw):
                async for part in response.aiter_raw():
                    if not exchange.part(part):
                        break
            await _close_if_it_said_more(response)
        finally:
            await response.aclose()
        return exchange.reply()


async def _close_if_it_said_more(response: httpx2.Response) -> None:
    """What a server says behind an answer would be taken for the next one: httpcore keeps such a connection, and looks for
    what comes later only. There is no public way to ask.
    """
    stream: Any = response.stream
    connection = stream._httpcore_stream._stream._connection  # noqa: SLF001
    if connection._h11_state.trailing_data[0]:  # noqa: SLF001
        await connection.aclose()
