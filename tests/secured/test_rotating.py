"""A password and a certificate rotated under load, on a real broker that takes the old one no more: nobody is called twice,
and every event has its outcome.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import orjson
import pytest
from canary import CANARY
from mounted import Mount
from secured.acls import allow, change_password
from secured.broker import SecuredKafka, keystore_of, secured_kafka
from secured.certificates import Authority, Pair
from service.replica import Replica, until
from service.service import Service, running_service
from service.story import vendor
from service.topics import leaks_in_topics

from bridge.demo.ports import HOST
from bridge.kafka.rights import VERBS, Scope
from bridge.kafka.topics import TopicNames

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

# Brokers restart, groups form anew, and other tests run beside.
_LONG = 90.0


@asynccontextmanager
async def serving(
    secured: SecuredKafka, user: str, folder: Path, *, listener: str, security: dict[str, Any]
) -> AsyncIterator[tuple[Service, dict[str, str]]]:
    """A service with the name of its user, whose replicas and verbs come through the listener, with no more than the rights that they need. With the
    settings that say where it is.
    """
    async with running_service(secured.plain, user, folder, vendor(latency=50)) as service:
        service.configure(
            settings=service.settings() | {"kafka": {**service.settings()["kafka"], "security": security}}
        )
        scope = Scope(TopicNames(user), frozenset({service.source}))
        await allow(secured.plain, f"User:{user}", [*VERBS["run"](scope), *VERBS["audit"](scope)])
        yield service, {"BRIDGE_KAFKA__BOOTSTRAP_SERVERS": secured.at(listener)}
        assert await leaks_in_topics(secured.plain, {user}) == []


async def every_event_once(service: Service, published: list[dict[str, Any]], where: dict[str, str]) -> None:
    """By the topics, by the vendor, and by an audit."""
    await service.is_done(len(published), within=_LONG)
    audited = orjson.loads(await service.verb("audit", "--format", "json", code=0, **where))
    assert (audited["triggers"], audited["faults"], audited["open"]) == (len(published), [], [])
    for replica in service.replicas:
        assert await replica.stop() == 0
    account = await service.account()
    account.check()
    assert account.outcomes == {"published": len(published)}
    assert len(account.executions) == len(published)


def taken(replica: Replica) -> list[str]:
    return [name for line in replica.lines("secrets taken") for name in line["secrets"]]


def refused(replica: Replica) -> bool:
    return any("is refused" in line["event"] for line in replica.all_lines())


async def test_a_password_that_is_changed_at_the_broker_under_load(
    secured: SecuredKafka, unique: str, tmp_path: Path
) -> None:
    user, old, new = unique, CANARY.in_secret("old"), CANARY.in_secret("new")
    await change_password(secured.plain, user, old)
    mount = Mount(tmp_path / "kafka", password=old, ca=text(secured.authority.ca_file))
    security = {
        "protocol": "SASL_SSL",
        "sasl_mechanism": "SCRAM-SHA-512",
        "username": user,
        "password": mount.reference("password"),
        "tls": {"ca_file": str(mount / "ca")},
    }
    # This listener ends each connection after two seconds, so all of them need the new password soon.
    async with serving(secured, user, tmp_path, listener="BRIEF", security=security) as (service, where):
        replicas = [await service.start(name, **where) for name in ("first", "second")]
        async with service.flow(per_second=60) as published:
            await service.has_accepted(60)
            await change_password(secured.plain, user, new)
            await until(lambda: all(refused(replica) for replica in replicas))
            mount.put(password=new)
            await until(lambda: all(taken(replica) for replica in replicas))
            await service.has_accepted(len(published) + 60, within=_LONG)
            for replica in replicas:
                await until(replica.is_ready, within=_LONG)
        for replica in replicas:
            assert taken(replica) == ["kafka.security.password"]
        await every_event_once(service, published, where)


async def test_a_replica_that_waits_for_kafka_with_a_wrong_password_begins_when_it_is_mended(
    secured: SecuredKafka, unique: str, tmp_path: Path
) -> None:
    await change_password(secured.plain, unique, "right")
    mount = Mount(tmp_path / "kafka", password="wrong")
    security = {
        "protocol": "SASL_SSL",
        "sasl_mechanism": "SCRAM-SHA-512",
        "username": unique,
        "password": mount.reference("password"),
        "tls": {"ca_file": secured.authority.ca_file},
    }
    async with serving(secured, unique, tmp_path, listener="SCRAM", security=security) as (service, where):
        replica = service.launch("a", **where)
        await until(lambda: refused(replica))
        mount.put(password="right")
        await replica.ready()
        assert await replica.stop() == 0


async def test_certificates_of_another_authority_on_both_sides_under_load(unique: str, tmp_path: Path) -> None:
    for name in ("broker", "later"):
        (tmp_path / name).mkdir()
    with secured_kafka(tmp_path / "broker") as secured:
        old, later = secured.authority, Authority(tmp_path / "later")
        secret = CANARY.in_secret("key")
        first, second = (one.pair("client", common_name=unique, password=secret) for one in (old, later))
        mount = Mount(tmp_path / "tls", ca=text(old.ca_file), secret=secret, **files(first))
        tls = {"ca_file": "ca", "cert_file": "cert", "key_file": "key"}
        security = {
            "protocol": "SSL",
            "tls": {name: str(mount / file) for name, file in tls.items()}
            | {"key_password": mount.reference("secret")},
        }
        async with serving(secured, unique, tmp_path, listener="MUTUAL", security=security) as (service, where):
            replicas = [await service.start(name, **where) for name in ("first", "second")]
            async with service.flow(per_second=60) as published:
                await service.has_accepted(60)
                mount.put(ca=text(old.ca_file) + text(later.ca_file))
                await all_took(replicas, ["kafka.security.tls.ca_file"])
                mount.put(**files(second))
                await all_took(replicas, ["kafka.security.tls.cert_file", "kafka.security.tls.key_file"])
                # The broker comes back with a certificate of the new authority, and trusts nobody else.
                changed(secured, tmp_path / "broker", later)
                await asyncio.to_thread(secured.kafka.restart)
                for replica in replicas:
                    await until(replica.is_ready, within=_LONG)
                await service.has_accepted(len(published) + 60, within=_LONG)
            await every_event_once(service, published, where)


def changed(secured: SecuredKafka, folder: Path, authority: Authority) -> None:
    """What the broker shows, and whom it trusts, from its next start on."""
    keystore_of(folder, authority.pair(HOST, "localhost"))
    Path(secured.authority.ca_file).write_text(text(authority.ca_file))


def text(file: str) -> str:
    return Path(file).read_text()


def files(pair: Pair) -> dict[str, str]:
    return {"cert": text(pair.cert_file), "key": text(pair.key_file)}


async def all_took(replicas: list[Replica], names: list[str]) -> None:
    await until(lambda: all(taken(replica)[-len(names) :] == names for replica in replicas))
