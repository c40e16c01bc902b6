"""An execution's life, as status requests see it."""

from hypothesis import given
from hypothesis import strategies as st
from simulator.caller import GENERATOR, TurnedClock
from simulator.conftest import Open

from bridge.simulator import SimulatorConfig
from bridge.simulator.executions import Execution, status_body, status_of

TEN_SECONDS = SimulatorConfig(
    latency=0,
    jitter=0,
    time_to_end=(10_000, 10_000),
    failing_topic_keys=frozenset({"broken"}),
    zero_audience_topic_keys=frozenset({"nobody"}),
)
ORDER = ["queued", "processing", "published"]


async def test_it_is_queued_then_processing_then_published(open_simulator: Open, clock: TurnedClock) -> None:
    caller = await open_simulator(TEN_SECONDS, clock)
    execution_id = await caller.execution("a-topic")
    seen = []
    for _ in range(11):
        seen.append((await caller.status(execution_id)).json())
        clock.seconds += 1
    assert [body["status"] for body in seen] == ["queued"] * 2 + ["processing"] * 8 + ["published"]
    assert {body["execution_id"] for body in seen} == {execution_id}
    assert {body["event_generator_id"] for body in seen} == {GENERATOR}
    assert {body["topic_key"] for body in seen} == {"a-topic"}
    assert {body["created_at"] for body in seen} == {"2026-02-02T02:56:40.000Z"}
    assert seen[0]["updated_at"] == "2026-02-02T02:56:40.000Z"
    assert seen[-1]["updated_at"] == "2026-02-02T02:56:50.000Z"


async def test_the_audience_is_known_only_once_it_is_resolved(open_simulator: Open, clock: TurnedClock) -> None:
    caller = await open_simulator(TEN_SECONDS, clock)
    execution_id = await caller.execution()
    clock.seconds += 5
    assert "audience_size" not in (await caller.status(execution_id)).json()
    clock.seconds += 2
    body = (await caller.status(execution_id)).json()
    assert body["status"] == "processing"
    assert 100 <= body["audience_size"] <= 250_000


async def test_a_topic_key_that_is_to_fail_ends_failed_with_code_and_message(
    open_simulator: Open, clock: TurnedClock
) -> None:
    caller = await open_simulator(TEN_SECONDS, clock)
    execution_id = await caller.execution("broken")
    clock.seconds += 10
    body = (await caller.status(execution_id)).json()
    assert body["status"] == "failed"
    assert body["error_code"]
    assert body["error_message"]
    assert "audience_size" not in body


async def test_a_topic_key_without_subscribers_is_published_to_an_audience_of_0(
    open_simulator: Open, clock: TurnedClock
) -> None:
    caller = await open_simulator(TEN_SECONDS, clock)
    execution_id = await caller.execution("nobody")
    clock.seconds += 10
    body = (await caller.status(execution_id)).json()
    assert (body["status"], body["audience_size"]) == ("published", 0)


async def test_a_topic_has_the_same_audience_in_every_simulator_of_one_seed(
    open_simulator: Open, clock: TurnedClock
) -> None:
    sizes = []
    for seed in (1, 1, 2):
        caller = await open_simulator(TEN_SECONDS.model_copy(update={"seed": seed}), clock)
        execution_id = await caller.execution("a-topic")
        clock.seconds += 10
        sizes.append((await caller.status(execution_id)).json()["audience_size"])
    assert sizes[0] == sizes[1] != sizes[2]


async def test_times_to_end_are_between_their_bounds_and_follow_the_seed(
    open_simulator: Open, clock: TurnedClock
) -> None:
    config = SimulatorConfig(latency=0, jitter=0, time_to_end=(2_000, 4_000))
    ends = []
    for _ in range(2):
        caller = await open_simulator(config, clock)
        for _ in range(20):
            await caller.run()
        ends.append([execution.lasts for execution in caller.simulator._log.made])
    assert ends[0] == ends[1]
    assert len(set(ends[0])) > 1
    assert all(2 <= end <= 4 for end in ends[0])


async def test_ids_are_new_even_with_the_same_seed(open_simulator: Open) -> None:
    # A client that remembers an execution must not meet another under its id after a restart.
    ids = {await (await open_simulator(TEN_SECONDS)).execution() for _ in range(3)}
    assert len(ids) == 3


@given(st.floats(0, 30), st.lists(st.floats(0, 60), min_size=2, max_size=6).map(sorted), st.booleans())
def test_a_status_never_goes_back(lasts: float, ages: list[float], fails: bool) -> None:
    execution = Execution("x", "acme", "g", "t", {}, 0, 100.0, lasts, audience=5, fails=fails)
    statuses = [status_of(execution, 100.0 + age) for age in ages]
    ranks = [ORDER.index("published" if status == "failed" else status) for status in statuses]
    assert ranks == sorted(ranks)
    updated = [status_body(execution, 100.0 + age)["updated_at"] for age in ages]
    assert updated == sorted(updated)
