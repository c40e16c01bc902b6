"""Keys that are rotated while replicas run: calls wait, and then go on by themselves."""

import pytest
from mounted import Mount
from service.conftest import Services
from service.replica import Replica, until
from service.service import Service
from service.story import event, keys_of

from bridge.simulator import BrandConfig

NEW = BrandConfig(api_key="rotated-api-key", brand_key="rotated-brand-key")


def mounted(service: Service, level: str = "info") -> Mount:
    """The keys of acme, in files of which the settings speak."""
    keys = keys_of("acme")
    mount = Mount(service.folder / "acme", api=keys.api_key, brand=keys.brand_key)
    settings = service.settings()
    settings["brands"]["acme"] |= {"api_key": mount.reference("api"), "brand_key": mount.reference("brand")}
    service.configure(settings=settings | {"log": {"level": level}})
    return mount


async def taken(replica: Replica) -> list[str]:
    """The secrets that it took, in the order in which it did."""
    return [name for line in replica.lines("secrets taken") for name in line["secrets"]]


async def held(replica: Replica) -> bool:
    return (await replica.counted("bridge_hold_active", "scope"))["brand/acme"] == 1


async def test_a_brands_keys_are_rotated_under_load_and_every_event_is_called_once_without_a_person(
    services: Services,
) -> None:
    async with services() as service:
        mount = mounted(service)
        replicas = [await service.start(name) for name in ("first", "second")]
        async with service.flow(per_second=60) as published:
            await service.has_accepted(60)
            # The vendor's side first: the old keys are turned away, until the new ones are mounted.
            service.vendor.replace_keys("acme", NEW)
            await until(lambda: held(replicas[0]))
            mount.put(api=NEW.api_key, brand=NEW.brand_key)
            for replica in replicas:
                await until(lambda: taken(replica))  # noqa: B023 - waited for within the loop
            await service.has_accepted(len(published) + 60)
        await service.is_done(len(published))
        for replica in replicas:
            assert sorted(await taken(replica)) == ["brands.acme.api_key", "brands.acme.brand_key"]
            assert not await held(replica)
            assert await replica.counted("bridge_secrets_reloads_total", "result") == {"taken": 1}
            assert await replica.stop() == 0
        account = await service.account()
        account.check()
        assert account.outcomes == {"published": len(published)}
        said = await service.verb("audit", "--from", "1h")
        assert "every trigger has exactly one outcome" in said


@pytest.mark.slow
async def test_a_key_that_was_wrong_from_the_start_is_mended_in_its_file_and_nobody_has_to_release_anything(
    services: Services,
) -> None:
    async with services() as service:
        mount = mounted(service, "debug")  # and shows no key by it
        mount.put(api="a-typo")
        replica = await service.start("a")
        await service.publish(event(1), event(2))
        await until(lambda: held(replica))
        mount.put(api="not one word")
        replica.reread()
        await until(lambda: replica.lines("settings refused: the secrets before stay in force"))
        mount.put(api=keys_of("acme").api_key)
        replica.reread()
        await service.is_done(2)
        assert not await held(replica)
        assert await replica.stop() == 0
        account = await service.account()
        account.check()
        assert account.outcomes == {"published": 2}
