"""When it is certain that nothing left this process. Over each transport."""

import asyncio
import socket
import ssl
from collections.abc import Iterator
from contextlib import closing, contextmanager

from vendor.conftest import CERTIFICATE, OpenClient, Serve
from vendor.wire import Conversation

from bridge.vendor.answers import Accepted, NotSent, RunAnswer
from bridge.vendor.client import VendorClient

ACCEPTED = '{"execution_id": "exec-1", "status": "queued"}'
SHORT_MS = 250


async def run(client: VendorClient) -> RunAnswer:
    return await client.run("acme", "gen-1", "topic", {"minute": 12})


@contextmanager
def deaf() -> Iterator[int]:
    """A port where connections are never accepted: its backlog is full."""
    with closing(socket.socket()) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        port = int(listener.getsockname()[1])
        fillers = [socket.socket() for _ in range(4)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", port))
        try:
            yield port
        finally:
            for filler in fillers:
                filler.close()


async def test_a_refused_connection_is_not_sent(open_client: OpenClient) -> None:
    with closing(socket.socket()) as bound:  # bound, and not listening
        bound.bind(("127.0.0.1", 0))
        answer = await run(open_client(f"http://127.0.0.1:{bound.getsockname()[1]}"))
    assert isinstance(answer, NotSent)


async def test_a_name_that_does_not_resolve_is_not_sent(open_client: OpenClient) -> None:
    assert isinstance(await run(open_client("https://no-such-host.invalid/v1")), NotSent)


async def test_a_connection_that_takes_too_long_is_not_sent(open_client: OpenClient) -> None:
    with deaf() as port:
        answer = await run(open_client(f"http://127.0.0.1:{port}", timeout_ms=SHORT_MS))
    assert isinstance(answer, NotSent)
    assert "ConnectTimeout" in answer.why


async def test_a_server_that_speaks_no_tls_is_not_sent(open_client: OpenClient, serve: Serve) -> None:
    async def handler(conversation: Conversation) -> None:
        await conversation.say("HTTP/1.1 400 Bad Request\r\n\r\n")
        await conversation.left()

    wire = await serve(handler)
    assert isinstance(await run(open_client(f"https://localhost:{wire.port}")), NotSent)


async def test_a_certificate_that_is_not_trusted_is_not_sent(open_client: OpenClient, serve_tls: Serve) -> None:
    wire = await serve_tls(Conversation.left)
    assert isinstance(await run(open_client(wire.url)), NotSent)
    assert wire.requests == []


async def test_a_tls_handshake_that_hangs_is_not_sent(open_client: OpenClient, serve: Serve) -> None:
    async def handler(conversation: Conversation) -> None:
        await conversation.wire.hang()

    wire = await serve(handler)
    # httpcore's own limit comes first by a twentieth of it (see fallback.py), which is little on a busy machine.
    answer = await run(open_client(f"https://localhost:{wire.port}", timeout_ms=4 * SHORT_MS))
    assert isinstance(answer, NotSent)


async def test_no_free_connection_in_time_is_not_sent(open_client: OpenClient, serve: Serve) -> None:
    async def handler(conversation: Conversation) -> None:
        await conversation.request()
        await conversation.wire.hang()

    wire = await serve(handler)
    client = open_client(wire.url, timeout_ms=800, connections=1)
    async with asyncio.TaskGroup() as group:
        calls = [group.create_task(run(client)) for _ in range(3)]
    ends = [call.result() for call in calls]
    assert sorted(type(end).__name__ for end in ends) == ["NotSent", "NotSent", "Unknown"]
    assert all("PoolTimeout" in end.why for end in ends if isinstance(end, NotSent))
    assert len(wire.requests) == 1


async def test_a_call_goes_through_over_tls(open_client: OpenClient, serve_tls: Serve) -> None:
    async def handler(conversation: Conversation) -> None:
        await conversation.request()
        await conversation.answer(202, ACCEPTED)

    wire = await serve_tls(handler)
    client = open_client(wire.url, tls=ssl.create_default_context(cafile=CERTIFICATE))
    assert await run(client) == Accepted("exec-1")
