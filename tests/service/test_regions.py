"""docs/multi-region.md: switched over by hand, back again, and nobody is called twice. Both regions read one topic here: a
mirror that is never behind.
"""

from dataclasses import dataclass

import pytest
from service.conftest import Services
from service.replica import Replica, until
from service.service import Service
from service.story import events

pytestmark = pytest.mark.slow


@dataclass
class Other(Service):
    """Reads the topic of another service, with the same table, keys and vendor."""

    read: str = ""

    @property
    def source(self) -> str:
        return self.read


def passive_of(active: Service, services: set[str]) -> Service:
    """The passive region: another service, in the same Kafka."""
    services.add(f"{active.name}b")
    return Other(
        active.kafka,
        f"{active.name}b",
        active.folder,
        active.vendor,
        active.brands,
        replicas=active.replicas,
        read=active.source,
    )


def called(service: Service) -> list[str]:
    return sorted(execution.context["event"] for execution in service.vendor.executions)


def names(*numbers: int) -> list[str]:
    return sorted(f"e{number}" for number in numbers)


async def has_read(region: Service) -> None:
    """Intake has committed all that there is."""
    await until(lambda: region._is_read("intake", region.source))


async def switched(active: Service, replica: Replica, passive: Service, shadow: Replica) -> Replica:
    """The steps of the page; who is live then."""
    await active.verb("hold", "all", "--reason", "switching")
    await until(lambda: nothing_is_under_way(replica))
    assert await replica.stop() == 0
    await has_read(passive)
    assert await shadow.stop() == 0
    return await passive.start("live")


async def nothing_is_under_way(replica: Replica) -> bool:
    _, text = await replica.get("metrics")
    return "\nbridge_calls_in_flight 0.0" in text


async def test_a_switch_and_the_way_back_call_nobody_twice(services: Services, all_services: set[str]) -> None:
    async with services() as a:
        b = passive_of(a, all_services)
        live, shadow = await a.start("a-live"), await b.start("b-shadow", BRIDGE__MODE="shadow")
        await a.publish(*events(range(6)))
        await a.is_done(6)

        in_b = await switched(a, live, b, shadow)
        await a.publish(*events(range(6, 12)))
        await b.has_outcomes(6)
        assert called(a) == names(*range(12))

        in_a = await a.start("a-shadow", BRIDGE__MODE="shadow")
        await until(in_a.is_ready)
        live = await switched(b, in_b, a, in_a)
        await a.verb("release", "all")
        await a.publish(*events(range(12, 18)))
        await a.has_outcomes(12)
        assert called(a) == names(*range(18))


async def test_what_comes_during_a_switch_is_lost(services: Services, all_services: set[str]) -> None:
    async with services() as a:
        b = passive_of(a, all_services)
        live, shadow = await a.start("a-live"), await b.start("b-shadow", BRIDGE__MODE="shadow")
        await a.publish(*events(range(6)))
        await a.is_done(6)
        await a.verb("hold", "all", "--reason", "switching")
        await a.publish(*events(range(6, 9)))
        in_b = await switched(a, live, b, shadow)
        await b.publish(*events(range(9, 12)))
        await b.has_outcomes(3)
        assert called(a) == names(0, 1, 2, 3, 4, 5, 9, 10, 11)
        assert await in_b.stop() == 0
