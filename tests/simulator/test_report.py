"""What the simulator says of what it got, and the endpoints that ask it."""

import json

import aiohttp
import pytest
from simulator.caller import JSON, Caller, TurnedClock, bare
from simulator.conftest import Open
from waiting import eventually

from bridge.simulator import Simulator, SimulatorConfig, faults
from bridge.simulator.looplag import LateMoment, LoopLag

QUICK = SimulatorConfig(latency=0, jitter=0, time_to_end=(1_000, 1_000))


async def test_the_same_body_twice_is_a_duplicate_and_another_order_of_its_fields_too(caller: Caller) -> None:
    first = await caller.execution(context={"a": 1, "b": {"c": 2, "d": 3}})
    second = await caller.execution(context={"b": {"d": 3, "c": 2}, "a": 1})
    await caller.execution(context={"a": 1, "b": {"c": 2, "d": 4}})
    await caller.execution("another-topic", context={"a": 1, "b": {"c": 2, "d": 3}})
    await caller.run(generator="another", context={"a": 1, "b": {"c": 2, "d": 3}})
    report = caller.simulator.report().executions
    assert (report.made, report.distinct, report.duplicates) == (5, 4, 1)
    assert [duplicate.executions for duplicate in report.first_duplicates] == [(first, second)]


async def test_with_an_identity_only_those_fields_tell_events_apart(open_simulator: Open) -> None:
    caller = await open_simulator(QUICK.model_copy(update={"identity": ("event_id", "part")}))
    for context in (
        {"event_id": "e1", "sent": 1},
        {"event_id": "e1", "sent": 2},
        {"event_id": "e1", "part": 2},
        {"event_id": "e2", "sent": 1},
        {"neither": 1},
        {"neither": 2},
    ):
        await caller.run(context=context)
    report = caller.simulator.report().executions
    assert (report.made, report.duplicates) == (6, 1)


async def test_at_most_twenty_duplicates_are_listed_and_all_are_counted(caller: Caller) -> None:
    for _ in range(2):
        for number in range(25):
            await caller.run(context={"event_id": number})
    report = caller.simulator.report().executions
    assert (report.duplicates, len(report.first_duplicates)) == (25, 20)


async def test_requests_are_counted_by_endpoint_and_answer(caller: Caller) -> None:
    execution_id = await caller.execution()
    await caller.body(b"")
    await caller.status(execution_id)
    await caller.status("unknown")
    await caller.send("GET", f"{caller.simulator.base_url}/nothing")
    requests = caller.simulator.report().requests
    assert requests == {"run": {"202": 1, "400": 1}, "status": {"200": 1, "404": 1}, "other": {"404": 1}}


async def test_polls_are_counted_per_execution(caller: Caller) -> None:
    often, once, never = [await caller.execution() for _ in range(3)]
    for execution_id in (often, often, often, once, "unknown"):
        await caller.status(execution_id)
    polls = caller.simulator.report().polls
    assert (polls.total, polls.mean_per_execution, polls.max_per_execution) == (4, 4 / 3, 3)
    counted = {execution.execution_id: execution.polls for execution in caller.simulator.executions}
    assert counted == {often: 3, once: 1, never: 0}


async def test_executions_are_counted_by_how_they_stand(open_simulator: Open, clock: TurnedClock) -> None:
    config = QUICK.model_copy(update={"failing_topic_keys": frozenset({"broken"})})
    caller = await open_simulator(config, clock)
    for topic_key in ("good", "good", "broken"):
        await caller.run(topic_key)
    clock.seconds += 2
    await caller.run("good")
    report = caller.simulator.report().executions
    assert report.by_status == {"published": 2, "failed": 1, "queued": 1}
    assert report.answered == 4


async def test_connections_are_counted(caller: Caller) -> None:
    for _ in range(3):
        await caller.until_cut(bare("GET", "/nothing", promised=0).replace(b"Host", b"Connection: close\r\nHost"))
    await eventually(lambda: caller.simulator.report().connections.open == 0)
    connections = caller.simulator.report().connections
    assert connections.accepted == 3
    assert connections.most_open >= 1


async def test_a_loop_that_was_held_up_is_reported(caller: Caller, clock: TurnedClock) -> None:
    lag = LoopLag(clock)
    for _ in range(99):
        lag._note(0.001)
    lag._note(0.5)
    assert lag.late == [LateMoment(clock.now(), 0.5)]
    assert lag.worst == 0.5
    assert lag.percentile(0.99) == pytest.approx(0.001, abs=0.0002)
    assert lag.percentile(1.0) == 0.5
    await eventually(lambda: caller.simulator.report().loop_lag.samples > 0)


async def test_after_a_reset_the_report_begins_again_and_old_executions_can_still_be_polled(
    open_simulator: Open, clock: TurnedClock
) -> None:
    caller = await open_simulator(QUICK, clock)
    execution_id = await caller.execution()
    await caller.body(b"")
    clock.seconds += 2
    assert (await caller.admin("DELETE", "report")).status == 204
    report = caller.simulator.report()
    assert report.executions.made == report.violations.total == report.brands["acme"].requests == 0
    assert report.brands["acme"].worst_second == 0
    assert caller.simulator.executions == []
    assert (await caller.status(execution_id)).json()["status"] == "published"


async def test_the_report_over_http_is_the_same(caller: Caller) -> None:
    await caller.run()
    await caller.run()
    told = (await caller.admin("GET", "report")).json()
    report = caller.simulator.report()
    assert told["executions"]["made"] == report.executions.made == 2
    assert told["executions"]["duplicates"] == report.executions.duplicates == 1
    assert set(told) == set(report.__slots__)


async def test_executions_are_listed_one_a_line_and_in_pages(caller: Caller) -> None:
    ids = [await caller.execution(context={"n": n}) for n in range(5)]
    lines = [json.loads(line) for line in (await caller.admin("GET", "executions")).body.splitlines()]
    assert [line["execution_id"] for line in lines] == ids
    assert lines[3]["context"] == {"n": 3}
    assert set(lines[0]) == {
        "execution_id", "brand", "event_generator_id", "topic_key", "context", "at", "status", "answered", "polls",
    }  # fmt: skip
    page = (await caller.admin("GET", "executions?after=1&limit=2")).body.splitlines()
    assert [json.loads(line)["execution_id"] for line in page] == ids[1:3]
    assert (await caller.admin("GET", "executions?after=x")).status == 400


async def test_requests_with_right_keys_are_listed_with_when_they_came_and_how_they_were_answered(
    open_simulator: Open, clock: TurnedClock
) -> None:
    caller = await open_simulator(QUICK.model_copy(update={"limit": 3}), clock)
    came = clock.now()
    execution_id = await caller.execution()
    clock.seconds += 0.5
    await caller.body(b"")
    await caller.status(execution_id)
    await caller.run()
    await caller.run(headers={**JSON, "x-api-key": "another"})
    wanted = [(came, "run", 202), (came + 500, "run", 400), (came + 500, "status", 200), (came + 500, "run", 429)]
    lines = [json.loads(line) for line in (await caller.admin("GET", "requests")).body.splitlines()]
    assert lines == [
        {"at": at, "brand": "acme", "endpoint": endpoint, "answer": answer} for at, endpoint, answer in wanted
    ]
    assert [json.loads((await caller.admin("GET", "requests?after=2&limit=1")).body)] == lines[2:3]
    caller.simulator.reset()
    assert (await caller.admin("GET", "requests")).body == b""


async def test_a_request_without_an_answer_is_listed_without_one(caller: Caller) -> None:
    caller.simulator.faults.add(faults.Reset(made=True))
    with pytest.raises(aiohttp.ClientError):
        await caller.run()
    assert [(one.endpoint, one.answer) for one in caller.simulator.requests] == [("run", None)]


async def test_faults_are_added_listed_and_taken_back_over_http(caller: Caller) -> None:
    added = await caller.admin("POST", "faults", [{"kind": "status", "count": "forever"}, {"kind": "never_ends"}])
    assert added.status == 201
    first, second = added.json()["ids"]
    assert (await caller.run()).status == 500
    listed = (await caller.admin("GET", "faults")).json()
    assert [(one["id"], one["left"], one["hits"]) for one in listed] == [(first, "forever", 1), (second, 1, 0)]
    assert (await caller.admin("DELETE", f"faults/{first}")).status == 204
    assert (await caller.admin("DELETE", f"faults/{first}")).status == 404
    assert (await caller.admin("DELETE", "faults")).status == 204
    assert caller.simulator.faults.active == ()


async def test_a_wrong_fault_among_right_ones_adds_none_and_says_what_is_wrong(caller: Caller) -> None:
    answer = await caller.admin("POST", "faults", [{"kind": "hang"}, {"kind": "status", "sttus": 500}])
    assert answer.status == 400
    assert "sttus" in answer.body.decode()
    assert caller.simulator.faults.active == ()
    assert (await caller.send("POST", f"{caller.simulator.admin_url}/faults", {}, b"{")).status == 400


async def test_it_goes_down_on_demand_and_comes_back_by_itself(caller: Caller) -> None:
    assert (await caller.admin("POST", "down", {"seconds": 0})).status == 400
    assert (await caller.admin("POST", "down", {"seconds": 0.5})).status == 202
    await eventually(lambda: caller.simulator._listening is None, every=0.005)
    assert await refuses(caller)
    await eventually(lambda: caller.simulator._listening is not None)
    assert (await caller.run()).status == 202


async def refuses(caller: Caller) -> bool:
    try:
        await caller.until_cut(bare("GET", "/nothing", promised=0).replace(b"Host", b"Connection: close\r\nHost"))
    except ConnectionRefusedError:
        return True
    return False


async def test_health_is_answered_and_admin_requests_are_counted_nowhere(caller: Caller) -> None:
    assert (await caller.admin("GET", "health")).json() == {"status": "ok"}
    assert (await caller.admin("HEAD", "health")).status == 200
    assert (await caller.admin("GET", "nothing")).status == 404
    report = caller.simulator.report()
    assert report.requests == {"run": {}, "status": {}, "other": {}}
    assert report.violations.total == 0


async def test_an_error_inside_the_with_block_comes_out_as_it_is() -> None:
    async def fails() -> None:
        async with Simulator(QUICK):
            raise ValueError("mine")

    with pytest.raises(ValueError, match="mine"):
        await fails()
