"""A way to a server that can be cut, and that may speak TLS."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from bridge.demo.ports import HOST


class Cable:
    """Leads to `target`; while it is `cut` nothing comes through, and nobody is told."""

    def __init__(self, target: int) -> None:
        self.port = 0
        self.connections = 0
        self.whole = asyncio.Event()
        self.whole.set()
        self._target = target

    def cut(self) -> None:
        self.whole.clear()

    def mend(self) -> None:
        self.whole.set()

    @asynccontextmanager
    async def laid(self, tls: ssl.SSLContext | None = None) -> AsyncIterator["Cable"]:
        server = await asyncio.start_server(self._meet, HOST, 0, ssl=tls)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            self.mend()
            server.close()

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        there_reader, there_writer = await asyncio.open_connection(HOST, self._target)
        with suppress(OSError):
            async with asyncio.TaskGroup() as group:
                group.create_task(self._carry(reader, there_writer))
                group.create_task(self._carry(there_reader, writer))

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(65_536):
                await self.whole.wait()
                writer.write(data)
                await writer.drain()
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
