"""An endpoint for missing topics that answers to do harm, or whoever sits in its place."""

import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from pydantic import ValidationError
from test_triggers import TRIGGER
from vendor.conftest import Serve
from vendor.wire import Conversation

from bridge.clock import SystemClock
from bridge.provisioning.answers import Made, NotMade
from bridge.provisioning.provisioner import Endpoint, Provisioner
from bridge.provisioning.request import RequestTemplate
from bridge.routing.paths import parse_path
from bridge.settings.model import ProvisionerSettings
from bridge.triggers import Unmapped

MISSING = Unmapped("teams", "GER", "why")


def endpoint(url: str, seconds: float) -> Endpoint:
    return Endpoint(
        url, {"authorization": "s3cret"}, RequestTemplate({"key": "{key}"}), parse_path("topic_key"), seconds, 0.0
    )


async def asked(url: str, seconds: float = 2.0) -> Made | NotMade:
    async with Provisioner(endpoint(url, seconds), SystemClock()) as provisioner:
        return await provisioner.topic_for(TRIGGER, MISSING)


@asynccontextmanager
async def answering(answer: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", answer)
    server = TestServer(app)
    await server.start_server()
    try:
        yield str(server.make_url("/topics"))
    finally:
        await server.close()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_takes_the_token_nowhere(status: int) -> None:
    seen: list[str] = []

    async def answer(request: web.Request) -> web.StreamResponse:
        seen.append(request.path)
        return web.Response(status=status, headers={"Location": "/elsewhere"})

    async with answering(answer) as url:
        assert isinstance(await asked(url), NotMade)
    assert seen == ["/topics"]


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd"])
async def test_a_bomb_is_not_unpacked(encoding: str) -> None:
    packing = zlib.compressobj(wbits=31)
    bomb = packing.compress(b'{"topic_key": "' + bytes(50_000_000)) + packing.flush()

    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(body=bomb, headers={"Content-Encoding": encoding})

    async with answering(answer) as url:
        made = await asked(url)
    assert isinstance(made, NotMade)
    assert "compressed" in made.why


async def test_an_answer_without_end_is_hung_up_on(serve: Serve) -> None:
    sent: list[int] = []

    async def handler(conversation: Conversation) -> None:
        await conversation.request()
        await conversation.say("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in range(1_024):
            await conversation.say(b"100000\r\n" + bytes(1_048_576) + b"\r\n")
            sent.append(1)

    made = await asked((await serve(handler)).url)
    assert isinstance(made, NotMade)
    assert "longer than" in made.why
    assert len(sent) < 64


async def test_an_answer_that_drips_does_not_outlast_the_timeout(serve: Serve) -> None:
    async def handler(conversation: Conversation) -> None:
        await conversation.request()
        await conversation.say("HTTP/1.1 200 OK\r\n")
        await conversation.left()

    assert isinstance(await asked((await serve(handler)).url, seconds=0.3), NotMade)


@pytest.mark.parametrize("key", ["", " ", "x" * 1_001, 1.5, True, None, {}, ["x"]])
async def test_a_topic_key_that_is_none_makes_no_call(key: object) -> None:
    async def answer(_: web.Request) -> web.StreamResponse:
        return web.json_response({"topic_key": key})

    async with answering(answer) as url:
        made = await asked(url)
    assert isinstance(made, NotMade)
    assert len(made.why) < 700


@pytest.mark.parametrize(
    "url",
    [
        "http://topics.example.com/",
        "ftp://localhost/",
        "file:///etc/passwd",
        "https://user:pass@topics.example.com/",
        "http://localhost.evil.example/",
        "http://127.0.0.1.evil.example/",
        "http://[::ffff:10.0.0.1]/",
        "//topics.example.com",
    ],
)
def test_a_token_is_sent_over_https_alone(url: str) -> None:
    with pytest.raises(ValidationError):
        ProvisionerSettings(url=url)
