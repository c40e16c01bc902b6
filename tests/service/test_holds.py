"""What the vendor refuses for a whole brand or route waits, and nothing is lost."""

from collections import Counter

from service.account import Account
from service.conftest import Services
from service.replica import Replica, until
from service.story import START_GENERATOR, events, keys_of, vendor

from bridge.simulator import BrandConfig
from bridge.simulator.faults import Status


async def held(replica: Replica, *holds: str) -> bool:
    """Are these the holds in force? Each a scope and why."""
    found = set()
    for reason in ("unauthorized", "forbidden", "misconfigured"):
        scopes = await replica.counted("bridge_hold_active", "scope", reason=reason)
        found |= {f"{scope} {reason}" for scope in scopes}
    return found == set(holds)


def by_brand(account: Account) -> Counter[str]:
    return Counter(execution.brand for execution in account.executions)


async def test_brands_whose_keys_are_refused_wait_and_go_on_by_themselves_when_the_vendor_takes_the_keys(
    services: Services,
) -> None:
    theirs = {
        "acme": BrandConfig(api_key="another", brand_key=keys_of("acme").brand_key),  # 401: nobody has the api key
        "beta": BrandConfig(api_key=keys_of("beta").api_key, brand_key="another"),
        # So 403 for beta: not one brand's keys.
        "stranger": BrandConfig(api_key="different", brand_key=keys_of("beta").brand_key),
        "gamma": keys_of("gamma"),
    }
    brands = ("acme", "beta", "gamma")
    async with services(vendor(theirs), brands=brands) as service:
        replica = await service.start("a")
        await service.publish(*(one for brand in brands for one in events(range(10), brand=brand)))
        await service.has_outcomes(10)
        await until(lambda: held(replica, "brand/acme unauthorized", "brand/beta forbidden"))
        assert by_brand(await service.account()) == {"gamma": 10}
        assert await replica.is_ready()

        service.vendor.replace_keys("stranger", keys_of("stranger"))
        for brand in ("acme", "beta"):
            service.vendor.replace_keys(brand, keys_of(brand))
        await service.is_done(30)
        await until(lambda: held(replica))
        account = await service.account()
        account.check()
        assert account.outcomes == {"published": 30}
        assert by_brand(account) == {"acme": 10, "beta": 10, "gamma": 10}


async def test_a_route_whose_generator_is_unknown_waits_for_a_person_while_other_routes_go_on(
    services: Services,
) -> None:
    async with services() as service:
        fault = service.vendor.faults.add(Status(status=404, generator=START_GENERATOR, count="forever"))
        replica = await service.start("a")
        await service.publish(*events(range(10), type="start"), *events(range(10, 20)))
        await service.has_outcomes(10)
        await until(lambda: held(replica, "route/start misconfigured"))
        waiting = await service.account()
        assert {execution.event_generator_id for execution in waiting.executions}.isdisjoint({START_GENERATOR})
        assert await replica.stop() == 0

        # The hold outlives the replica.
        service.vendor.faults.remove(fault)
        replica = await service.start("b")
        await service.publish(*events(range(20, 25)))
        await service.has_outcomes(15)
        assert await held(replica, "route/start misconfigured")
        assert len(service.vendor.executions) == 15

        assert await service.verb("release", "route/start") == "route/start is released.\n"
        await service.is_done(25)
        await until(lambda: held(replica))
        account = await service.account()
        account.check()
        assert account.outcomes == {"published": 25}
