"""What leaves this process, on which connection, and how often. Over each transport."""

import asyncio
import json

import pytest
from vendor.conftest import OpenClient, Serve
from vendor.wire import Conversation
from waiting import eventually

from bridge.vendor.answers import Accepted, NotSent, PollError, RefusedEvent, RunAnswer, Unknown
from bridge.vendor.client import VendorClient


async def run(client: VendorClient, topic_key: str = "topic") -> RunAnswer:
    return await client.run("acme", "gen-1", topic_key, {"minute": 12})


def accepted(execution_id: str) -> str:
    return json.dumps({"execution_id": execution_id, "status": "queued"})


async def answering(conversation: Conversation) -> None:
    """Every request becomes an execution that is named after its topic key."""
    while True:
        request = await conversation.request()
        topic_key = json.loads(request.split(b"\r\n\r\n")[1])["topic_key"]
        await conversation.answer(202, accepted(f"exec-{topic_key}"))


async def turns(count: int) -> None:
    """Let the event loop turn, so that it sees what lies ready at its sockets."""
    for _ in range(count):
        await asyncio.sleep(0)


async def test_a_connection_is_used_again(open_client: OpenClient, serve: Serve) -> None:
    wire = await serve(answering)
    client = open_client(wire.url)
    for number in range(5):
        assert await run(client, str(number)) == Accepted(f"exec-{number}")
    assert len(wire.conversations) == 1


async def test_a_connection_has_no_limit_of_what_it_carries_in_the_end(open_client: OpenClient, serve: Serve) -> None:
    async def handler(conversation: Conversation) -> None:
        while True:
            await conversation.request()
            await conversation.answer(400, "x" * 60_000)

    wire = await serve(handler)
    client = open_client(wire.url)
    for _ in range(12):
        assert isinstance(await run(client), RefusedEvent)
    assert len(wire.conversations) == 1


async def test_a_connection_that_the_server_closed_while_idle_is_not_used_again(
    open_client: OpenClient, serve: Serve
) -> None:
    async def handler(conversation: Conversation) -> None:
        await conversation.request()
        await conversation.answer(202, accepted("exec-1"))
        conversation.half_close()
        assert await conversation.left() == b""

    wire = await serve(handler)
    client = open_client(wire.url)
    for _ in range(3):
        assert await run(client) == Accepted("exec-1")
        # httpcore looks only when it is asked for a connection; our own notice by themselves.
        await turns(20)
    assert len(wire.requests) == 3


@pytest.mark.parametrize("seen", range(5))
async def test_whatever_the_moment_of_a_hang_up_not_sent_means_that_nothing_was_written(
    open_client: OpenClient, serve: Serve, seen: int
) -> None:
    heard: list[bytes] = []

    async def handler(conversation: Conversation) -> None:
        await conversation.request()
        await conversation.answer(202, accepted("exec-1"))
        heard.append(await conversation.left())

    wire = await serve(handler)
    client = open_client(wire.url)
    assert await run(client) == Accepted("exec-1")
    wire.conversations[0].half_close()
    await turns(seen)
    answer = await run(client)
    await client.aclose()
    await eventually(lambda: len(heard) == len(wire.conversations))
    match answer:
        case NotSent():
            assert heard == [b""]
        case Unknown():
            assert heard[0].startswith(b"POST ")
        case _:
            assert answer == Accepted("exec-1")
            assert heard == [b"", b""]


async def test_what_a_server_said_unasked_is_nobodys_answer(open_client: OpenClient, serve: Serve) -> None:
    async def handler(conversation: Conversation) -> None:
        await conversation.request()
        await conversation.answer(202, accepted("exec-1"))
        if len(conversation.wire.conversations) == 1:
            await turns(20)
            await conversation.answer(202, accepted("exec-of-nobody"))
        assert await conversation.left() == b""

    wire = await serve(handler)
    client = open_client(wire.url)
    assert await run(client) == Accepted("exec-1")
    await turns(60)
    answer = await run(client)
    assert isinstance(answer, NotSent) or answer == Accepted("exec-1")


async def test_a_server_that_speaks_first_is_not_sent_anything(open_client: OpenClient, serve: Serve) -> None:
    async def handler(conversation: Conversation) -> None:
        await conversation.say("220 mail.example.com ESMTP\r\n")
        heard = await conversation.left()
        conversation.wire.requests.append(heard)

    wire = await serve(handler)
    client = open_client(wire.url, timeout_ms=1000)
    answer = await run(client)
    await client.aclose()
    await eventually(lambda: wire.requests)
    assert isinstance(answer, NotSent if wire.requests == [b""] else Unknown)


async def test_no_request_is_ever_repeated_by_a_library(open_client: OpenClient, serve: Serve) -> None:
    async def handler(conversation: Conversation) -> None:
        await conversation.request()
        await conversation.answer(400)
        await conversation.request()
        conversation.close()  # as a server does that closes an idle connection in this very moment

    wire = await serve(handler)
    client = open_client(wire.url)
    assert await run(client) == RefusedEvent(400, "")
    assert isinstance(await run(client), Unknown)
    assert await run(client) == RefusedEvent(400, "")
    assert isinstance(await client.status("acme", "exec-1"), PollError)
    assert len(wire.requests) == 4


async def test_a_cancelled_call_closes_its_connection_and_frees_its_place(
    open_client: OpenClient, serve: Serve
) -> None:
    async def handler(conversation: Conversation) -> None:
        if b"hang" in await conversation.request():
            await conversation.left()
        else:
            await conversation.answer(202, accepted("exec-1"))

    wire = await serve(handler)
    client = open_client(wire.url, connections=1)
    async with asyncio.TaskGroup() as group:
        hanging = group.create_task(run(client, "hang"))
        await eventually(lambda: wire.requests)
        hanging.cancel()
    assert hanging.cancelled()
    await eventually(lambda: wire.left == 1)
    assert await run(client) == Accepted("exec-1")


async def test_a_call_that_timed_out_closes_its_connection(open_client: OpenClient, serve: Serve) -> None:
    async def handler(conversation: Conversation) -> None:
        await conversation.request()
        await conversation.left()

    wire = await serve(handler)
    assert isinstance(await run(open_client(wire.url, timeout_ms=1000)), Unknown)
    await eventually(lambda: wire.left == 1)


async def test_a_connection_with_an_unread_body_is_not_used_again(open_client: OpenClient, serve: Serve) -> None:
    async def handler(conversation: Conversation) -> None:
        await conversation.request()
        await conversation.answer(400, "x" * 200_000)
        await conversation.left()

    wire = await serve(handler)
    client = open_client(wire.url)
    for _ in range(2):
        assert isinstance(await run(client), RefusedEvent)
    assert len(wire.conversations) == 2


async def test_a_connection_of_which_the_server_says_close_is_not_used_again(
    open_client: OpenClient, serve: Serve
) -> None:
    async def handler(conversation: Conversation) -> None:
        await conversation.request()
        await conversation.answer(202, accepted("exec-1"), "Connection: close")
        assert await conversation.left() == b""

    wire = await serve(handler)
    client = open_client(wire.url)
    for _ in range(2):
        assert await run(client) == Accepted("exec-1")
    assert len(wire.conversations) == 2


async def test_calls_at_once_share_the_connections_and_each_gets_its_own_answer(
    open_client: OpenClient, serve: Serve
) -> None:
    wire = await serve(answering)
    client = open_client(wire.url, connections=64, timeout_ms=20_000)
    async with asyncio.TaskGroup() as group:
        calls = [group.create_task(run(client, str(number))) for number in range(300)]
    assert [call.result() for call in calls] == [Accepted(f"exec-{number}") for number in range(300)]
    assert len(wire.requests) == 300
    assert len(wire.conversations) <= 64


async def test_closing_the_client_closes_its_connections(open_client: OpenClient, serve: Serve) -> None:
    async def handler(conversation: Conversation) -> None:
        await conversation.request()
        await conversation.answer(202, accepted("exec-1"))
        await conversation.left()

    wire = await serve(handler)
    client = open_client(wire.url)
    await run(client)
    await client.aclose()
    await eventually(lambda: wire.left == 1)
