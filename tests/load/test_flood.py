"""A broken producer: ten thousand events for one topic key, of which a route's limit lets few through."""

from collections import Counter

import pytest
from load.conftest import Fleets
from load.fleet import PARTITIONS, Fleet
from load.tables import by_route, route, table
from service.replica import Replica, until
from service.story import event, events, vendor

from bridge.triggers import partition_of

FLOOD, OTHERS, MOST = 10_000, 300, 30
LIMIT = {"max": MOST, "per": "10m", "by": "topic_key"}


async def holds(replica: Replica) -> Counter[str]:
    return await replica.counted("bridge_hold_active", "scope", reason="limit")


async def all_read(fleet: Fleet) -> bool:
    """Whether each event is called, or waits."""
    called = by_route(await fleet.vendor.records())
    waiting = [(await one.counted("bridge_triggers_waiting", "brand"))["acme"] for one in fleet.running]
    assert len(called["flood"]) + sum(waiting) == FLOOD
    return len(called["others"]) == OTHERS


@pytest.mark.slow
async def test_a_flood_ends_at_the_limit_holds_its_route_on_all_replicas_and_no_other(fleets: Fleets) -> None:
    routes = [route("flood", limit=LIMIT), route("others")]
    async with fleets(vendor(), routes=lambda topic: table(topic, routes)) as fleet:
        replicas = await fleet.start(3)
        step = FLOOD // OTHERS
        for number in range(OTHERS):
            flood = events(range(number * step, (number + 1) * step), type="flood")
            await fleet.service.publish(*flood, event(number, id=f"o{number}", type="others"))
        await fleet.service.publish(*events(range(OTHERS * step, FLOOD), type="flood"))
        await until(lambda: all_read(fleet), within=120)
        assert [set(await holds(replica)) for replica in replicas] == [{"route/flood"}] * 3
        assert "route/flood" in (said := await fleet.service.verb("holds"))
        assert "limit" in said

        calls = by_route(await fleet.vendor.records())
        by_partition = Counter(partition_of(None, one.context["event"], PARTITIONS) for one in calls["flood"])
        assert max(by_partition.values()) == MOST  # in the first partition that got there
        assert {one.context["event"] for one in calls["others"]} == {f"o{number}" for number in range(OTHERS)}
