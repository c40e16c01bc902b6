"""How many calls a second the simulator takes from a client that does next to nothing: always the same bytes, over so many
connections. What the service reaches must stay well below.

    python -m bench.bare PORT COUNT CONNECTIONS
"""

import asyncio
import sys
import time
from typing import cast

import orjson
import uvloop

from bench.events import API_KEY, BRAND_KEY, GENERATOR, TEAMS, context_of, event

_LONGEST = 60.0
_PREFIX = "/smart-campaigns/v1"


def request() -> bytes:
    """One call, head and body."""
    body = orjson.dumps({"topic_key": TEAMS["GER"], "context": context_of(orjson.loads(event("bare")))})
    head = [
        f"POST {_PREFIX}/event-generators/{GENERATOR}/run HTTP/1.1",
        "Host: 127.0.0.1",
        f"x-api-key: {API_KEY}",
        f"x-brand-key: {BRAND_KEY}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        "",
        "",
    ]
    return "\r\n".join(head).encode() + body


class _Calls:
    """What is left to call, and when all is done."""

    def __init__(self, count: int) -> None:
        self.left = count
        self.open = count
        self.done = asyncio.get_running_loop().create_future()


class _Caller(asyncio.Protocol):
    def __init__(self, calls: _Calls, data: bytes) -> None:
        self._calls = calls
        self._data = data

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.WriteTransport", transport)
        self._next()

    def data_received(self, data: bytes) -> None:
        if not data.startswith(b"HTTP/1.1 202"):
            self._calls.done.set_exception(ValueError(data.decode(errors="replace")))
            return
        self._calls.open -= 1
        if self._calls.open == 0:
            self._calls.done.set_result(None)
        self._next()

    def _next(self) -> None:
        if self._calls.left:
            self._calls.left -= 1
            self._transport.write(self._data)


async def rate(port: int, count: int, connections: int) -> float:
    """Calls a second."""
    calls, data = _Calls(count), request()
    began = time.perf_counter()
    async with asyncio.timeout(_LONGEST):
        for _ in range(connections):
            await asyncio.get_running_loop().create_connection(lambda: _Caller(calls, data), "127.0.0.1", port)
        await calls.done
    return count / (time.perf_counter() - began)


if __name__ == "__main__":
    print(orjson.dumps(uvloop.run(rate(*map(int, sys.argv[1:])))).decode())
