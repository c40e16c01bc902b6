"""A Redis that is not what the settings say: it is told why, without the password, and the service goes on."""

import asyncio
import ssl

from budget.cable import Cable
from budget.server import RedisServer
from budget.sharers import Sharer, working
from redis.asyncio import Redis
from vendor.conftest import CERTIFICATE
from waiting import eventually

from bridge.demo.ports import HOST, free_ports


async def fell_back(sharer: Sharer) -> str:
    """What was said until it used its own share."""
    async with working([sharer]):
        await eventually(lambda: sharer.fallbacks() == 1 and len(sharer.at) > 10)
    assert sharer.shows("backend_up") == 0
    return " ".join(sharer.said())


async def shared(sharer: Sharer) -> None:
    async with working([sharer]):
        await eventually(lambda: sharer.shared() and len(sharer.at) > 10)
    assert sharer.fallbacks() == 0


async def test_a_password_opens_it_and_a_wrong_one_is_told_and_not_shown(unique: str) -> None:
    with RedisServer(password="s3cret-canary") as server:
        await shared(Sharer(server.url, 0, name=unique))
        said = await fell_back(Sharer(server.url.replace("s3cret", "wrong"), 0, name=unique))
        assert "invalid username-password pair" in said
        assert "canary" not in said
        said = await fell_back(Sharer(server.url.replace(":s3cret-canary@", ""), 0, name=unique))
        assert "Authentication required" in said


async def test_a_password_that_was_changed_opens_it_again_when_the_new_one_is_told(unique: str) -> None:
    with RedisServer(password="first-canary") as server:
        sharer = Sharer(server.url, 0, name=unique)
        async with working([sharer]), Redis.from_url(server.url) as person:
            await eventually(lambda: sharer.shared() and len(sharer.at) > 10)
            sharer.pooling.replace_url(server.url)
            await person.config_set("requirepass", "second-canary")
            await person.client_kill_filter(_type="normal")
            await eventually(lambda: sharer.shows("backend_up") == 0)
            sharer.pooling.replace_url(server.url.replace("first", "second"))
            await eventually(sharer.shared)
            used = len(sharer.at)
            await eventually(lambda: len(sharer.at) > used + 10)
        assert "canary" not in " ".join(sharer.said())


async def test_nobody_who_listens_is_told(unique: str) -> None:
    (port,) = free_ports(1)
    said = await fell_back(Sharer(f"redis://:canary@127.0.0.1:{port}", 0, name=unique))
    assert "connect" in said.lower()
    assert "canary" not in said


async def test_a_name_that_nobody_knows_is_told(unique: str) -> None:
    await fell_back(Sharer(f"redis://{'x' * 80}.invalid", 0, name=unique))


async def test_tls_and_a_password_work_and_a_certificate_of_nobody_known_is_told(unique: str) -> None:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(CERTIFICATE)
    with RedisServer(password="s3cret") as server:
        async with Cable(server.port).laid(tls) as cable:
            url = f"rediss://:s3cret@localhost:{cable.port}"
            await shared(Sharer(f"{url}?ssl_ca_certs={CERTIFICATE}", 0, name=unique))
            assert cable.connections > 0
            assert "CERTIFICATE_VERIFY_FAILED" in await fell_back(Sharer(url, 0, name=unique))


async def test_a_server_that_is_no_redis_is_got_over(unique: str) -> None:
    async def greet(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"SSH-2.0-what did you expect\r\n")
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(greet, HOST, 0)
    await fell_back(Sharer(f"redis://{HOST}:{server.sockets[0].getsockname()[1]}", 0, name=unique))
    server.close()
