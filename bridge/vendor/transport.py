"""Our own connections to the vendor: how many, which one is next, and how a new one is made.

In place of a library's client, because what such a client does for each request costs three times what the request does
(docs/architecture.md), and because it has to be known when the first byte leaves.
"""

import asyncio
import socket
import ssl
from collections import deque
from collections.abc import Sequence

from aiohappyeyeballs import AddrInfoType, start_connection

from bridge.vendor.connection import Connection
from bridge.vendor.exchange import KEEPALIVE_SECONDS, SHARE_TO_CONNECT, Exchange, Phase, describe
from bridge.vendor.reading import Reply
from bridge.vendor.request import Origin, Request

_ADDRESSES_SECONDS = 10.0
# RFC 8305: how long an address has before the next one is tried beside it.
_NEXT_ADDRESS_SECONDS = 0.25


class DirectTransport:
    """At most `connections` requests at once, HTTP/1.1; each takes at most `timeout` seconds, with waiting and connecting.

    Follows no redirects, keeps no cookies, unpacks nothing, repeats nothing, and reads no proxy settings.
    """

    def __init__(self, origin: Origin, *, timeout: float, connections: int, tls: ssl.SSLContext) -> None:
        self._origin = origin
        self._timeout = timeout
        self._tls = tls if origin.secure else None
        self._slots = asyncio.Semaphore(connections)
        self._open: set[Connection] = set()
        self._idle: deque[Connection] = deque()  # the one used last at its right end
        self._sweeping: asyncio.TimerHandle | None = None
        self._addresses = _Addresses(origin.host, origin.port)

    async def ask(self, request: Request) -> Reply:
        """As Transport.ask."""
        data = self._origin.written(request)
        exchange = Exchange(self._timeout)
        began = asyncio.get_running_loop().time()
        if self._slots.locked():
            try:
                async with asyncio.timeout_at(began + self._timeout * SHARE_TO_CONNECT):
                    await self._slots.acquire()
            except TimeoutError:
                return exchange.timed_out()
        else:
            await self._slots.acquire()  # at once
        try:
            connection = self._kept(began)
            if connection is None:
                exchange.phase = Phase.CONNECTING
                try:
                    connection = await self._connected(began + self._timeout * SHARE_TO_CONNECT)
                except TimeoutError:
                    return exchange.timed_out()
                except (OSError, UnicodeError) as error:
                    return exchange.failed("ConnectError", describe(error))
            try:
                return await connection.ask(data, exchange, began + self._timeout)
            finally:
                self._put_back(connection)
        finally:
            self._slots.release()

    async def aclose(self) -> None:
        """Close every connection."""
        if self._sweeping is not None:
            self._sweeping.cancel()
        for connection in self._open:
            connection.abort()
        for connection in tuple(self._open):
            await connection.gone

    def _kept(self, now: float) -> Connection | None:
        while self._idle:
            connection = self._idle.pop()
            if connection.usable and now - connection.since < KEEPALIVE_SECONDS:
                return connection
            connection.abort()
        return None

    def _put_back(self, connection: Connection) -> None:
        if connection.usable:
            self._idle.append(connection)
            if self._sweeping is None:
                self._sweep_at(connection.since + KEEPALIVE_SECONDS)

    def _sweep_at(self, when: float) -> None:
        self._sweeping = asyncio.get_running_loop().call_at(when, self._sweep)

    def _sweep(self) -> None:
        self._sweeping = None
        now = asyncio.get_running_loop().time()
        while self._idle and (now - self._idle[0].since >= KEEPALIVE_SECONDS or not self._idle[0].usable):
            self._idle.popleft().abort()
        if self._idle:
            self._sweep_at(self._idle[0].since + KEEPALIVE_SECONDS)

    async def _connected(self, deadline: float) -> Connection:
        """A new connection. Raises TimeoutError, OSError (also for TLS) or UnicodeError."""
        loop = asyncio.get_running_loop()
        limit = asyncio.timeout_at(deadline)
        try:
            async with limit:
                known = await self._addresses.known()
                sock = await start_connection(known, happy_eyeballs_delay=_NEXT_ADDRESS_SECONDS)
                _, connection = await loop.create_connection(
                    Connection, sock=sock, ssl=self._tls, server_hostname=self._origin.host if self._tls else None
                )
        except OSError as error:
            self._addresses.doubt()
            if isinstance(error, TimeoutError) and not limit.expired():
                raise ConnectionError(describe(error)) from error  # the system's own patience was shorter
            raise
        self._open.add(connection)
        connection.gone.add_done_callback(lambda _: self._open.discard(connection))
        return connection


class _Addresses:
    """Where a host is: asked once for all who want to know it at a time, and what was heard counts for 10 s."""

    def __init__(self, host: str, port: int) -> None:
        self._host = host
        self._port = port
        self._asking = asyncio.Lock()
        self._known: Sequence[AddrInfoType] = ()
        self._until = 0.0
        self._failed_at = 0.0

    async def known(self) -> Sequence[AddrInfoType]:
        """Raises OSError or UnicodeError where the name does not resolve, for all who waited for that answer.

        Each asking for itself would have hundreds of lookups under way that nobody waits for any more.
        """
        loop = asyncio.get_running_loop()
        began = loop.time()
        async with self._asking:
            if began < self._failed_at:
                raise OSError(f"{self._host} did not resolve")
            if loop.time() >= self._until:
                try:
                    self._known = await loop.getaddrinfo(self._host, self._port, type=socket.SOCK_STREAM)
                except BaseException:
                    self._failed_at = loop.time()
                    raise
                self._until = loop.time() + _ADDRESSES_SECONDS
            return self._known

    def doubt(self) -> None:
        """A connection could not be made: ask again before the next."""
        self._until = 0.0
