"""Replicas that share their budget through a Redis, which goes away and comes back."""

from budget.server import RedisServer
from service.conftest import Services
from service.replica import Replica, until
from service.story import vendor

_PASSWORD = "c4nary"


async def shows(replica: Replica, metric: str) -> int:
    return (await replica.counted(f"bridge_budget_{metric}", "brand"))["acme"]


async def all_show(replicas: list[Replica], metric: str) -> None:
    async def shown() -> bool:
        return all([await shows(one, metric) for one in replicas])

    await until(shown)


async def test_events_are_called_once_while_redis_is_there_away_and_back(services: Services) -> None:
    with RedisServer(_PASSWORD) as redis:
        async with services(vendor(latency=50)) as service:
            replicas = [await service.start(name, BRIDGE_BUDGET__REDIS_URL=redis.url) for name in ("first", "second")]
            async with service.flow(per_second=60) as published:
                await all_show(replicas, "backend_up")
                await service.has_accepted(len(published) + 20)
                redis.stop()
                await all_show(replicas, "fallbacks_total")
                await service.has_accepted(len(published) + 20)
                redis.start()
                await all_show(replicas, "backend_up")
                await service.has_accepted(len(published) + 20)
            await service.is_done(len(published))
            for one in replicas:
                assert await one.stop() == 0
                assert len(one.lines("budget is not shared")) >= 1
                assert _PASSWORD not in one.output
            account = await service.account()
            account.check()
            assert account.outcomes == {"published": len(published)}
