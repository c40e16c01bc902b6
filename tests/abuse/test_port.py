"""The port for health and metrics, met by somebody who wants to take it from the others, or to learn what runs there."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest
from prometheus_client import CollectorRegistry
from waiting import eventually

from bridge.telemetry.health import serving

LIVEZ = b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n"
SHORT = 0.5


@asynccontextmanager
async def port(longest: float = 10.0, most: int = 8) -> AsyncIterator[int]:
    async with serving("127.0.0.1", 0, CollectorRegistry(), list, longest=longest, most=most) as number:
        yield number


async def ask(number: int, *said: bytes) -> bytes:
    """All that comes until the server closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", number, limit=2**20)
    try:
        for piece in said:
            writer.write(piece)
            await writer.drain()
        async with asyncio.timeout(20):
            return await reader.read()
    except ConnectionError:
        return b""
    finally:
        writer.close()


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/admin",
        "/livez/../metrics",
        "//metrics",
        "/metrics%2f",
        "/metrics/",
        "/LIVEZ",
        "*",
        "http://elsewhere/",
        "/%00",
    ],
)
async def test_no_other_path_is_served(path: str) -> None:
    async with port() as number:
        answer = await ask(number, f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    assert answer.split(b"\r\n")[0].split()[1] in (b"404", b"400")
    assert b"bridge_" not in answer


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "CONNECT", "HEAD", "PROPFIND"])
async def test_no_other_method_is_served(method: str) -> None:
    async with port() as number:
        answer = await ask(number, f"{method} /metrics HTTP/1.1\r\nHost: x\r\nX-Echo: s3cret\r\n\r\n".encode())
    assert answer.split(b"\r\n")[0].split()[1] in (b"405", b"404", b"400")
    assert b"s3cret" not in answer


@pytest.mark.parametrize(
    "said",
    [
        LIVEZ,
        b"GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n",
        b"POST /livez HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 a client that speaks TLS \r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
    ],
)
async def test_no_answer_says_what_runs_here(said: bytes) -> None:
    async with port() as number:
        answer = (await ask(number, said)).lower()
    assert answer.startswith(b"http/1.")
    assert not any(word in answer for word in (b"aiohttp", b"python", b"traceback", b"/3."))


@pytest.mark.parametrize(
    "said",
    [
        b"GET /" + b"x" * 100_000 + b" HTTP/1.1\r\n\r\n",
        b"GET /livez HTTP/1.1\r\nX-Much: " + b"x" * 100_000 + b"\r\n\r\n",
        b"GET /livez HTTP/1.1\r\n" + b"X-More: yes\r\n" * 10_000 + b"\r\n",
        b"GET /livez HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"GET /livez HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n",
        b"\x00" * 10_000,
    ],
)
async def test_a_request_that_is_too_large_or_none_is_not_answered_with_200(said: bytes) -> None:
    async with port() as number:
        answer = await ask(number, said)
        assert not answer.startswith(b"HTTP/1.1 200")
        assert (await ask(number, LIVEZ)).startswith(b"HTTP/1.1 200")


async def test_a_body_of_a_gigabyte_is_not_read() -> None:
    async with port() as number:
        head = b"POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 1073741824\r\n\r\n"
        _, writer = await asyncio.open_connection("127.0.0.1", number)
        writer.write(head)
        sent = 0
        try:
            async with asyncio.timeout(20):
                for _ in range(1024):
                    writer.write(bytes(1_048_576))
                    await writer.drain()
                    sent += 1
        except ConnectionError:
            pass
        finally:
            writer.close()
    assert sent < 64


async def test_one_connection_carries_one_request() -> None:
    async with port() as number:
        answer = await ask(number, LIVEZ * 50)
    assert answer.count(b"HTTP/1.1 200") == 1
    assert b"connection: close" in answer.lower()


@pytest.mark.parametrize("said", [b"", b"GET /livez HT", b"GET /livez HTTP/1.1\r\nX-A: b\r\n"])
async def test_a_connection_that_says_nothing_or_little_is_closed_after_a_while(said: bytes) -> None:
    async with port(longest=SHORT) as number:
        assert not (await ask(number, said)).startswith(b"HTTP/1.1 200")


async def test_a_connection_that_drips_is_closed_all_the_same() -> None:
    async with port(longest=SHORT) as number:
        _, writer = await asyncio.open_connection("127.0.0.1", number)
        writer.write(b"GET /livez HTTP/1.1\r\n")

        async def drip() -> bool:
            try:
                writer.write(b"X-A: b\r\n")
                await writer.drain()
            except ConnectionError:
                return True
            return writer.is_closing()

        await eventually(drip, every=0.05)
        writer.close()


async def test_as_many_connections_as_anybody_likes_keep_nobody_out() -> None:
    async with port(most=8) as number, AsyncExitStack() as stack:
        readers = []
        for _ in range(100):
            reader, writer = await asyncio.open_connection("127.0.0.1", number)
            stack.callback(writer.close)
            readers.append(reader)
        assert (await ask(number, LIVEZ)).startswith(b"HTTP/1.1 200")

        async def left() -> int:
            return sum(reader.at_eof() or reader.exception() is not None for reader in readers)

        await eventually(lambda: sum(reader.at_eof() or reader.exception() is not None for reader in readers) >= 92)
