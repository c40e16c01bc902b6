"""Certificates are watched as files, whatever they are called; what does not fit is refused as long as it does not."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import orjson
from mounted import Mount
from prometheus_client import CollectorRegistry
from secured.certificates import Authority, Pair
from waiting import eventually

from bridge.clock import SystemClock
from bridge.kafka.credentials import Credentials
from bridge.kafka.security import BadCredentials
from bridge.reloading.secrets import Secrets
from bridge.settings import Settings, load_with_origins
from bridge.settings.securing import security_of
from bridge.telemetry import Telemetry

SWIFT = 0.02


class Client:
    """A client's certificate in mounted files, and the credentials that follow them."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self.authority = Authority(folder)
        self.mount = Mount(folder / "tls", ca=Path(self.authority.ca_file).read_text(), **files(self.pair()))
        names = {"ca_file": "ca", "cert_file": "cert", "key_file": "key"}
        tls = {name: str(self.mount / file) for name, file in names.items()}
        file = folder / "bridge.yaml"
        file.write_bytes(orjson.dumps({"kafka": {"security": {"protocol": "SSL", "tls": tls}}}))
        self.registry = CollectorRegistry()
        self.secrets = Secrets(partial(load_with_origins, file, {}))
        self.credentials = Credentials()
        self.used = 0
        self.broken = False

    def pair(self) -> Pair:
        return self.authority.pair("client")

    def take(self, settings: Settings) -> None:
        if self.broken:
            raise BadCredentials("the key is no key", "key_file")
        self.credentials.refresh(security_of(settings.kafka.security))
        self.used += 1

    def reloads(self, result: str) -> float:
        return self.registry.get_sample_value("bridge_secrets_reloads_total", {"result": result}) or 0

    @asynccontextmanager
    async def watched(self) -> AsyncIterator[None]:
        self.secrets.use(("kafka", "security"), self.take)
        async with asyncio.TaskGroup() as group:
            task = group.create_task(self.secrets.run(Telemetry(self.registry, SystemClock()), every=SWIFT))
            yield
            task.cancel()


def files(pair: Pair) -> dict[str, str]:
    return {"cert": Path(pair.cert_file).read_text(), "key": Path(pair.key_file).read_text()}


async def test_a_renewed_certificate_is_shown_by_new_connections(tmp_path: Path) -> None:
    client = Client(tmp_path)
    async with client.watched():
        before = client.credentials.context
        client.mount.put(**files(client.pair()))
        await eventually(lambda: client.reloads("taken") == 1)
        client.secrets.reload()
        await eventually(lambda: client.reloads("unchanged") == 1)
    assert client.credentials.context is not before
    assert client.used == 2


async def test_an_authority_that_is_taken_out_is_trusted_no_more(tmp_path: Path) -> None:
    client, other = Client(tmp_path), Authority(tmp_path / "tls")
    async with client.watched():
        old = text(client.authority)
        client.mount.put(ca=old + text(other))
        await eventually(lambda: trusted(client) == 2)
        client.mount.put(ca=text(other))
        await eventually(lambda: trusted(client) == 1)


def text(authority: Authority) -> str:
    return Path(authority.ca_file).read_text()


def trusted(client: Client) -> int:
    assert client.credentials.context is not None
    return len(client.credentials.context.get_ca_certs())


async def test_a_certificate_without_its_key_waits_for_it(tmp_path: Path) -> None:
    """As somebody writes them who knows no atomic mounts."""
    client = Client(tmp_path)
    async with client.watched():
        before, new = client.credentials.context, files(client.pair())
        client.mount.put(cert=new["cert"])
        await eventually(lambda: client.reloads("refused") == 1)
        assert client.credentials.context is before
        client.mount.put(key=new["key"])
        await eventually(lambda: client.reloads("taken") == 1)
        assert client.credentials.context is not before


async def test_what_breaks_between_reading_and_taking_is_refused_and_tried_again(tmp_path: Path) -> None:
    client = Client(tmp_path)
    async with client.watched():
        before, client.broken = client.credentials.context, True
        client.mount.put(**files(client.pair()))
        await eventually(lambda: client.reloads("refused") == 1)
        assert client.credentials.context is before
        client.broken = False
        client.secrets.reload()
        await eventually(lambda: client.reloads("taken") == 1)
        assert client.credentials.context is not before
