"""One connection to the vendor: asked one thing at a time. llhttp reads the answers (httptools), nothing else lies between.

Whether it can be used is looked at just before the write, and between that look and the write nothing else runs. From then
on a byte may have left: neither the loop nor the socket says when.
"""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

import httptools

from bridge.vendor.exchange import Exchange, Failure, NotWritten, Phase, describe
from bridge.vendor.reading import Reply

HEAD_LIMIT = 64 * 1024
"""Bytes until an answer's head is whole, with all interim answers (1xx) before it."""

# Of an answer as it comes, with its chunks' sizes and trailers. Its body has a limit of its own.
_WHOLE_LIMIT = 512 * 1024
_INTERIM = range(100, 200)
_SWITCHED = 101
_SPOKE_FIRST = "the server closed the connection, or spoke unasked, before the request was written"
_LENGTHS = frozenset({b"content-length", b"transfer-encoding"})


class Connection(asyncio.Protocol):
    """`gone` is done when it is closed. `since`: when it was last asked something, by the loop's clock, in seconds."""

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self.gone: asyncio.Future[None] = loop.create_future()
        self.since = loop.time()
        self._loop = loop
        self._transport: Any = None
        self._parser = httptools.HttpResponseParser(self)
        self._keep = True
        # Of what is asked:
        self._answer: asyncio.Future[Reply | Failure] | None = None
        self._exchange: Exchange | None = None
        self._headers: list[tuple[bytes, bytes]] = []
        self._received = 0

    @property
    def usable(self) -> bool:
        """Whether it can be asked something: open, and the server has said nothing unasked."""
        return self._keep and self._answer is None and not self._transport.is_closing()

    async def ask(self, request: bytes, exchange: Exchange, deadline: float) -> Reply:
        """Write `request` and read its answer until `deadline`, by the loop's clock. Raises as Transport.ask does.

        Afterwards it is usable, or closed.
        """
        if not self.usable:
            raise NotWritten("ConnectError", _SPOKE_FIRST)
        answer: asyncio.Future[Reply | Failure] = self._loop.create_future()
        self._answer = answer
        self._exchange = exchange
        self._keep = False
        self._headers = []
        self._received = 0
        timer = self._loop.call_at(deadline, self._give_up)
        exchange.phase = Phase.WRITTEN
        self._transport.write(request)
        try:
            end = await answer
        finally:
            timer.cancel()
            self._answer = self._exchange = None
            if self._keep:
                self.since = self._loop.time()
            else:
                self.abort()
        if isinstance(end, Failure):
            raise end
        return end

    def abort(self) -> None:
        """Close it at once."""
        self._keep = False
        self._transport.abort()

    # What asyncio calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """With TLS: after the handshake."""
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """What comes when nothing was asked is nobody's answer, and the end of the connection."""
        exchange = self._exchange
        if exchange is None:
            self.abort()
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._keep = False
        except httptools.HttpParserError as error:
            self._fail("RemoteProtocolError", f"the answer is no HTTP: {describe(error)}")
        self._received += len(data)
        if self._received > HEAD_LIMIT and exchange.phase is Phase.WRITTEN:
            self._fail("RemoteProtocolError", f"the head of the answer is longer than {HEAD_LIMIT} bytes")
        elif self._received > _WHOLE_LIMIT:
            self._fail("RemoteProtocolError", f"the answer is longer than {_WHOLE_LIMIT} bytes")

    def eof_received(self) -> None:
        """The server says nothing more."""
        self._hung_up(None)

    def connection_lost(self, exc: Exception | None) -> None:
        """It is closed, by whom and for whatever reason."""
        self._hung_up(exc)
        del self._parser  # they know each other
        self.gone.set_result(None)

    # What the parser calls.

    def on_message_begin(self) -> None:
        """A second answer behind the first is nobody's."""
        if self._exchange is None:
            self._keep = False

    def on_header(self, name: bytes, value: bytes) -> None:
        """Of an interim answer or the final one; or a trailer, which nobody looks at."""
        self._headers.append((name, value))

    def on_headers_complete(self) -> None:
        """Of a switch of protocols there is nothing more to read."""
        exchange, status = self._exchange, self._parser.get_status_code()
        if exchange is None or (status in _INTERIM and status != _SWITCHED):
            return
        if not exchange.head(status, self._headers) or status == _SWITCHED:
            self._finish(exchange.reply())

    def on_body(self, data: bytes) -> None:
        """Without the sizes of its chunks."""
        exchange = self._exchange
        if exchange is not None and not exchange.part(data):
            self._finish(exchange.reply())

    def on_message_complete(self) -> None:
        """Of an interim answer (1xx), or of the one that counts."""
        exchange = self._exchange
        if exchange is None:
            return
        if exchange.phase is Phase.WRITTEN:
            self._headers = []
            return
        self._keep = self._parser.should_keep_alive()
        self._finish(exchange.reply())

    def _finish(self, end: Reply | Failure) -> None:
        self._exchange = None
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(end)

    def _give_up(self) -> None:
        if self._exchange is not None:
            self._end(self._exchange.timed_out)

    def _fail(self, kind: str, text: str) -> None:
        self._keep = False
        if self._exchange is not None:
            self._end(partial(self._exchange.failed, kind, text))

    def _hung_up(self, error: Exception | None) -> None:
        self._keep = False
        exchange = self._exchange
        if exchange is None:
            return
        if error is not None:
            self._fail("ReadError", describe(error))
        elif exchange.phase is Phase.ANSWERED and not any(name.lower() in _LENGTHS for name, _ in self._headers):
            self._finish(exchange.reply())  # nothing but the end of the connection says where such a body ends
        else:
            self._fail("RemoteProtocolError", "the server hung up before the end of its answer")

    def _end(self, how: Callable[[], Reply]) -> None:
        try:
            self._finish(how())
        except Failure as failure:
            self._finish(failure)
