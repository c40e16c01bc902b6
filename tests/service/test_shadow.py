"""The first day: everything is decided and counted, and nobody is called."""

from kafka.cluster import admin
from service.conftest import Services
from service.replica import until
from service.story import events


async def test_in_shadow_the_service_decides_and_counts_and_calls_nobody(services: Services) -> None:
    async with services() as service:
        replica = await service.start("a", BRIDGE__MODE="shadow")
        await service.publish(*events(range(10)), *events(range(10, 15), type="whistle"), b"broken")

        async def counted() -> bool:
            return (await replica.counted("bridge_events_total", "decision")).total() == 16

        await until(counted)
        assert await replica.counted("bridge_events_total", "decision") == {"shadow": 15, "dead_letter": 1}
        assert await replica.counted("bridge_routes", "mode") == {"shadow": 3}
        assert await replica.stop() == 0
        account = await service.account()
        assert (account.triggers, account.results, account.ledger, account.executions) == ([], [], [], [])
        assert len(account.dead_letters) == 1
        assert service.vendor.report().requests["run"] == {}
        async with admin(service.kafka) as client:
            assert not await client.list_consumer_group_offsets(f"{service.name}.dispatch")


async def test_a_route_in_shadow_is_counted_and_the_others_are_called(services: Services) -> None:
    async with services() as service:
        replica = await service.start("a")
        await service.publish(*events(range(10, 15), type="whistle"), *events(range(10)))
        await service.is_done(10)
        account = await service.account()
        account.check()
        assert account.outcomes == {"published": 10}
        assert {result["route"] for result in account.results} == {"goal-acme"}

        async def counted() -> bool:
            return await replica.counted("bridge_events_total", "decision") == {"shadow": 5, "trigger": 10}

        await until(counted)
        assert await replica.counted("bridge_routes", "mode") == {"live": 2, "shadow": 1}
