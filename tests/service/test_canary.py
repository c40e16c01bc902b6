"""Secrets are shown nowhere, whatever goes wrong: a service at its most talkative, with a canary in every secret.

What `running_service` looks through at the end of each test: logs, ports, what verbs say. Own topics: at the end of all.
"""

import pytest
from budget.server import RedisServer
from canary import CANARY, Canary, quoted
from mounted import Mount
from service.conftest import Services
from service.replica import Replica, until
from service.service import TALKATIVE, Service
from service.story import event, keys_of, vendor
from service.topics import leaks_in_topics

from bridge.simulator import BrandConfig

CRASHING = """
from bridge.cli import main
from bridge.vendor.transport import DirectTransport
async def ask(self, request):
    raise RuntimeError("a fault of ours, with keys in its frames")
DirectTransport.ask = ask
main()
"""
LEAKING = """
import logging
from bridge.app import parts
from bridge.cli import main
keys_of = parts.keys_of
def told(brands):
    keys = keys_of(brands)
    logging.getLogger("bridge").debug("calling with %s", keys["acme"].headers)
    return keys
parts.keys_of = told
main()
"""
OTHER = Canary("an0therW0rdForLeaksOnPurpose")
"""In what leaks on purpose, so that what looks for leaks of all tests does not find it."""


def mounted(service: Service, redis: RedisServer) -> Mount:
    """Every secret of a service without a secured Kafka, in mounted files."""
    keys = keys_of("acme")
    mount = Mount(
        service.folder / "secrets",
        api=keys.api_key,
        brand=keys.brand_key,
        token=f"Bearer {CANARY.in_secret('token')}",
        redis=redis.url,
    )
    settings = service.settings()
    settings["brands"]["acme"] |= {"api_key": mount.reference("api"), "brand_key": mount.reference("brand")}
    settings["budget"] = {"redis_url": mount.reference("redis")}
    settings["provisioner"] = {
        "url": "http://127.0.0.1:1/topics",
        "headers": {"authorization": mount.reference("token")},
        "patience": "1s",
    }
    settings["log"] = {"level": "debug"}
    service.configure(settings=settings)
    return mount


async def held(replica: Replica) -> bool:
    return (await replica.counted("bridge_hold_active", "scope"))["brand/acme"] == 1


@pytest.mark.slow  # many processes; at the usual level every test of a service looks at what it wrote
async def test_no_secret_is_shown_through_a_bad_day(services: Services) -> None:
    with RedisServer(quoted(CANARY.in_secret("redis"))) as redis:
        async with services(vendor(latency=5)) as service:
            mount = mounted(service, redis)
            replica = await service.start("a", program=TALKATIVE)
            await service.publish(
                *(event(number) for number in range(10)),
                b'{"id": "not json',
                event(10, minute="90+3"),
                event(11, team={"id": "BRA", "name": "Brazil"}),
            )
            await service.has_outcomes(12)

            redis.stop()
            service.vendor.replace_keys("acme", BrandConfig(api_key="another", brand_key="another"))
            await service.publish(*(event(number) for number in range(20, 25)))
            await until(lambda: held(replica))
            mount.put(api=f"{CANARY.in_secret('new')} with a blank")
            replica.reread()
            await until(lambda: replica.lines("settings refused: the secrets before stay in force"))
            new = BrandConfig(api_key=CANARY.in_secret("new"), brand_key=CANARY.in_secret("brand-2"))
            service.vendor.replace_keys("acme", new)
            mount.put(api=new.api_key, brand=new.brand_key)
            replica.reread()
            await service.is_done(17)

            routes = str(service.folder / "routes.yaml")
            for words in (
                ("config", "show"),
                ("check", "--routes", routes),
                ("holds",),
                ("outcomes", "e20"),
                ("audit",),
            ):
                await service.verb(*words)
            for path in ("metrics", "readyz", "livez"):
                await replica.get(path)
            assert await replica.stop() == 0

            crashed = service.launch("crashed", program=("-c", CRASHING))
            await crashed.started()
            await service.publish(event(30))
            assert await crashed.ended() == 1
            assert "Traceback" in crashed.output
            assert "a fault of ours" in crashed.output

            # It was as bad as it was meant to be.
            assert "could not be asked" in str((await service.account()).results)
            assert replica.lines("budget is not shared")
            assert any(line["level"] == "debug" and "logger" in line for line in replica.all_lines())
            assert service.leaks() == []
            assert await leaks_in_topics(service.kafka, {service.name}) == []


async def test_a_secret_that_is_shown_is_found(services: Services) -> None:
    """The proof that the search can fail: a line of a debugger's, a header of a result."""
    async with services() as service:
        keys = {"api_key": OTHER.in_secret("api"), "brand_key": OTHER.in_secret("brand")}
        service.configure(settings=service.settings() | {"brands": {"acme": keys}, "log": {"level": "debug"}})
        replica = await service.start("leaking", program=("-c", LEAKING))
        await replica.stop()
        assert any("the log of replica leaking" in leak for leak in service.leaks(OTHER))
        assert await leaks_in_topics(service.kafka, {service.name}, OTHER) == []
        async with service.producer() as producer:
            header = ("x-api-key", keys["api_key"].encode())
            await producer.send_and_wait(f"{service.name}.results", b"{}", key=b"k", headers=[header])
        assert any(
            f"{service.name}.results/" in leak for leak in await leaks_in_topics(service.kafka, {service.name}, OTHER)
        )
