"""The vendor or Kafka goes away and comes back."""

import asyncio
from pathlib import Path

from service.conftest import Services
from service.replica import Replica, until
from service.service import running_service
from service.story import events, vendor

from bridge.demo.kafka import EmbeddedKafka


async def test_while_the_vendor_refuses_connections_triggers_wait_and_are_called_once_when_it_is_back(
    services: Services,
) -> None:
    async with services() as service:
        replica = await service.start("a")
        await service.publish(*events(range(5)))
        await service.has_outcomes(5)
        await service.vendor.down()
        await service.publish(*events(range(5, 8)))

        async def not_sent() -> bool:
            return (await replica.counted("bridge_calls_total", "end"))["not_sent"] >= 3

        await until(not_sent)
        assert await replica.is_ready()
        await service.publish(*events(range(8, 35)))
        await service.vendor.up()
        await service.is_done(35)
        account = await service.account()
        account.check()
        assert account.outcomes == {"published": 35}
        assert len(account.executions) == 35


async def test_a_crash_of_kafka_under_load_costs_no_event_and_calls_none_twice(
    own_kafka: EmbeddedKafka, unique: str, tmp_path: Path
) -> None:
    async with running_service(own_kafka.bootstrap_servers, unique, tmp_path, vendor(latency=100)) as service:
        replica = await service.start("a")
        async with service.flow(per_second=60) as published:
            await service.has_accepted(30)
            await asyncio.to_thread(own_kafka.kill)
            await until(lambda: is_not_ready(replica))
            assert await replica.get("livez") == (200, "ok\n")
            await asyncio.to_thread(own_kafka.restart)
            await until(replica.is_ready, within=90)  # a commit that Kafka left without an answer is waited for, 30 s
            await service.has_accepted(len(published) + 20)
        await service.is_done(len(published))
        assert await replica.stop() == 0
        account = await service.account()
        account.check()
        assert account.outcomes == {"published": len(published)}


async def is_not_ready(replica: Replica) -> bool:
    status, why = await replica.get("readyz")
    return status == 503 and "Kafka does not answer" in why
