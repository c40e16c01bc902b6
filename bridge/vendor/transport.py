"""httpx2 over aiohttp's connections, with exact errors: see Exchange for what they mean.

What of aiohttp matters here (3.14, read in its source):
 - It writes head and body of a request in one go, from `Payload.write_with_length`; on Python 3.11 in a task of its own,
   one turn of the loop after the connection was picked. A server's hang-up can come in that turn. So the payload itself
   says when the first byte leaves, and looks at the connection once more just before.
 - It repeats an idempotent request once when a kept-alive connection turns out dead. A poll takes a slot of the budget,
   so nothing is repeated: errors leave the middleware as httpx2's, which aiohttp does not repeat.
 - It hands out a kept connection on which the server has said something unasked, and takes that for the next answer.
   Such a connection is not used.
 - Its pool limit cannot tell waiting from connecting, so the waiting is done here.
"""

import asyncio
import ssl
from typing import Any

import aiohttp
import httpx2
import yarl
from aiohttp.abc import AbstractStreamWriter
from aiohttp.connector import Connection
from aiohttp.payload import BytesPayload

from bridge.vendor.exchange import KEEPALIVE_SECONDS, Exchange, describe

_NO_TIMEOUTS = aiohttp.ClientTimeout(total=None, connect=None, sock_connect=None, sock_read=None)
_SPOKE_FIRST = "the server closed the connection, or spoke unasked, before the request was written"


class AiohttpTransport(httpx2.AsyncBaseTransport):
    """At most `connections` requests at once; each takes at most `timeout` seconds, with waiting and connecting.

    Follows no redirects, keeps no cookies, unpacks nothing, reads no proxy settings from the environment.
    """

    def __init__(self, *, timeout: float, connections: int, tls: ssl.SSLContext) -> None:
        self._timeout = timeout
        self._tls = tls
        self._slots = asyncio.Semaphore(connections)
        self._session: aiohttp.ClientSession | None = None

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """The answer, its body read. Raises as Exchange.carry does; when cancelled, closes the connection."""
        body = await request.aread()

        async def send(exchange: Exchange) -> None:
            async with self._slots:
                exchange.connecting()
                await self._converse(exchange, request, body)

        return await Exchange(self._timeout).carry(send)

    async def aclose(self) -> None:
        """Close every connection."""
        if self._session is not None:
            await self._session.close()

    async def _converse(self, exchange: Exchange, request: httpx2.Request, body: bytes) -> None:
        async def once(call: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
            assert isinstance(call, _Call)  # noqa: S101 - the session makes no others
            call.exchange = exchange
            try:
                return await handler(call)
            except (aiohttp.ClientError, OSError) as error:
                raise _translate(error) from error

        response = await self._open_session().request(
            request.method,
            yarl.URL(str(request.url), encoded=True),
            headers=[(name.decode("ascii"), value.decode("ascii")) for name, value in request.headers.raw],
            data=_Body(body, exchange) if body else None,
            allow_redirects=False,
            middlewares=(once,),
        )
        complete = False
        try:
            complete = await exchange.answered(response.status, response.raw_headers, response.content.iter_any())
        except (aiohttp.ClientError, OSError) as error:
            raise _translate(error) from error
        finally:
            if not complete:
                response.close()

    def _open_session(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=KEEPALIVE_SECONDS, ssl=self._tls),
                cookie_jar=aiohttp.DummyCookieJar(),
                request_class=_Call,
                skip_auto_headers=("Accept", "Accept-Encoding", "Content-Type", "User-Agent"),
                auto_decompress=False,
                trust_env=False,
                timeout=_NO_TIMEOUTS,
            )
        return self._session


class _Call(aiohttp.ClientRequest):
    exchange: Exchange

    async def send(self, conn: Connection) -> aiohttp.ClientResponse:
        if conn.protocol is None or conn.protocol.should_close:
            raise httpx2.ConnectError(_SPOKE_FIRST)
        if not self.body:
            self.exchange.begin_writing()  # without a payload the head is written here
        return await super().send(conn)


class _Body(BytesPayload):
    def __init__(self, value: bytes, exchange: Exchange) -> None:
        super().__init__(value)
        self._exchange = exchange

    async def write_with_length(self, writer: AbstractStreamWriter, content_length: int | None) -> None:
        # Between this look and the write nothing else runs: what is refused here has not left, not a byte of it.
        protocol: Any = getattr(writer, "protocol", None)
        if protocol is None or protocol.should_close or not protocol.is_connected():
            raise httpx2.ConnectError(_SPOKE_FIRST)
        self._exchange.begin_writing()
        await super().write_with_length(writer, content_length)


def _translate(error: aiohttp.ClientError | OSError) -> httpx2.TransportError:
    match error:
        case aiohttp.ClientConnectorError():
            return httpx2.ConnectError(describe(error))
        case aiohttp.ServerDisconnectedError():
            return httpx2.RemoteProtocolError("the server hung up without an answer")
        case aiohttp.ClientResponseError():
            return httpx2.RemoteProtocolError(f"the answer is no HTTP: {error.message}")
        case aiohttp.ClientPayloadError():
            return httpx2.RemoteProtocolError(describe(error))
        case _:
            return httpx2.ReadError(describe(error))
