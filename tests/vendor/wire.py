"""A server on a real socket that answers as a test tells it to, also in ways that no HTTP server would."""

import asyncio
import os
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress


class Conversation:
    """One connection, seen from the server."""

    def __init__(self, wire: "Wire", reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.wire = wire
        self._reader = reader
        self._writer = writer

    async def request(self) -> bytes:
        """The next request, whole. Raises IncompleteReadError when the client hangs up."""
        head = await self._reader.readuntil(b"\r\n\r\n")
        lengths = [line.split(b":")[1] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
        body = await self._reader.readexactly(int(lengths[0]) if lengths else 0)
        self.wire.requests.append(head + body)
        return head + body

    async def say(self, text: str | bytes) -> None:
        self._writer.write(text.encode() if isinstance(text, str) else text)
        await self._writer.drain()

    async def answer(self, status: int, body: str | bytes = b"", *headers: str) -> None:
        content = body.encode() if isinstance(body, str) else body
        lines = (f"HTTP/1.1 {status} Whatever", f"Content-Length: {len(content)}", *headers, "", "")
        await self.say("\r\n".join(lines).encode() + content)

    def reset(self) -> None:
        """Close with RST."""
        linger = struct.pack("ii", 1, 0)
        self._writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self._writer.transport.abort()

    def close(self) -> None:
        self._writer.close()

    def half_close(self) -> None:
        """Say, before this returns, that nothing more will be said; go on listening."""
        with socket.socket(fileno=os.dup(self._writer.get_extra_info("socket").fileno())) as same:
            same.shutdown(socket.SHUT_WR)

    async def left(self) -> bytes:
        """Returns when the client has closed the connection, however; with what it said until then."""
        heard = b""
        with suppress(ConnectionError):
            while more := await self._reader.read(1024):
                heard += more
        self.wire.left += 1
        return heard


Handler = Callable[[Conversation], Awaitable[object]]


class Wire:
    """What the server got."""

    def __init__(self, handler: Handler) -> None:
        self._handler = handler
        self._failures: list[AssertionError] = []
        self.requests: list[bytes] = []
        self.conversations: list[Conversation] = []
        self.left = 0
        self.over = asyncio.Event()
        self.port = 0
        self.scheme = "http"

    @property
    def url(self) -> str:
        return f"{self.scheme}://localhost:{self.port}/v1"

    async def hang(self) -> None:
        """Until the test is over."""
        await self.over.wait()

    @asynccontextmanager
    async def listening(self, tls: ssl.SSLContext | None = None) -> AsyncIterator["Wire"]:
        server = await asyncio.start_server(self._meet, "127.0.0.1", 0, ssl=tls)
        self.port = server.sockets[0].getsockname()[1]
        self.scheme = "http" if tls is None else "https"
        try:
            yield self
        finally:
            self.over.set()
            server.close()
            for conversation in self.conversations:
                conversation.close()
            await server.wait_closed()
            for failure in self._failures:
                raise failure

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        conversation = Conversation(self, reader, writer)
        self.conversations.append(conversation)
        try:
            # The client may hang up at any time: most tests are about that.
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                await self._handler(conversation)
        except AssertionError as error:
            self._failures.append(error)
        finally:
            writer.close()
