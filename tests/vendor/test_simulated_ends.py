"""Every row of "The ends of a call" (docs/vendor.md), against the strict simulator. Over each transport.

What the simulator made is asked of the simulator, never taken from the answers.
"""

import pytest
from vendor.conftest import KEYS, OpenClient, OpenSimulator

from bridge.simulator import BrandConfig, GeneratorConfig, Simulator, faults
from bridge.simulator.faults import Fault
from bridge.vendor.answers import (
    Accepted,
    NotSent,
    RefusedBrand,
    RefusedEvent,
    RefusedRoute,
    RunAnswer,
    Throttled,
    Unknown,
)
from bridge.vendor.client import VendorClient


async def run(client: VendorClient, generator: str = "gen-1", topic_key: str = "topic") -> RunAnswer:
    return await client.run("acme", generator, topic_key, {"minute": 12})


async def test_end_accepted(open_client: OpenClient, simulator: Simulator) -> None:
    answer = await run(open_client(simulator.base_url))
    assert [Accepted(made.execution_id) for made in simulator.executions] == [answer]
    assert simulator.report().violations.total == 0


async def test_end_not_sent_when_the_vendor_is_down_and_accepted_when_it_is_back(
    open_client: OpenClient, simulator: Simulator
) -> None:
    client = open_client(simulator.base_url)
    assert isinstance(await run(client), Accepted)
    await simulator.down()
    assert isinstance(await run(client), NotSent)
    await simulator.up()
    assert isinstance(await run(client), Accepted)
    assert len(simulator.executions) == 2


async def test_end_throttled(open_client: OpenClient, open_simulator: OpenSimulator) -> None:
    simulator = await open_simulator(limit=1)
    client = open_client(simulator.base_url)
    assert isinstance(await run(client), Accepted)
    assert isinstance(await run(client), Throttled)
    assert len(simulator.executions) == 1


async def test_end_refused_event(open_client: OpenClient, simulator: Simulator) -> None:
    answer = await run(open_client(simulator.base_url), topic_key="")
    assert isinstance(answer, RefusedEvent)
    assert answer.status == 400
    assert "topic_key" in answer.text


async def test_end_refused_route_for_an_unknown_generator_and_for_one_of_the_wrong_type(
    open_client: OpenClient, open_simulator: OpenSimulator
) -> None:
    simulator = await open_simulator(generators=(GeneratorConfig(id="scheduled", brand="acme", type="Scheduled"),))
    client = open_client(simulator.base_url)
    unknown, wrong = await run(client, "gen-1"), await run(client, "scheduled")
    assert isinstance(unknown, RefusedRoute)
    assert isinstance(wrong, RefusedRoute)
    assert (unknown.status, wrong.status) == (404, 422)


async def test_end_refused_brand_for_a_wrong_key_and_for_the_key_of_another_brand(
    open_client: OpenClient, open_simulator: OpenSimulator
) -> None:
    simulator = await open_simulator()
    client = open_client(simulator.base_url)
    simulator.replace_keys("acme", BrandConfig(api_key="rotated", brand_key=KEYS["acme"].brand_key))
    unauthorized = await run(client)
    simulator.replace_keys("acme", BrandConfig(api_key="rotated", brand_key="rotated"))
    simulator.replace_keys("other", BrandConfig(api_key="rotated-too", brand_key=KEYS["acme"].brand_key))
    simulator.replace_keys("acme", BrandConfig(api_key=KEYS["acme"].api_key, brand_key="rotated"))
    forbidden = await run(client)
    assert isinstance(unauthorized, RefusedBrand)
    assert isinstance(forbidden, RefusedBrand)
    assert (unauthorized.status, forbidden.status) == (401, 403)
    assert simulator.executions == []


@pytest.mark.parametrize(
    "fault",
    [
        faults.Reset(made=True),
        faults.Reset(made=False),
        faults.Reset(unread=True),
        faults.Close(made=True),
        faults.Close(made=False),
        faults.Hang(made=True),
        faults.Hang(made=False),
        faults.Status(status=408, made=True),
        faults.Status(status=409, made=True),
        *(faults.Status(status=status, made=made) for status in (500, 502, 503, 504) for made in (True, False)),
        faults.Unreadable(body="empty"),
        faults.Unreadable(body="not_json"),
        faults.Unreadable(body="no_execution_id"),
        faults.HugeBody(size=100_000),
    ],
    ids=repr,
)
async def test_end_unknown_whether_or_not_the_execution_was_made(
    open_client: OpenClient, simulator: Simulator, fault: Fault
) -> None:
    client = open_client(simulator.base_url, timeout_ms=1000)
    simulator.faults.add(fault)
    assert isinstance(await run(client), Unknown)
    assert simulator.report().faults == {fault.kind: 1}
    assert sum(simulator.report().requests["run"].values()) == 1
