"""The server's connections: counted, awaited, cut."""

import asyncio
import socket
import struct
from typing import cast

from aiohttp import web
from aiohttp.web_protocol import RequestHandler, _RequestHandler

# With a linger of 0 seconds, closing sends RST instead of FIN.
_NO_LINGER = struct.pack("ii", 1, 0)


class Connections(web.Server):
    """aiohttp's low-level server (no routes, no middleware), which also knows when a client has gone."""

    def __init__(self, handler: _RequestHandler) -> None:
        super().__init__(self._tracked, access_log=None)
        self._handler = handler
        self._running: set[asyncio.Task[object]] = set()
        self._awaited: dict[RequestHandler, asyncio.Future[None]] = {}
        self.accepted = 0
        self.most_open = 0

    def connection_made(self, handler: RequestHandler, transport: asyncio.Transport) -> None:
        """Aiohttp tells that a client came."""
        super().connection_made(handler, transport)
        self.accepted += 1
        self.most_open = max(self.most_open, len(self._connections))

    def connection_lost(self, handler: RequestHandler, exc: BaseException | None = None) -> None:
        """Aiohttp tells that a client went."""
        super().connection_lost(handler, exc)
        gone = self._awaited.pop(handler, None)
        if gone is not None and not gone.done():
            gone.set_result(None)

    async def until_gone(self, request: web.BaseRequest) -> None:
        """Wait until the client of this request has closed its connection."""
        if request.transport is None or request.transport.is_closing():
            return
        gone = asyncio.get_running_loop().create_future()
        self._awaited[request.protocol] = gone
        await gone

    def restart(self) -> None:
        """Count from here."""
        self.accepted = 0
        self.most_open = len(self._connections)

    async def cut_all(self) -> None:
        """As when the process dies: every connection ends, and no request under way is carried on."""
        for transport in self._connections.values():
            transport.abort()
        for task in self._running:
            task.cancel()
        await self.shutdown(timeout=1.0)

    async def _tracked(self, request: web.BaseRequest) -> web.StreamResponse:
        # aiohttp lets a request go on when its client has gone, and then forgets its task; cut_all needs it.
        task = asyncio.current_task()
        if task is not None:
            self._running.add(task)
        try:
            return await self._handler(request)
        finally:
            if task is not None:
                self._running.discard(task)


def close(request: web.BaseRequest) -> None:
    """End the connection without an answer (FIN)."""
    if request.transport is not None:
        request.transport.close()


def reset(request: web.BaseRequest) -> None:
    """End the connection with RST; what was not sent yet is dropped."""
    if request.transport is None:
        return
    connected = cast("socket.socket | None", request.transport.get_extra_info("socket"))
    if connected is not None:
        connected.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
    request.transport.abort()
