"""The kill switch, as the vendor sees it: on three replicas under load."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from load.conftest import Fleets
from load.fleet import Fleet
from load.tables import by_route, route, table
from load.void import valid
from service.replica import until
from service.story import events, keys_of, vendor

from bridge.simulator import ExecutionRecord

OBEYED = 250
SECONDS_HELD = 3.0
ROUTES = [route("goal"), route("start"), route("beta-goal", brand="beta")]
BRANDS = ("acme", "beta")
VENDOR = vendor({brand: keys_of(brand) for brand in BRANDS}, latency=20, jitter=20)
IS_HELD: dict[str, Callable[[ExecutionRecord], bool]] = {
    "all": lambda _: True,
    "brand/acme": lambda one: one.brand == "acme",
    "route/goal": lambda one: one.context["route"] == "goal",
}


@dataclass(frozen=True, slots=True)
class Held:
    """Calls in the half second before the hold, of what it holds; those from 250 ms after it until its release, by whether it
    holds them, in ms from the hold; and how many of what was held came after the release.
    """

    before: int
    in_spite: list[int]
    others: int
    after: int
    void: bool


async def hold_for_a_while(fleet: Fleet, scope: str) -> Held:
    await fleet.start(3)
    async with fleet.flow({"goal": 50, "start": 50, "beta-goal": 50}) as published:
        await until(lambda: len(published) > 300)
        await fleet.vendor.reset()
        await asyncio.sleep(1.0)
        await fleet.hold(scope)
        await asyncio.sleep(SECONDS_HELD)
        await fleet.release(scope)
        late = await fleet.late()
    await fleet.service.is_done(len(published))
    held, released = (await fleet.control_times())[f"operator/{scope}"]
    every = await fleet.vendor.records()
    concerned = [one.at for one in every if IS_HELD[scope](one)]
    return Held(
        before=sum(held - 500 <= at < held for at in concerned),
        in_spite=[at - held for at in concerned if held + OBEYED <= at < released],
        others=sum(held + OBEYED <= one.at < released and not IS_HELD[scope](one) for one in every),
        after=sum(at >= released for at in concerned),
        void=any(held <= one.at <= held + 2 * OBEYED for one in late),
    )


@pytest.mark.slow
@pytest.mark.parametrize("scope", IS_HELD)
async def test_every_replica_obeys_a_hold_and_what_it_does_not_hold_goes_on(fleets: Fleets, scope: str) -> None:
    async def run(number: int) -> Held:
        async with fleets(VENDOR, brands=BRANDS, routes=lambda topic: table(topic, ROUTES), part=number) as fleet:
            return await hold_for_a_while(fleet, scope)

    seen = await valid(run)
    assert seen.before > 10
    assert seen.in_spite == []
    assert (seen.others == 0) == (scope == "all")
    assert seen.after > 100


@pytest.mark.slow
async def test_a_hold_survives_a_restart_of_all_replicas_and_what_it_holds_expires_in_its_time(fleets: Fleets) -> None:
    routes = [route("goal", expires_after="20s"), route("start")]
    async with fleets(vendor(), routes=lambda topic: table(topic, routes)) as fleet:
        await fleet.start(3)
        await fleet.hold("route/goal")
        await fleet.hold("route/start")
        await fleet.service.publish(*events(range(40), type="goal"), *events(range(100, 140), type="start"))
        await fleet.wait(80)
        for replica in fleet.running:
            assert await replica.stop() == 0
        await fleet.start(3)
        await fleet.service.has_outcomes(40, within=60)
        assert await fleet.vendor.records() == []
        await fleet.release("route/start")
        await fleet.service.publish(*events(range(200, 240), type="start"), *events(range(300, 301), type="goal"))
        await fleet.service.has_outcomes(120)
        assert set(by_route(await fleet.vendor.records())) == {"start"}
        await fleet.release("route/goal")
        await fleet.service.is_done(121)
        account = await fleet.account()
    account.check()
    ended = {(one["route"], one["outcome"]) for one in account.final.values()}
    assert ended >= {("goal", "expired"), ("start", "published")}
    assert account.outcomes["expired"] in (40, 41)  # the last one waited for nearly as long
