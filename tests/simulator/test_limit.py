"""500 requests in any rolling second, for each brand, runs and polls together."""

from bisect import bisect_right
from email.utils import parsedate_to_datetime

from hypothesis import given
from hypothesis import strategies as st
from simulator.caller import JSON, KEYS, Caller, TurnedClock
from simulator.conftest import Open

from bridge.simulator import BrandConfig, SimulatorConfig
from bridge.simulator.rolling import RollingSecond

THREE = SimulatorConfig(limit=3, latency=0, jitter=0)


@given(st.lists(st.integers(0, 3000), max_size=60).map(sorted))
def test_the_worst_second_is_that_of_all_windows(arrivals: list[int]) -> None:
    window = RollingSecond()
    for arrival in arrivals:
        window.add(arrival / 1024)  # exact in binary, so that one second apart is one second apart
    ends = [index - bisect_right(arrivals, arrivals[index - 1] - 1024) for index in range(1, len(arrivals) + 1)]
    assert window.worst == max(ends, default=0)


async def test_one_request_above_the_limit_is_answered_by_429_with_seconds_to_wait(
    open_simulator: Open, clock: TurnedClock
) -> None:
    caller = await open_simulator(THREE, clock)
    assert [(await caller.run()).status for _ in range(3)] == [202] * 3
    answer = await caller.run()
    assert answer.status == 429
    assert answer.headers["Retry-After"] == "1"
    assert len(caller.simulator.executions) == 3


async def test_polls_count_as_runs_do(open_simulator: Open, clock: TurnedClock) -> None:
    caller = await open_simulator(THREE, clock)
    execution_id = await caller.execution()
    assert [(await caller.status(execution_id)).status for _ in range(3)] == [200, 200, 429]
    assert (await caller.run()).status == 429


async def test_requests_with_mistakes_count_too(open_simulator: Open, clock: TurnedClock) -> None:
    caller = await open_simulator(THREE, clock)
    assert [(await caller.body(b"")).status for _ in range(4)] == [400, 400, 400, 429]


async def test_the_window_rolls_and_what_was_turned_away_takes_no_place_in_it(
    open_simulator: Open, clock: TurnedClock
) -> None:
    caller = await open_simulator(THREE, clock)
    statuses = []
    for _ in range(8):
        statuses.append((await caller.run()).status)
        clock.seconds += 0.25
    assert statuses == [202, 202, 202, 429, 202, 202, 202, 429]
    report = caller.simulator.report()
    assert report.brands["acme"].over_limit == 2
    assert report.brands["acme"].worst_second == 4
    assert report.brands["acme"].worst_second_admitted == 3
    assert report.throttled == 2


async def test_each_brand_has_its_own_limit(open_simulator: Open, clock: TurnedClock) -> None:
    brands = {
        "acme": BrandConfig(api_key="demo-api-key", brand_key="demo-brand-key"),
        "other": BrandConfig(api_key="o", brand_key="o"),
    }
    caller = await open_simulator(SimulatorConfig(limit=1, latency=0, brands=brands), clock)
    assert (await caller.run()).status == 202
    assert (await caller.run()).status == 429
    assert (await caller.run(headers={**JSON, "x-api-key": "o", "x-brand-key": "o"})).status == 202


async def test_wrong_keys_use_up_nobodys_limit(open_simulator: Open, clock: TurnedClock) -> None:
    caller = await open_simulator(SimulatorConfig(limit=1, latency=0), clock)
    assert (await caller.status("x", {**KEYS, "x-api-key": "wrong"})).status == 401
    assert (await caller.run()).status == 202


async def test_retry_after_can_be_a_date_that_is_not_too_early(open_simulator: Open, clock: TurnedClock) -> None:
    caller = await open_simulator(SimulatorConfig(limit=1, latency=0, retry_after="date"), clock)
    clock.seconds += 0.4
    await caller.run()
    answer = await caller.run()
    when = parsedate_to_datetime(answer.headers["Retry-After"]).timestamp() * 1000
    assert clock.now() + 1000 <= when < clock.now() + 2000


async def test_retry_after_can_be_absent(open_simulator: Open, clock: TurnedClock) -> None:
    caller = await open_simulator(SimulatorConfig(limit=1, latency=0, retry_after="absent"), clock)
    await caller.run()
    answer = await caller.run()
    assert answer.status == 429
    assert "Retry-After" not in answer.headers


async def test_the_default_limit_is_the_pages(caller: Caller) -> None:
    assert caller.simulator.report().brands["acme"].limit == 500
