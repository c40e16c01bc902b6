"""Tokens by client credentials, from a real server over HTTP and HTTPS."""

import asyncio
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from secured.certificates import Authority
from secured.tokenserver import CLIENT, TokenServer

from bridge.kafka.refusals import NoToken
from bridge.kafka.security import OAuthClient
from bridge.kafka.tokens import TokenSource


@pytest.fixture
def server() -> Iterator[TokenServer]:
    with TokenServer() as running:
        yield running


def client(server: TokenServer) -> OAuthClient:
    return OAuthClient(token_url=server.url, client_id=CLIENT, client_secret=server.secret)


async def refused(client: OAuthClient) -> str:
    with pytest.raises(NoToken) as caught:
        await TokenSource(client).token()
    assert client.client_secret not in str(caught.value)
    assert str(caught.value).startswith(f"no token from {client.token_url}: ")
    return str(caught.value).partition("/token: ")[2]


async def test_a_token_is_asked_for_once_however_many_connections_want_it(server: TokenServer) -> None:
    source = TokenSource(replace(client(server), scope="kafka.read"))
    async with asyncio.TaskGroup() as group:
        asked = [group.create_task(source.token()) for _ in range(8)]
    assert len({one.result() for one in asked}) == 1
    assert server.asked == [{"grant_type": "client_credentials", "scope": "kafka.read"}]
    assert source.subject == CLIENT


async def test_a_token_is_replaced_before_it_expires(server: TokenServer, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1_000.0
    monkeypatch.setattr("bridge.kafka.tokens.time.monotonic", lambda: now)
    server.life = 100
    source = TokenSource(client(server))
    first = await source.token()
    now += 79
    assert await source.token() == first
    now += 2
    await source.token()
    assert len(server.asked) == 2
    # Four fifths through the second one's life the server is gone: what is still valid is used, what is not, is not.
    server.answer = lambda: (503, b"", {})
    now += 90
    await source.token()
    now += 11
    with pytest.raises(NoToken):
        await source.token()


async def test_https_is_spoken_to_whom_the_authority_signed_for(tmp_path: Path) -> None:
    (tmp_path / "stranger").mkdir()
    authority, stranger = Authority(tmp_path), Authority(tmp_path / "stranger")
    with TokenServer(authority.pair("127.0.0.1")) as server:
        assert await TokenSource(replace(client(server), ca_file=authority.ca_file)).token()
        for ca_file in (stranger.ca_file, None):
            assert "CERTIFICATE_VERIFY_FAILED" in await refused(replace(client(server), ca_file=ca_file))
    with TokenServer(authority.pair("id.example.com")) as server:
        assert "CERTIFICATE_VERIFY_FAILED" in await refused(replace(client(server), ca_file=authority.ca_file))


async def test_a_refusal_says_what_the_server_says(server: TokenServer) -> None:
    said = await refused(replace(client(server), client_secret="wrong"))
    assert said == "HTTP 401 (invalid_client: no such client, or not its secret)"


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (200, b"{}", "its answer holds no access_token"),
        (200, b"not json", "its answer holds no access_token"),
        (200, b'{"access_token": "a\\nb"}', "its answer holds no access_token"),
        (200, b" " * 100_000, "its answer is longer than 65536 bytes"),
        (500, b"<html>", "HTTP 500"),
        (302, b"", "HTTP 302"),
        (400, b'{"error": "' + b"x" * 5_000 + b'"}', f"HTTP 400 ({'x' * 200})"),
    ],
)
async def test_what_is_no_token_is_told(server: TokenServer, status: int, body: bytes, expected: str) -> None:
    server.answer = lambda: (status, body, {"Location": server.keys_url})
    assert await refused(client(server)) == expected


async def test_a_server_that_repeats_the_secret_makes_no_log_line_with_it(server: TokenServer) -> None:
    server.answer = lambda: (400, b'{"error": "bad ' + server.secret.encode() + b'"}', {})
    assert await refused(client(server)) == "HTTP 400 (bad ***)"


async def test_a_server_that_is_silent_or_gone_is_told(server: TokenServer) -> None:
    with socket.create_server(("127.0.0.1", 0)) as quiet:
        port = quiet.getsockname()[1]
        silent = replace(client(server), token_url=f"http://127.0.0.1:{port}/token", timeout=0.2)
        assert await refused(silent) == "no answer within 0.2 s"
    assert "connect" in (await refused(silent)).lower()
