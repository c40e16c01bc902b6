"""What a request holds, and what it leaves out. Over each transport."""

import asyncio
import json

import pytest
from vendor.conftest import OpenClient, Serve
from vendor.wire import Conversation

from bridge.tracecontext import Trace
from bridge.vendor.answers import Accepted, NotFound, PollRefused, RefusedBrand, RunAnswer
from bridge.vendor.client import BrandKeys, VendorClient


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


async def test_a_run_sends_what_the_vendors_page_asks_for_and_nothing_else(
    open_client: OpenClient, serve: Serve
) -> None:
    wire = await serve(answering)
    context = {"minute": 12, "team_name": "Côte d'Ivoire"}
    await open_client(wire.url).run("acme", "id/with ?#%..ü", "event_reminders+NFL", context)
    head, body = wire.requests[0].split(b"\r\n\r\n")
    request, *lines = head.decode().split("\r\n")
    headers = {name.lower(): value for name, value in (line.split(": ") for line in lines)}
    assert request == "POST /v1/event-generators/id%2Fwith%20%3F%23%25..%C3%BC/run HTTP/1.1"
    assert json.loads(body) == {"topic_key": "event_reminders+NFL", "context": context}
    assert headers.pop("user-agent").startswith("campaign-bridge/")
    assert headers == {
        "host": f"localhost:{wire.port}",
        "x-api-key": "acme-api-key",
        "x-brand-key": "acme-brand-key",
        "content-type": "application/json",
        "content-length": str(len(body)),
        "accept": "application/json",
        "accept-encoding": "identity",
        "connection": "keep-alive",
    }


@pytest.mark.parametrize("propagate", [False, True])
async def test_a_trace_goes_to_the_vendor_only_where_the_settings_say_so(
    open_client: OpenClient, serve: Serve, propagate: bool
) -> None:
    wire = await serve(answering)
    trace = Trace("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "a=1")
    client = open_client(wire.url, propagate=propagate)
    await client.run("acme", "gen-1", "topic", {}, trace)
    await client.run("acme", "gen-1", "topic", {})
    sent = [f"traceparent: {trace.parent}\r\ntracestate: a=1\r\n".encode() in request for request in wire.requests]
    assert sent == [propagate, False]
    assert [b"trace" in request for request in wire.requests] == sent


@pytest.mark.parametrize("state", ["a=1\r\nx-api-key: stolen", "a=\0", "a=ü", "a=1\n"])
async def test_a_trace_that_no_header_carries_is_left_out(open_client: OpenClient, serve: Serve, state: str) -> None:
    wire = await serve(answering)
    trace = Trace("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", state)
    client = open_client(wire.url, propagate=True)
    assert await client.run("acme", "gen-1", "topic", {}, trace) == Accepted("exec-topic")
    assert b"trace" not in wire.requests[0]
    assert b"stolen" not in wire.requests[0]


async def test_a_poll_sends_the_brands_keys_and_no_body(open_client: OpenClient, serve: Serve) -> None:
    async def handler(conversation: Conversation) -> None:
        await conversation.request()
        await conversation.answer(404)

    wire = await serve(handler)
    assert await open_client(wire.url).status("other", "../exec 1") == NotFound()
    request = wire.requests[0].decode()
    assert request.startswith("GET /v1/executions/..%2Fexec%201/status HTTP/1.1\r\n")
    assert "x-api-key: other-api-key\r\n" in request
    assert "acme" not in request
    assert "content-length" not in request.lower()
    assert request.endswith("\r\n\r\n")


async def test_keys_that_are_replaced_count_for_what_begins_afterwards(open_client: OpenClient, serve: Serve) -> None:
    began, rotated = asyncio.Event(), asyncio.Event()

    async def handler(conversation: Conversation) -> None:
        while True:
            request = await conversation.request()
            began.set()
            await rotated.wait()
            await conversation.answer(401, request)

    wire = await serve(handler)
    client = open_client(wire.url)
    async with asyncio.TaskGroup() as group:
        under_way = group.create_task(run(client))
        await began.wait()
        client.replace_keys("acme", BrandKeys("acme-rotated-key", "acme-brand-key"))
        rotated.set()
    answers = [under_way.result(), await run(client), await client.probe("acme")]
    for answer, request, key in zip(answers, wire.requests, ("api", "rotated", "rotated"), strict=True):
        assert f"x-api-key: acme-{key}-key\r\n" in request.decode()
        assert isinstance(answer, RefusedBrand | PollRefused)
        assert "x-api-key: [redacted]" in answer.text
    # The one under way ended with the keys that it began with, and showed neither.
    assert "acme-api-key" not in repr(answers) + repr(client._keys)
    assert "acme-rotated-key" not in repr(answers) + repr(client._keys)


async def test_cookies_are_not_kept(open_client: OpenClient, serve: Serve) -> None:
    async def handler(conversation: Conversation) -> None:
        while True:
            await conversation.request()
            await conversation.answer(202, accepted("exec-1"), "Set-Cookie: session=of-acme; Path=/")

    wire = await serve(handler)
    client = open_client(wire.url)
    await run(client)
    await run(client)
    assert b"cookie" not in wire.requests[1].lower()


async def test_proxies_of_the_environment_are_not_used(
    open_client: OpenClient, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    wire = await serve(answering)
    assert await run(open_client(wire.url)) == Accepted("exec-topic")
