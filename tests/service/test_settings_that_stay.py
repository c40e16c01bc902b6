"""docs/upgrading.md: what becomes of each setting that must not change."""

from typing import Any

import pytest
from service.conftest import Services
from service.story import event, events, table

pytestmark = pytest.mark.slow


async def test_settings_that_must_not_change_are_refused_as_the_page_says(services: Services) -> None:
    async with services() as service:
        replica = await service.start("before")
        await service.publish(*events(range(8)))
        await service.is_done(8)
        assert await replica.stop() == 0

        changes = {
            "partitions: found 4, wanted 24": {"BRIDGE_TOPICS__PARTITIONS": "24"},
            "replication: found 1, wanted 3. To mend: raise it with kafka-reassign-partitions.sh": {
                "BRIDGE_TOPICS__REPLICATION": "3"
            },
            "ledger: retention.ms: found 691200000, wanted at least 777600000": {
                "BRIDGE_TOPICS__RETENTION__LEDGER": "9d"
            },
            f"--entity-name {service.name}.triggers --add-config retention.ms=648000000": {
                "BRIDGE_TOPICS__RETENTION__TRIGGERS": "180h"
            },
        }
        for said, change in changes.items():
            replica = service.launch("changed", **change)
            assert await replica.ended() == 2, said
            assert said in replica.output

        settings = service.settings()
        settings["brands"]["renamed"] = settings["brands"].pop("acme")
        routes = table(service.source)
        for generator in routes["generators"].values():
            generator["brand"] = "renamed"
        service.configure(routes, settings=settings)
        replica = service.launch("renamed")
        assert await replica.ended() == 2
        assert "route/goal-acme, route/start, route/whistle: what decides the ids" in replica.output
        service.configure()

        # And these may: the topics keep what they have.
        may: dict[str, Any] = {
            "BRIDGE_TOPICS__RETENTION__LEDGER": "5d",
            "BRIDGE_TOPICS__RETENTION__TRIGGERS": "4d",
            "BRIDGE_TOPICS__RETENTION__RESULTS": "60d",
            "BRIDGE_TOPICS__MAX_MESSAGE_BYTES": "5000000",
        }
        await service.start("allowed", **may)
        assert len(service.vendor.executions) == 8


async def test_under_another_name_it_is_another_service_and_calls_again_what_has_not_expired(
    services: Services, unique: str, all_services: set[str]
) -> None:
    async with services() as service:
        replica = await service.start("before")
        await service.publish(*events(range(8)))
        await service.is_done(8)
        assert await replica.stop() == 0
        all_services.add(f"{unique}b")
        service.name = f"{unique}b"
        await service.start("renamed")
        await service.has_outcomes(8)
        assert len(service.vendor.executions) == 16


async def test_what_waits_for_a_brand_that_is_gone_is_rejected(services: Services) -> None:
    async with services(brands=("acme", "beta")) as service:
        await service.verb("hold", "all", "--reason", "so that it waits", code=1)  # no control topic yet: it says so
        replica = await service.start("before")
        await service.verb("hold", "brand/beta", "--reason", "so that it waits")
        await service.publish(event(0, brand="beta"))
        await service.until("triggers", lambda triggers: len(triggers) == 1)
        assert await replica.stop() == 0
        settings = service.settings()
        del settings["brands"]["beta"]
        service.configure(table(service.source), settings=settings)
        await service.start("after")
        await service.has_outcomes(1)
        (result,) = (await service.account()).final.values()
        assert (result["outcome"], result["reason"]) == ("rejected", "brand beta is not in the settings (any more)")
