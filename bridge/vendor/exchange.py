"""One request on its way, and what its failure means: that depends on how far it came, never on the kind of error.

Both transports drive an Exchange through its phases, so that they agree on the one thing that matters: whether the
vendor can have received a byte.
"""

from collections.abc import Iterable
from enum import Enum, auto
from typing import Protocol

from bridge.vendor.reading import Reply
from bridge.vendor.request import Request

BODY_LIMIT = 64 * 1024
"""Bytes of an answer's body that are read. The vendor's answers have a few hundred."""

KEEPALIVE_SECONDS = 15.0
"""How long an idle connection is kept. Below the idle timeouts usual at servers and balancers (60 s and more, some 20 s):
a server that hangs up just as a request leaves makes that request's end unknown, so we hang up first."""

SHARE_TO_CONNECT = 0.5
"""The part of the timeout that getting a connection may take, with waiting for one. What is left over is the vendor's time
to answer: a late connection must not make a call unknown."""

# The kinds of error that say "not sent", by the names that httpx gave them.
_BEFORE = frozenset({"ConnectError", "ConnectTimeout", "PoolTimeout"})


class Failure(Exception):
    """There is no answer. Its text begins with what kind of error it was."""

    def __init__(self, kind: str, text: str) -> None:
        super().__init__(f"{kind}: {text}")


class NotWritten(Failure):
    """Certainly not a byte left this process."""


class MaybeWritten(Failure):
    """A byte may have left."""


class Transport(Protocol):
    """Carries requests. At most so many at once as it was made for; each within its timeout, with waiting and connecting."""

    async def ask(self, request: Request) -> Reply:
        """The answer: a body that broke off, is too long, too late or compressed is cut, and `Reply.cut` says why.

        Raises NotWritten or MaybeWritten. When cancelled, it closes the connection and will not write any more.
        """

    async def aclose(self) -> None:
        """Close every connection."""


class Phase(Enum):
    """How far a request came."""

    WAITING = auto()  # for a free connection
    CONNECTING = auto()  # resolving, connecting, TLS
    WRITTEN = auto()  # a byte may have left
    ANSWERED = auto()  # status line and headers are here


class Exchange:
    """One request and its answer, which takes at most `timeout` seconds. Whoever carries it keeps the time."""

    __slots__ = ("_body", "_cut", "_date", "_retry_after", "_size", "_status", "_timeout", "phase")

    def __init__(self, timeout: float) -> None:
        self.phase = Phase.WAITING
        self._timeout = timeout
        self._status = 0
        self._retry_after: str | None = None
        self._date: str | None = None
        self._body: list[bytes] = []
        self._size = 0
        self._cut: str | None = None

    def head(self, status: int, headers: Iterable[tuple[bytes, bytes]]) -> bool:
        """Take the answer's head. Says whether its body is to be read.

        No cookie is looked at: the vendor has no sessions, it could only carry one brand's state into another's calls.
        """
        self.phase = Phase.ANSWERED
        self._status = status
        for name, value in headers:
            match name.lower():
                case b"retry-after":
                    self._retry_after = _joined(self._retry_after, value)
                case b"date":
                    self._date = _joined(self._date, value)
                case b"content-encoding" if value != b"identity" and self._cut is None:
                    # We ask for identity. What comes all the same is not unpacked: it could be any size.
                    self._cut = f"the body is compressed ({value!r}), which was not asked for"
                case _:
                    pass
        return self._cut is None

    def part(self, data: bytes) -> bool:
        """Take a part of the answer's body. Says whether more of it is to be read."""
        self._body.append(data)
        self._size += len(data)
        if self._size <= BODY_LIMIT:
            return True
        self._cut = f"the body is longer than {BODY_LIMIT} bytes"
        return False

    def reply(self) -> Reply:
        """The answer, as far as it was taken."""
        return Reply(self._status, self._retry_after, b"".join(self._body)[:BODY_LIMIT], self._cut, self._date)

    def failed(self, kind: str, text: str) -> Reply:
        """What a failure comes to: an answer without the rest of its body, or else raises NotWritten or MaybeWritten."""
        match self.phase:
            case Phase.ANSWERED:
                if self._cut is None:
                    self._cut = f"the body broke off: {text}"
                return self.reply()
            case Phase.WRITTEN:
                raise MaybeWritten("ReadError" if kind in _BEFORE else kind, text)
            case Phase.WAITING | Phase.CONNECTING:
                raise NotWritten(kind if kind in _BEFORE else "ConnectError", text)

    def timed_out(self) -> Reply:
        """As `failed`, for the time that is over."""
        to_connect = self._timeout * SHARE_TO_CONNECT
        match self.phase:
            case Phase.WAITING:
                return self.failed("PoolTimeout", f"no connection was free for {to_connect:g} s")
            case Phase.CONNECTING:
                return self.failed("ConnectTimeout", f"no connection within {to_connect:g} s")
            case Phase.WRITTEN | Phase.ANSWERED:
                return self.failed("ReadTimeout", f"no complete answer within {self._timeout:g} s")


def describe(error: BaseException) -> str:
    """The error's text, or its kind where it has none."""
    return str(error) or type(error).__name__


def _joined(before: str | None, value: bytes) -> str:
    """A header that comes twice is one with both values (RFC 9110, 5.3)."""
    text = value.decode("latin-1")
    return text if before is None else f"{before}, {text}"
