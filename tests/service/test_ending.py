"""Replicas that end, and what they leave behind for the next."""

from service.conftest import Services
from service.replica import until
from service.story import event, events, vendor

from bridge.simulator.faults import Hang


async def test_a_sigterm_under_load_leaves_nothing_unknown_and_the_next_replica_does_the_rest(
    services: Services,
) -> None:
    async with services(vendor(latency=200)) as service:
        replica = await service.start("first", BRIDGE_BRANDS__ACME__REQUESTS_PER_SECOND="60")
        await service.publish(*events(range(120)))
        await service.has_accepted(20)
        assert await replica.stop() == 0
        left = await service.account()
        assert 20 <= len(left.executions) < 120
        assert all(execution.answered for execution in left.executions)
        assert left.in_flight() == set()

        await service.start("next")
        await service.is_done(120)
        account = await service.account()
        account.check()
        assert account.outcomes == {"published": 120}
        assert service.vendor.report().requests["run"] == {"202": 120}


async def test_executions_that_are_open_at_a_kill_are_followed_to_their_end(services: Services) -> None:
    async with services(vendor(time_to_end=(3000, 4000))) as service:
        killed = await service.start("killed")
        await service.publish(*events(range(20)))
        await service.has_accepted(20)
        killed.kill()
        await killed.ended()
        assert (await service.account()).outcomes == {}
        await service.start("next")
        await service.is_done(20)
        account = await service.account()
        account.check()
        assert account.outcomes == {"published": 20}
        assert service.vendor.report().requests["run"] == {"202": 20}


async def test_a_kill_before_a_backlog_leaves_unknown_what_was_near_its_call_and_not_the_backlog(
    services: Services,
) -> None:
    async with services(vendor(latency=200)) as service:
        killed = await service.start("killed", BRIDGE_BRANDS__ACME__REQUESTS_PER_SECOND="60")
        await service.publish(*events(range(250)))
        await service.has_accepted(20)
        killed.kill()
        await killed.ended()
        in_flight = (await service.account()).in_flight()
        assert len(in_flight) <= 40  # 60 a second for 0.2 s, and a wave of 16
        await service.start("next")
        await service.is_done(250)
        account = await service.account()
        account.check()
        unknown = {result["event_id"] for result in account.final.values() if result["outcome"] == "unknown"}
        assert unknown == in_flight


async def test_a_call_that_hangs_is_unknown_and_not_repeated_by_the_next_replica(services: Services) -> None:
    async with services() as service:
        service.vendor.faults.add(Hang(made=True))
        replica = await service.start("first", BRIDGE_VENDOR__TIMEOUT="1s")
        await service.publish(event(1))
        await until(lambda: service.vendor.executions)
        assert await replica.stop() == 0
        await service.start("next")
        await service.publish(event(2))
        await service.is_done(2)
        account = await service.account()
        account.check()
        assert account.outcomes == {"unknown": 1, "published": 1}


async def test_a_replica_that_waits_for_kafka_ends_when_it_is_asked_to(services: Services) -> None:
    async with services() as service:
        replica = service.launch("a", BRIDGE_KAFKA__BOOTSTRAP_SERVERS="127.0.0.1:1")
        await until(lambda: "cannot be reached" in replica.output)
        assert await replica.stop() == 0
