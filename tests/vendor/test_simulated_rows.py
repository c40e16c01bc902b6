"""The rows of docs/vendor.md that concern a call or a poll, against the strict simulator. Over each transport.

What the simulator made is asked of the simulator, never taken from the answers.
"""

import pytest
from vendor.conftest import OpenClient, OpenSimulator

from bridge.simulator import BrandConfig, Simulator, faults
from bridge.simulator.faults import Fault
from bridge.vendor.answers import (
    Accepted,
    Failed,
    NotFound,
    PollError,
    PollRefused,
    PollThrottled,
    Published,
    RefusedBrand,
    RefusedEvent,
    RunAnswer,
    Running,
    Throttled,
)
from bridge.vendor.client import PROBE_EXECUTION_ID, VendorClient


async def run(client: VendorClient, generator: str = "gen-1", topic_key: str = "topic") -> RunAnswer:
    return await client.run("acme", generator, topic_key, {"minute": 12})


async def test_row_1_nothing_is_tried_again_by_itself(open_client: OpenClient, simulator: Simulator) -> None:
    simulator.faults.add(faults.Status(status=500, made=True))
    await run(open_client(simulator.base_url))
    assert len(simulator.executions) == 1


async def test_row_5_a_topic_key_is_sent_as_it_is(open_client: OpenClient, simulator: Simulator) -> None:
    client = open_client(simulator.base_url)
    keys = ["event_reminders+NFL", "0000-ABCD", " spaces ", "Ünïcode", "e\u0301", "a/b?c"]
    for key in keys:
        await run(client, topic_key=key)
    assert [made.topic_key for made in simulator.executions] == keys


async def test_row_6_ids_are_opaque(open_client: OpenClient, simulator: Simulator) -> None:
    client = open_client(simulator.base_url)
    ids = ["11111111-xyz-xyz-xyz-111111111111", "a/b", "a?b#c", "100%", "ünï cøde", "a;b=c"]
    for generator in ids:
        assert isinstance(await run(client, generator), Accepted)
    assert [made.event_generator_id for made in simulator.executions] == ids


async def test_rows_7_and_8_published_with_its_audience(open_client: OpenClient, simulator: Simulator) -> None:
    client = open_client(simulator.base_url)
    accepted = await run(client)
    assert isinstance(accepted, Accepted)
    answer = await client.status("acme", accepted.execution_id)
    assert isinstance(answer, Published)
    assert answer.audience
    assert answer.at == simulator.executions[0].at


async def test_row_8_an_audience_of_0_is_not_a_missing_one(
    open_client: OpenClient, open_simulator: OpenSimulator
) -> None:
    simulator = await open_simulator(without_audience=frozenset({"nobody"}))
    client = open_client(simulator.base_url)
    accepted = await run(client, topic_key="nobody")
    assert isinstance(accepted, Accepted)
    answer = await client.status("acme", accepted.execution_id)
    assert isinstance(answer, Published)
    assert answer.audience == 0


async def test_row_9_a_wrong_topic_key_is_accepted_and_fails_later(
    open_client: OpenClient, open_simulator: OpenSimulator
) -> None:
    simulator = await open_simulator(failing=frozenset({"wrong"}))
    client = open_client(simulator.base_url)
    accepted = await run(client, topic_key="wrong")
    assert isinstance(accepted, Accepted)
    answer = await client.status("acme", accepted.execution_id)
    assert isinstance(answer, Failed)
    assert answer.code == "AUDIENCE_RESOLUTION_FAILED"


async def test_row_10_an_execution_that_is_not_found_yet(open_client: OpenClient, simulator: Simulator) -> None:
    client = open_client(simulator.base_url)
    accepted = await run(client)
    assert isinstance(accepted, Accepted)
    simulator.faults.add(faults.Lag404(on="status", seconds=60))
    assert await client.status("acme", accepted.execution_id) == NotFound()
    assert isinstance(await client.status("acme", accepted.execution_id), Published)


async def test_row_11_an_unknown_status_is_not_the_end(open_client: OpenClient, simulator: Simulator) -> None:
    client = open_client(simulator.base_url)
    simulator.faults.add(faults.UnknownStatus(value="paused"))
    accepted = await run(client)
    assert isinstance(accepted, Accepted)
    assert await client.status("acme", accepted.execution_id) == Running("paused")


async def test_row_11_queued_is_not_the_end(open_client: OpenClient, open_simulator: OpenSimulator) -> None:
    simulator = await open_simulator(ends_at_once=False)
    client = open_client(simulator.base_url)
    accepted = await run(client)
    assert isinstance(accepted, Accepted)
    assert await client.status("acme", accepted.execution_id) == Running("queued")


async def test_row_13_a_poll_can_be_throttled_too(open_client: OpenClient, open_simulator: OpenSimulator) -> None:
    simulator = await open_simulator(limit=1)
    client = open_client(simulator.base_url)
    assert isinstance(await run(client), Accepted)
    answer = await client.probe("acme")
    assert isinstance(answer, PollThrottled)
    assert answer.retry_after_ms


@pytest.mark.parametrize(
    ("fault", "shortest", "longest"),
    [
        (faults.Status(status=429, retry_after="seconds", seconds=20), 20_000, 20_000),
        (faults.Status(status=429, retry_after="seconds", seconds=0), 1_000, 1_000),
        (faults.Status(status=429, retry_after="seconds", seconds=9_000), 300_000, 300_000),
        (faults.Status(status=429, retry_after="date", seconds=9_000), 300_000, 300_000),
        (faults.Status(status=429, retry_after="date", seconds=100), 60_000, 101_000),
    ],
    ids=repr,
)
async def test_row_14_retry_after_is_seconds_or_a_date(
    open_client: OpenClient, simulator: Simulator, fault: Fault, shortest: int, longest: int
) -> None:
    simulator.faults.add(fault)
    answer = await run(open_client(simulator.base_url))
    assert isinstance(answer, Throttled)
    assert answer.retry_after_ms is not None
    assert shortest <= answer.retry_after_ms <= longest


async def test_row_14_retry_after_may_be_absent(open_client: OpenClient, simulator: Simulator) -> None:
    simulator.faults.add(faults.Status(status=429, retry_after="absent"))
    assert await run(open_client(simulator.base_url)) == Throttled(None)


async def test_row_15_a_probe_says_whether_the_keys_work(open_client: OpenClient, simulator: Simulator) -> None:
    client = open_client(simulator.base_url)
    assert await client.probe("acme") == NotFound()
    simulator.replace_keys("acme", BrandConfig(api_key="rotated", brand_key="rotated"))
    refused = await client.probe("acme")
    assert isinstance(refused, PollRefused)
    assert refused.status == 401
    assert await client.probe("other") == NotFound()
    assert PROBE_EXECUTION_ID not in {made.execution_id for made in simulator.executions}


async def test_row_18_what_the_vendor_says_is_kept(open_client: OpenClient, simulator: Simulator) -> None:
    answer = await run(open_client(simulator.base_url), topic_key="")
    assert isinstance(answer, RefusedEvent)
    assert "topic_key must be a non-empty string" in answer.text


async def test_row_22_only_the_given_context_is_sent(open_client: OpenClient, simulator: Simulator) -> None:
    await run(open_client(simulator.base_url))
    assert [made.context for made in simulator.executions] == [{"minute": 12}]


async def test_row_25_a_redirect_does_not_take_the_keys_elsewhere(
    open_client: OpenClient, open_simulator: OpenSimulator, simulator: Simulator
) -> None:
    elsewhere = await open_simulator()
    simulator.faults.add(faults.Redirect(location=elsewhere.base_url, on="any", count=2))
    client = open_client(simulator.base_url)
    assert isinstance(await run(client), RefusedBrand)
    assert isinstance(await client.status("acme", "exec-1"), PollError)
    assert elsewhere.report().connections.accepted == 0


@pytest.mark.parametrize("status", [401, 403])
async def test_row_26_a_refused_poll_ends_no_execution(
    open_client: OpenClient, simulator: Simulator, status: int
) -> None:
    client = open_client(simulator.base_url)
    accepted = await run(client)
    assert isinstance(accepted, Accepted)
    simulator.faults.add(faults.Status(on="status", status=status))
    refused = await client.status("acme", accepted.execution_id)
    assert isinstance(refused, PollRefused)
    assert refused.status == status
    assert isinstance(await client.status("acme", accepted.execution_id), Published)


@pytest.mark.parametrize(
    "fault",
    [
        faults.Status(on="status", status=500),
        faults.Reset(on="status"),
        faults.Close(on="status"),
        faults.Hang(on="status"),
        faults.HugeBody(on="status", size=100_000),
    ],
    ids=repr,
)
async def test_row_26_a_failed_poll_ends_no_execution(
    open_client: OpenClient, simulator: Simulator, fault: Fault
) -> None:
    client = open_client(simulator.base_url, timeout_ms=1000)
    accepted = await run(client)
    assert isinstance(accepted, Accepted)
    simulator.faults.add(fault)
    assert isinstance(await client.status("acme", accepted.execution_id), PollError)
    assert isinstance(await client.status("acme", accepted.execution_id), Published)
