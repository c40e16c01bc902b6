"""Our own connections: what only they promise, or what no server can be made to do on demand."""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from vendor.conftest import CERTIFICATE, KEYS
from vendor.test_not_sent import deaf
from vendor.wire import Conversation, Wire
from waiting import eventually

from bridge.clock import SystemClock
from bridge.vendor import transport
from bridge.vendor.answers import Accepted, NotSent, RunAnswer, Unknown
from bridge.vendor.client import VendorClient
from bridge.vendor.connection import Connection
from bridge.vendor.exchange import Exchange
from bridge.vendor.reading import Reply

BODY = b'{"execution_id": "exec-1"}'


def client_of(url: str, tls: ssl.SSLContext | None = None) -> VendorClient:
    return VendorClient(url, 5000, KEYS, clock=SystemClock(), connections=64, tls=tls)


async def run(client: VendorClient) -> RunAnswer:
    return await client.run("acme", "gen-1", "topic", {"minute": 12})


async def answering(conversation: Conversation) -> None:
    while True:
        await conversation.request()
        await conversation.answer(202, BODY)


async def test_an_idle_connection_is_closed_before_the_server_does_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "KEEPALIVE_SECONDS", 0.05)

    async def handler(conversation: Conversation) -> None:
        await conversation.request()
        await conversation.answer(202, BODY)
        await conversation.left()

    async with Wire(handler).listening() as wire, client_of(wire.url) as client:
        for calls in (1, 2):
            assert await run(client) == Accepted("exec-1")
            await eventually(lambda calls=calls: wire.left == calls)  # type: ignore[misc]


async def test_over_tls_a_connection_is_kept_until_the_server_hangs_up() -> None:
    async def handler(conversation: Conversation) -> None:
        for _ in range(2):
            await conversation.request()
            await conversation.answer(202, BODY)
        conversation.close()
        await conversation.left()

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    trusting = ssl.create_default_context(cafile=CERTIFICATE)
    async with Wire(handler).listening(context) as wire, client_of(wire.url, trusting) as client:
        for hung_up in (1, 2):
            assert [await run(client), await run(client)] == [Accepted("exec-1")] * 2
            await eventually(lambda hung_up=hung_up: wire.left == hung_up)  # type: ignore[misc]
    assert len(wire.conversations) == 2


class Resolving(asyncio.SelectorEventLoop):
    """A loop whose resolver is told what to find, and counts."""

    found: Callable[[], Any] | None = None
    asked = 0

    async def getaddrinfo(self, host: Any, port: Any, **options: Any) -> Any:
        self.asked += 1
        await asyncio.sleep(0)
        return await super().getaddrinfo(host, port, **options) if self.found is None else self.found()


def resolving(play: Callable[[Resolving], Awaitable[None]]) -> None:
    async def played() -> None:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, Resolving)
        await play(loop)

    with asyncio.Runner(loop_factory=Resolving) as runner:
        runner.run(played())


def at(port: int) -> tuple[int, int, int, str, tuple[str, int]]:
    return socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", ("127.0.0.1", port)


async def many(client: VendorClient) -> list[RunAnswer]:
    async with asyncio.TaskGroup() as group:
        calls = [group.create_task(run(client)) for _ in range(20)]
    return [call.result() for call in calls]


def test_many_that_connect_at_once_ask_for_the_address_once() -> None:
    async def play(loop: Resolving) -> None:
        async with Wire(answering).listening() as wire, client_of(wire.url) as client:
            asked = loop.asked
            assert await many(client) == [Accepted("exec-1")] * 20
            assert loop.asked == asked + 1

    resolving(play)


def test_a_name_that_does_not_resolve_is_asked_for_once_for_all_and_again_for_the_next() -> None:
    async def play(loop: Resolving) -> None:
        def fail() -> Any:
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

        async with Wire(answering).listening() as wire, client_of(wire.url) as client:
            loop.found, loop.asked = fail, 0
            answers = await many(client)
            assert all(isinstance(answer, NotSent) for answer in answers)
            assert loop.asked == 1
            loop.found = None
            assert await run(client) == Accepted("exec-1")

    resolving(play)


def test_an_address_that_is_deaf_does_not_stop_the_next_one() -> None:
    async def play(loop: Resolving) -> None:
        async with Wire(answering).listening() as wire, client_of(wire.url) as client:
            with deaf() as port:
                loop.found = lambda: [at(port), at(wire.port)]
                assert await run(client) == Accepted("exec-1")

    resolving(play)


def test_after_a_failure_to_connect_the_address_is_asked_for_again() -> None:
    async def play(loop: Resolving) -> None:
        with socket.socket() as bound:  # and not listening
            bound.bind(("127.0.0.1", 0))
            async with Wire(answering).listening() as wire, client_of(wire.url) as client:
                loop.found = lambda: [at(bound.getsockname()[1])]
                assert isinstance(await run(client), NotSent)
                loop.found = lambda: [at(wire.port)]
                assert await run(client) == Accepted("exec-1")

    resolving(play)


@pytest.mark.parametrize(("size", "why"), [(60_000, ""), (70_000, "the head of the answer is longer")])
async def test_a_head_has_a_limit(size: int, why: str) -> None:
    async def handler(conversation: Conversation) -> None:
        await conversation.request()
        head, line = b"HTTP/1.1 202 Accepted\r\nContent-Length: 26\r\n", b"X-More: yes\r\n"
        # Not at once: what a single read brings is read to its end.
        for _ in range(10):
            head += line * (size // 10 // len(line))
            await conversation.say(head)
            await asyncio.sleep(0.01)
            head = b""
        await conversation.say(b"\r\n" + BODY)
        await conversation.left()

    async with Wire(handler).listening() as wire, client_of(wire.url) as client:
        answer = await run(client)
    assert answer == Accepted("exec-1") if not why else isinstance(answer, Unknown) and why in answer.why


ANSWERS = {
    "a length": b"HTTP/1.1 202 Accepted\r\nContent-Length: %d\r\nRetry-After: 1\r\nretry-after: 2\r\n\r\n%b"
    % (len(BODY), BODY),
    "chunks": b"HTTP/1.1 202 Accepted\r\nTransfer-Encoding: chunked\r\nRetry-After: 1, 2\r\n\r\n1a\r\n%b\r\n0\r\nX: y\r\n\r\n"
    % BODY,
    "interim": b"HTTP/1.1 103 Early Hints\r\nRetry-After: 9\r\n\r\nHTTP/1.1 202 Accepted\r\nRetry-After: 1, 2\r\nContent-Length: 26\r\n\r\n%b"
    % BODY,
}


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_an_answer_is_read_the_same_wherever_it_is_cut(answer: bytes, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.sets(st.integers(1, len(answer) - 1), max_size=8)))
    pieces = [answer[start:end] for start, end in zip([0, *cuts], [*cuts, len(answer)], strict=True)]

    async def asked() -> tuple[Reply, bool]:
        loop = asyncio.get_running_loop()
        ours, theirs = socket.socketpair()
        theirs.setblocking(False)
        _, connection = await loop.create_connection(Connection, sock=ours)
        async with asyncio.TaskGroup() as group:
            reply = group.create_task(connection.ask(b"GET", Exchange(5), loop.time() + 5))
            for piece in pieces:
                await loop.sock_sendall(theirs, piece)
                for _ in range(3):
                    await asyncio.sleep(0)
        usable = connection.usable
        connection.abort()
        await connection.gone
        theirs.close()
        return reply.result(), usable

    assert asyncio.run(asked()) == (Reply(202, "1, 2", BODY), True)
