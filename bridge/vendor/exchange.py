"""One request on its way, and what its failure means: that depends on how far it came, never on the kind of error.

Both transports drive an Exchange through its phases, so that they agree on the one thing that matters: whether the
vendor can have received a byte.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from enum import Enum, auto

import httpx2

BODY_LIMIT = 64 * 1024
"""Bytes of an answer's body that are read. The vendor's answers have a few hundred."""

KEEPALIVE_SECONDS = 15.0
"""How long an idle connection is kept. Below the idle timeouts usual at servers and balancers (60 s and more, some 20 s):
a server that hangs up just as a request leaves makes that request's end unknown, so we hang up first."""

# What is left over after connecting is the vendor's time to answer: a late connection must not make a call unknown.
_SHARE_TO_CONNECT = 0.5

# The vendor has no sessions: a cookie could only carry one brand's state into another's calls. And httpx2 would unpack
# a body by its encoding.
_DROPPED = frozenset({b"set-cookie", b"set-cookie2", b"content-encoding"})

Headers = Sequence[tuple[bytes, bytes]]


class Phase(Enum):
    """How far a request came."""

    WAITING = auto()  # for a free connection
    CONNECTING = auto()  # resolving, connecting, TLS
    WRITTEN = auto()  # a byte may have left
    ANSWERED = auto()  # status line and headers are here


class Exchange:
    """One request and its answer.

    `timeout` is in seconds, for everything together; the first half of it is all that getting a connection may take.
    """

    __slots__ = ("_body", "_cut", "_deadline", "_headers", "_limit", "_over", "_status", "_timeout", "phase")

    def __init__(self, timeout: float) -> None:
        self.phase = Phase.WAITING
        self._timeout = timeout
        self._over = False
        self._deadline = 0.0
        self._limit: asyncio.Timeout | None = None
        self._status = 0
        self._headers: Headers = ()
        self._body = bytearray()
        self._cut: str | None = None

    @property
    def seconds_to_connect(self) -> float:
        """How long getting a connection may take, with waiting for one."""
        return self._timeout * _SHARE_TO_CONNECT

    async def carry(self, send: Callable[["Exchange"], Awaitable[None]]) -> httpx2.Response:
        """Run `send`, which moves this exchange through its phases, and give the answer.

        A body that broke off, is too long, too late or compressed is cut; `extensions["cut"]` then says why.
        Raises ConnectError, ConnectTimeout or PoolTimeout if it is certain that not a byte was written, and any other
        TransportError if one may have been. A cancelled exchange is over: it will not write.
        """
        now = asyncio.get_running_loop().time()
        self._deadline = now + self._timeout
        try:
            async with asyncio.timeout_at(now + self.seconds_to_connect) as self._limit:
                await send(self)
        except TimeoutError as error:
            self._fail(self._timed_out(), error)
        except httpx2.TransportError as error:
            self._fail(error, error)
        finally:
            self._over = True
        extensions = {} if self._cut is None else {"cut": self._cut}
        return httpx2.Response(
            self._status, headers=list(self._headers), content=bytes(self._body), extensions=extensions
        )

    def connecting(self) -> None:
        """There is room for a connection."""
        self.phase = Phase.CONNECTING

    def begin_writing(self) -> None:
        """To be called just before the first byte leaves. Raises ConnectError when it is too late to send anything."""
        if self._over or self._limit is None or self._limit.expired():
            raise httpx2.ConnectError("the request was given up before it was written")
        self.phase = Phase.WRITTEN
        self._limit.reschedule(self._deadline)

    async def answered(self, status: int, headers: Headers, body: AsyncIterator[bytes]) -> bool:
        """Take the answer's head and read its body, as far as it may go. Says whether the body was read to its end."""
        self.phase = Phase.ANSWERED
        self._status = status
        self._headers = [(name, value) for name, value in headers if name.lower() not in _DROPPED]
        encodings = [value for name, value in headers if name.lower() == b"content-encoding" and value != b"identity"]
        if encodings:
            # We ask for identity. What comes all the same is not unpacked: it could be any size.
            self._cut = f"the body is compressed ({encodings[0]!r}), which was not asked for"
            return False
        async for part in body:
            self._body += part
            if len(self._body) > BODY_LIMIT:
                del self._body[BODY_LIMIT:]
                self._cut = f"the body is longer than {BODY_LIMIT} bytes"
                return False
        return True

    def _fail(self, failure: httpx2.TransportError, cause: Exception) -> None:
        match self.phase:
            case Phase.ANSWERED:
                self._cut = f"the body broke off: {describe(failure)}"
            case Phase.WRITTEN:
                if isinstance(failure, (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)):
                    raise httpx2.ReadError(describe(failure)) from cause
                raise failure from cause
            case Phase.WAITING | Phase.CONNECTING:
                if isinstance(failure, (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)):
                    raise failure from cause
                raise httpx2.ConnectError(describe(failure)) from cause

    def _timed_out(self) -> httpx2.TransportError:
        match self.phase:
            case Phase.WAITING:
                return httpx2.PoolTimeout(f"no connection was free for {self.seconds_to_connect:g} s")
            case Phase.CONNECTING:
                return httpx2.ConnectTimeout(f"no connection within {self.seconds_to_connect:g} s")
            case Phase.WRITTEN | Phase.ANSWERED:
                return httpx2.ReadTimeout(f"no complete answer within {self._timeout:g} s")


def describe(error: BaseException) -> str:
    """The error's text, or its kind where it has none."""
    return str(error) or type(error).__name__
