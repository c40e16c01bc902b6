"""What a call's end is believed to be, for each way in which a network or a server fails. Over each transport."""

import asyncio

import pytest
from vendor.conftest import OpenClient, Serve
from vendor.wire import Conversation
from waiting import eventually

from bridge.vendor.answers import (
    Accepted,
    NotSent,
    PollError,
    Published,
    RefusedBrand,
    RefusedEvent,
    RunAnswer,
    Throttled,
    Unknown,
)
from bridge.vendor.client import VendorClient

ACCEPTED = '{"execution_id": "exec-1", "status": "queued"}'
# Half of it is for connecting, which takes its time on a machine that is busy.
SHORT_MS = 1000


async def run(client: VendorClient) -> RunAnswer:
    return await client.run("acme", "gen-1", "topic", {"minute": 12})


async def test_a_reset_after_the_request_is_unknown(open_client: OpenClient, serve: Serve) -> None:
    async def handler(conversation: Conversation) -> None:
        await conversation.request()
        conversation.reset()

    assert isinstance(await run(open_client((await serve(handler)).url)), Unknown)


async def test_a_hang_up_without_an_answer_is_unknown(open_client: OpenClient, serve: Serve) -> None:
    async def handler(conversation: Conversation) -> None:
        await conversation.request()
        conversation.close()

    assert isinstance(await run(open_client((await serve(handler)).url)), Unknown)


async def test_a_hang_up_before_the_request_was_read_is_unknown_too(open_client: OpenClient, serve: Serve) -> None:
    async def handler(conversation: Conversation) -> None:
        conversation.reset()

    wire = await serve(handler)
    # The connection stood: a byte may have left before the reset came back, or the reset came first.
    assert isinstance(await run(open_client(wire.url)), (NotSent, Unknown))


async def test_no_answer_in_time_is_unknown(open_client: OpenClient, serve: Serve) -> None:
    async def handler(conversation: Conversation) -> None:
        await conversation.request()
        await conversation.left()

    answer = await run(open_client((await serve(handler)).url, timeout_ms=SHORT_MS))
    assert isinstance(answer, Unknown)
    assert "ReadTimeout" in answer.why


async def test_headers_that_trickle_in_do_not_extend_the_timeout(open_client: OpenClient, serve: Serve) -> None:
    async def handler(conversation: Conversation) -> None:
        await conversation.request()
        await conversation.say("HTTP/1.1 202 Accepted\r\n")
        while True:
            await conversation.say("X-Slow: yes\r\n")
            await asyncio.sleep(SHORT_MS / 1000 / 10)

    answer = await run(open_client((await serve(handler)).url, timeout_ms=SHORT_MS))
    assert isinstance(answer, Unknown)


async def test_half_of_the_timeout_is_kept_for_the_answer(open_client: OpenClient, serve: Serve) -> None:
    async def handler(conversation: Conversation) -> None:
        await conversation.request()
        await asyncio.sleep(0.7)  # longer than connecting may take, shorter than everything may take
        await conversation.answer(202, ACCEPTED)

    assert await run(open_client((await serve(handler)).url, timeout_ms=1200)) == Accepted("exec-1")


@pytest.mark.parametrize(
    "noise",
    [b"SSH-2.0-OpenSSH_9.6\r\n", b"\x00\xff" * 500, b"HTTP/1.1 abc\r\n\r\n", b"HTTP/1.1 202\r\nbroken header\r\n\r\n"],
    ids=["another protocol", "bytes", "a status that is no number", "a header without a colon"],
)
async def test_what_is_no_http_is_unknown(open_client: OpenClient, serve: Serve, noise: bytes) -> None:
    async def handler(conversation: Conversation) -> None:
        await conversation.request()
        await conversation.say(noise)
        conversation.close()

    assert isinstance(await run(open_client((await serve(handler)).url)), Unknown)


@pytest.mark.parametrize("head", ["Content-Length: 99", "Transfer-Encoding: chunked"])
async def test_a_202_that_breaks_off_is_unknown(open_client: OpenClient, serve: Serve, head: str) -> None:
    async def handler(conversation: Conversation) -> None:
        await conversation.request()
        await conversation.say(f'HTTP/1.1 202 Accepted\r\n{head}\r\n\r\n9\r\n{{"executi')
        conversation.close()

    answer = await run(open_client((await serve(handler)).url))
    assert isinstance(answer, Unknown)
    assert answer.status == 202


async def test_a_body_that_is_shorter_than_was_said_is_unknown(open_client: OpenClient, serve: Serve) -> None:
    async def handler(conversation: Conversation) -> None:
        await conversation.request()
        await conversation.say(f"HTTP/1.1 202 Accepted\r\nContent-Length: {len(ACCEPTED) + 1}\r\n\r\n{ACCEPTED}")
        conversation.close()

    answer = await run(open_client((await serve(handler)).url))
    assert isinstance(answer, Unknown)
    assert "broke off" in answer.why


async def test_a_body_that_ends_with_its_connection_is_read(open_client: OpenClient, serve: Serve) -> None:
    async def handler(conversation: Conversation) -> None:
        await conversation.request()
        await conversation.say(f"HTTP/1.1 202 Accepted\r\n\r\n{ACCEPTED}")
        conversation.close()

    assert await run(open_client((await serve(handler)).url)) == Accepted("exec-1")


async def test_a_body_in_chunks_with_trailers_is_read(open_client: OpenClient, serve: Serve) -> None:
    async def handler(conversation: Conversation) -> None:
        while True:
            await conversation.request()
            await conversation.say("HTTP/1.1 202 Accepted\r\nTransfer-Encoding: chunked\r\n\r\n")
            for part in (ACCEPTED[:5], ACCEPTED[5:]):
                await conversation.say(f"{len(part):x}\r\n{part}\r\n")
            await conversation.say("0\r\nX-Late: yes\r\n\r\n")

    wire = await serve(handler)
    client = open_client(wire.url)
    assert [await run(client), await run(client)] == [Accepted("exec-1"), Accepted("exec-1")]
    assert len(wire.conversations) == 1


async def test_a_202_whose_body_never_ends_is_unknown(open_client: OpenClient, serve: Serve) -> None:
    async def handler(conversation: Conversation) -> None:
        await conversation.request()
        await conversation.say("HTTP/1.1 202 Accepted\r\nContent-Length: 99\r\n\r\n{")
        await conversation.left()

    answer = await run(open_client((await serve(handler)).url, timeout_ms=SHORT_MS))
    assert isinstance(answer, Unknown)
    assert answer.status == 202


async def test_a_refusal_counts_although_its_body_breaks_off(open_client: OpenClient, serve: Serve) -> None:
    async def handler(conversation: Conversation) -> None:
        await conversation.request()
        await conversation.say("HTTP/1.1 400 Bad Request\r\nContent-Length: 99\r\n\r\ntopic_key is mis")
        conversation.close()

    assert await run(open_client((await serve(handler)).url)) == RefusedEvent(400, "topic_key is mis")


async def test_no_more_than_64_kib_of_a_body_are_read(open_client: OpenClient, serve: Serve) -> None:
    async def handler(conversation: Conversation) -> None:
        await conversation.request()
        await conversation.say("HTTP/1.1 202 Accepted\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            await conversation.say(b"4000\r\n" + b" " * 0x4000 + b"\r\n")

    answer = await run(open_client((await serve(handler)).url))
    assert isinstance(answer, Unknown)
    assert "longer than 65536 bytes" in answer.why


async def test_a_compressed_body_is_not_unpacked(open_client: OpenClient, serve: Serve) -> None:
    async def handler(conversation: Conversation) -> None:
        await conversation.request()
        await conversation.answer(202, b"\x1f\x8b" + b"\0" * 60, "Content-Encoding: gzip")

    answer = await run(open_client((await serve(handler)).url))
    assert isinstance(answer, Unknown)
    assert "compressed" in answer.why


async def test_a_compressed_body_is_not_waited_for(open_client: OpenClient, serve: Serve) -> None:
    async def handler(conversation: Conversation) -> None:
        await conversation.request()
        await conversation.say("HTTP/1.1 202 Accepted\r\nContent-Encoding: gzip\r\nContent-Length: 99\r\n\r\n")
        await conversation.left()

    wire = await serve(handler)
    async with asyncio.timeout(20):
        answer = await run(open_client(wire.url, timeout_ms=60_000))
        await eventually(lambda: wire.left == 1)
    assert isinstance(answer, Unknown)
    assert "compressed" in answer.why


async def test_interim_answers_are_passed_over(open_client: OpenClient, serve: Serve) -> None:
    async def handler(conversation: Conversation) -> None:
        await conversation.request()
        await conversation.say("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n")
        await conversation.answer(202, ACCEPTED)

    assert await run(open_client((await serve(handler)).url)) == Accepted("exec-1")


async def test_a_switch_of_protocols_is_unknown(open_client: OpenClient, serve: Serve) -> None:
    async def handler(conversation: Conversation) -> None:
        await conversation.request()
        await conversation.say("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\nhello")
        await conversation.left()

    answer = await run(open_client((await serve(handler)).url, timeout_ms=SHORT_MS))
    assert isinstance(answer, Unknown)
    assert "ReadTimeout" not in answer.why


async def test_a_poll_that_fails_says_why(open_client: OpenClient, serve: Serve) -> None:
    async def handler(conversation: Conversation) -> None:
        await conversation.request()
        conversation.reset()

    assert isinstance(await open_client((await serve(handler)).url).status("acme", "exec-1"), PollError)


async def test_a_poll_reads_an_execution(open_client: OpenClient, serve: Serve) -> None:
    async def handler(conversation: Conversation) -> None:
        await conversation.request()
        await conversation.answer(
            200, '{"status": "published", "audience_size": 7, "updated_at": "1970-01-01T00:00:01Z"}'
        )

    assert await open_client((await serve(handler)).url).status("acme", "exec-1") == Published(7, 1000)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_not_followed(open_client: OpenClient, serve: Serve, status: int) -> None:
    async def never(conversation: Conversation) -> None:
        await conversation.request()

    elsewhere = await serve(never)

    async def handler(conversation: Conversation) -> None:
        await conversation.request()
        await conversation.answer(status, "", f"Location: {elsewhere.url}/event-generators/gen-1/run")

    answer = await run(open_client((await serve(handler)).url))
    assert elsewhere.conversations == []
    # 302 and 303 are also said by servers that have done it and show where the result lies.
    assert isinstance(answer, Unknown if status in (302, 303) else RefusedBrand)


async def test_a_429_says_how_long(open_client: OpenClient, serve: Serve) -> None:
    async def handler(conversation: Conversation) -> None:
        await conversation.request()
        await conversation.answer(429, "", "Retry-After: 7")

    assert await run(open_client((await serve(handler)).url)) == Throttled(7000)


async def test_keys_that_a_server_echoes_are_taken_out(open_client: OpenClient, serve: Serve) -> None:
    async def handler(conversation: Conversation) -> None:
        await conversation.answer(401, await conversation.request())

    answer = await run(open_client((await serve(handler)).url))
    assert isinstance(answer, RefusedBrand)
    assert "x-api-key: [redacted]" in answer.text
    assert "acme-api-key" not in answer.text
    assert "acme-brand-key" not in answer.text
