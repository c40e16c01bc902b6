"""Replicas that come and go while events flow: each event is called once, and nothing is lost."""

from service.conftest import Services
from service.replica import Replica, until
from service.service import PARTITIONS
from service.story import events, vendor


async def has(replica: Replica, partitions: int) -> bool:
    """Is this its share of the triggers?"""
    return (
        bool(replica.lines("started"))
        and (await replica.counted("bridge_partitions_assigned", "stage"))["dispatch"] == partitions
    )


async def has_half(replica: Replica) -> bool:
    return await has(replica, PARTITIONS // 2)


async def has_all(replica: Replica) -> bool:
    return await has(replica, PARTITIONS)


async def test_a_replica_joins_and_another_leaves_while_events_flow_and_each_is_called_once(services: Services) -> None:
    async with services(vendor(latency=100)) as service:
        first = await service.start("first")
        async with service.flow(per_second=60) as published:
            await service.has_accepted(20)
            second = await service.start("second")
            await until(lambda: has_half(first))
            await service.has_accepted(len(published) + 20)
            assert await first.stop() == 0
            await service.has_accepted(len(published) + 20)
        await service.is_done(len(published))
        assert await second.stop() == 0
        account = await service.account()
        account.check()
        assert account.outcomes == {"published": len(published)}
        assert len(account.executions) == len(published)
        assert len({record["replica"] for record in account.of("claim")}) == 2


async def test_what_a_killed_replica_had_in_flight_is_unknown_and_everything_else_is_called_once(
    services: Services,
) -> None:
    async with services(vendor(latency=300)) as service:
        killed, survivor = service.launch("killed"), service.launch("survivor")
        await killed.ready()
        await survivor.ready()
        async with service.flow(per_second=60) as published:
            await service.has_accepted(60)
            killed.kill()
            await killed.ended()
            in_flight = (await service.account()).in_flight()
            await service.has_accepted(len(published) + 20)
        await service.is_done(len(published))
        assert await survivor.stop() == 0
        account = await service.account()
        account.check()

        unknown = {result["event_id"] for result in account.final.values() if result["outcome"] == "unknown"}
        assert len(unknown) > 0
        assert unknown <= in_flight
        assert account.outcomes == {"unknown": len(unknown), "published": len(published) - len(unknown)}
        # As the vendor saw it: executions that it could tell nobody of.
        assert {execution.context["event"] for execution in account.executions if not execution.answered} <= unknown


async def test_a_replica_that_was_frozen_until_others_took_over_calls_nobody_again_when_it_thaws(
    services: Services,
) -> None:
    slow = {"BRIDGE_BRANDS__ACME__REQUESTS_PER_SECOND": "40"}
    async with services(vendor(latency=300)) as service:
        frozen, other = service.launch("frozen", **slow), service.launch("other", **slow)
        await until(lambda: has_half(frozen))
        await until(lambda: has_half(other))
        await service.publish(*events(range(120)))
        await service.has_accepted(20)
        frozen.freeze()
        await until(lambda: has_all(other))
        await service.has_outcomes(20)
        # It still holds some forty that it means to call; the other one is calling them.
        frozen.thaw()
        await until(lambda: has_half(frozen))
        await service.is_done(120)
        assert await frozen.stop() == 0
        account = await service.account()
        account.check()
        assert len(account.final) == 120
        assert set(account.outcomes) <= {"published", "unknown"}
