"""A vendor, or what stands in its place, that answers to do harm."""

import asyncio
import ssl
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from vendor.conftest import OpenClient, Serve
from vendor.wire import Conversation

from bridge.vendor.answers import Accepted, NotSent, RunAnswer, Unknown
from bridge.vendor.client import VendorClient
from bridge.vendor.exchange import BODY_LIMIT

SHORT_MS = 1000
# More than any buffer between two sockets of one machine.
MUCH = 64 * 1_048_576


async def run(client: VendorClient) -> RunAnswer:
    return await client.run("acme", "gen-1", "topic", {"minute": 12})


def says(*pieces: str | bytes) -> Callable[[Conversation], object]:
    async def handler(conversation: Conversation) -> None:
        await conversation.request()
        for piece in pieces:
            await conversation.say(piece)
        await conversation.left()

    return handler


async def unknown(open_client: OpenClient, serve: Serve, *pieces: str | bytes) -> str:
    """Why the call's end is unknown when a server answers so."""
    answer = await run(open_client((await serve(says(*pieces))).url, timeout_ms=SHORT_MS))  # type: ignore[arg-type]
    assert isinstance(answer, Unknown)
    return answer.why


@pytest.mark.parametrize(("certificate", "complaint"), [("elsewhere.pem", "mismatch"), ("expired.pem", "expired")])
async def test_a_certificate_of_another_host_or_another_time_sends_nothing(
    open_client: OpenClient, certificate: str, complaint: str
) -> None:
    shown = Path(__file__).parent / certificate
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(shown)
    heard: list[bytes] = []

    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.read(1))
        writer.close()

    async with await asyncio.start_server(meet, "127.0.0.1", 0, ssl=context) as server:
        port = server.sockets[0].getsockname()[1]
        trusting = ssl.create_default_context(cafile=shown)
        answer = await run(open_client(f"https://localhost:{port}/v1", tls=trusting))
    assert isinstance(answer, NotSent)
    assert complaint in answer.why
    assert heard in ([], [b""])


async def test_an_answer_of_a_gigabyte_is_hung_up_on(open_client: OpenClient, serve: Serve) -> None:
    sent: list[int] = []

    async def handler(conversation: Conversation) -> None:
        await conversation.request()
        await conversation.say("HTTP/1.1 202 Accepted\r\nContent-Length: 1073741824\r\n\r\n")
        for _ in range(1024):
            await conversation.say(bytes(1_048_576))
            sent.append(1_048_576)

    answer = await run(open_client((await serve(handler)).url))
    assert isinstance(answer, Unknown)
    assert f"longer than {BODY_LIMIT} bytes" in answer.why
    assert sum(sent) < MUCH


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd", "gzip, gzip"])
async def test_a_bomb_is_not_unpacked_whatever_it_calls_itself(
    open_client: OpenClient, serve: Serve, encoding: str
) -> None:
    packing = zlib.compressobj(wbits=31)
    bomb = packing.compress(bytes(10_000_000)) + packing.flush()
    head = f"HTTP/1.1 202 Accepted\r\nContent-Encoding: {encoding}\r\nContent-Length: {len(bomb)}\r\n\r\n"
    assert "compressed" in await unknown(open_client, serve, head, bomb)


async def test_a_header_of_a_megabyte_is_no_answer(open_client: OpenClient, serve: Serve) -> None:
    await unknown(open_client, serve, "HTTP/1.1 202 Accepted\r\nX-Much: ", "x" * 1_048_576, "\r\n\r\n")


async def test_headers_without_end_are_no_answer(open_client: OpenClient, serve: Serve) -> None:
    await unknown(open_client, serve, "HTTP/1.1 202 Accepted\r\n", *["X-More: yes\r\n" * 1_000] * 50)


@pytest.mark.parametrize(
    "more", ["0\r\n" + "X-More: yes\r\n" * 80_000, "1;more=" + "x" * 1_048_576], ids=["trailers", "sizes"]
)
async def test_chunks_with_much_that_is_no_body_are_hung_up_on(
    open_client: OpenClient, serve: Serve, more: str
) -> None:
    sent: list[int] = []

    async def handler(conversation: Conversation) -> None:
        await conversation.request()
        await conversation.say("HTTP/1.1 202 Accepted\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n" + more)
        for _ in range(1024):
            await conversation.say(("X-More: yes\r\n" * 80_000)[: len(more)] if more[0] == "0" else "x" * 1_048_576)
            sent.append(1_048_576)

    answer = await run(open_client((await serve(handler)).url))
    assert isinstance(answer, Unknown)
    assert answer.status == 202
    assert "no complete answer within" not in answer.why
    assert sum(sent) < MUCH


async def test_interim_answers_without_end_do_not_outlast_the_timeout(open_client: OpenClient, serve: Serve) -> None:
    async def handler(conversation: Conversation) -> None:
        await conversation.request()
        while True:
            await conversation.say("HTTP/1.1 100 Continue\r\n\r\n")
            await asyncio.sleep(0.01)

    assert isinstance(await run(open_client((await serve(handler)).url, timeout_ms=SHORT_MS)), Unknown)


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 60_000,
        b'{"a":' * 10_000,
        b'{"execution_id": "\xff\xfe"}',
        b'{"execution_id": "\\ud800"}',
        b"NaN",
        b"\x00" * 100,
    ],
)
async def test_a_202_with_a_body_that_nobody_can_read_is_unknown(
    open_client: OpenClient, serve: Serve, body: bytes
) -> None:
    head = f"HTTP/1.1 202 Accepted\r\nContent-Length: {len(body)}\r\n\r\n"
    assert "the body is" in await unknown(open_client, serve, head, body)


async def test_an_execution_id_of_ten_megabytes_is_not_believed(open_client: OpenClient, serve: Serve) -> None:
    body = b'{"execution_id": "%b"}' % (b"x" * 10_000_000)
    await unknown(open_client, serve, f"HTTP/1.1 202 Accepted\r\nContent-Length: {len(body)}\r\n\r\n", body[:1_000_000])


async def test_an_execution_id_that_is_a_path_asks_for_nothing_else(open_client: OpenClient, serve: Serve) -> None:
    evil = "../../event-generators/g/run?x=1#y\r\nX-Evil: yes\r\n\r\n\x1b[31m %2e%2e"

    async def handler(conversation: Conversation) -> None:
        await conversation.request()
        await conversation.answer(404)

    wire = await serve(handler)
    await open_client(wire.url).status("acme", evil)
    (request,) = wire.requests
    line, *headers = request.split(b"\r\n")
    assert line.startswith(b"GET /v1/executions/..%2F..%2Fevent-generators%2Fg%2Frun%3Fx")
    assert line.endswith(b"%20%252e%252e/status HTTP/1.1")
    assert not any(header.lower().startswith(b"x-evil") for header in headers)


async def test_a_reason_phrase_is_not_read_at_all(open_client: OpenClient, serve: Serve) -> None:
    why = await unknown(open_client, serve, "HTTP/1.1 503 \x1b[31mINJECTED\r\nContent-Length: 0\r\n\r\n")
    assert "INJECTED" not in why


async def test_a_second_answer_behind_the_first_is_nobodys(open_client: OpenClient, serve: Serve) -> None:
    body = '{"execution_id": "exec-1"}'
    head = f"HTTP/1.1 202 Accepted\r\nContent-Length: {len(body)}\r\n\r\n"
    second = 'HTTP/1.1 202 Accepted\r\nContent-Length: 26\r\n\r\n{"execution_id": "stolen"}'

    async def handler(conversation: Conversation) -> None:
        await conversation.request()
        await conversation.say(head + body + second)
        await conversation.left()

    wire = await serve(handler)
    client = open_client(wire.url)
    assert await run(client) == Accepted("exec-1")
    answer = await run(client)
    # On a connection of its own: what came unasked was not taken for its answer.
    assert answer != Accepted("stolen")
    assert len(wire.conversations) == 2
