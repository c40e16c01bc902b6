"""Every fault, as a client sees it, and whether the execution exists all the same."""

import asyncio
from typing import Any

import aiohttp
import pytest
from pydantic import ValidationError
from simulator.caller import GENERATOR, RUN, Caller, TurnedClock, bare
from simulator.conftest import Open
from waiting import eventually

from bridge.simulator import BrandConfig, SimulatorConfig, faults
from bridge.simulator.faults import FAULT, Fault

BODY = b'{"topic_key": "a-topic", "context": {"event_id": "e1"}}'
A_RUN = bare("POST", RUN, BODY)
BOTH = pytest.mark.parametrize("made", [False, True])


def made_by(caller: Caller) -> int:
    return len(caller.simulator.executions)


def run_answers(caller: Caller) -> dict[str, int]:
    return dict(caller.simulator.report().requests["run"])


@BOTH
@pytest.mark.parametrize("status", [400, 401, 403, 404, 408, 422, 429, 500, 502, 503, 504])
async def test_a_status_instead_of_the_answer(caller: Caller, status: int, made: bool) -> None:
    caller.simulator.faults.add(faults.Status(status=status, made=made))
    assert (await caller.run()).status == status
    assert made_by(caller) == made
    assert run_answers(caller) == {str(status): 1}
    assert (await caller.run()).status == 202


@BOTH
async def test_a_reset_is_a_reset_and_not_a_close(caller: Caller, made: bool) -> None:
    caller.simulator.faults.add(faults.Reset(made=made))
    with pytest.raises(ConnectionResetError):
        await caller.until_cut(A_RUN)
    assert made_by(caller) == made
    assert run_answers(caller) == {"reset": 1}


async def test_a_reset_can_come_before_the_body_was_sent(caller: Caller) -> None:
    caller.simulator.faults.add(faults.Reset(unread=True))
    with pytest.raises(ConnectionResetError):
        await caller.until_cut(bare("POST", RUN, BODY[:5], promised=len(BODY)))
    assert run_answers(caller) == {"reset": 1}


@BOTH
async def test_a_close_without_an_answer(caller: Caller, made: bool) -> None:
    caller.simulator.faults.add(faults.Close(made=made))
    assert await caller.until_cut(A_RUN) == b""
    assert made_by(caller) == made
    assert run_answers(caller) == {"closed": 1}


@BOTH
async def test_a_hang_lasts_until_the_client_gives_up(caller: Caller, made: bool) -> None:
    caller.simulator.faults.add(faults.Hang(made=made))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(caller.until_cut(A_RUN), 0.1)
    await eventually(lambda: not caller.simulator._connections.connections)
    assert made_by(caller) == made
    assert run_answers(caller) == {"hung": 1}


@BOTH
async def test_a_slow_answer_is_the_right_one_and_its_execution_is_made_before_or_after_the_wait(
    caller: Caller, made: bool
) -> None:
    caller.simulator.faults.add(faults.Slow(seconds=0.3, made=made))
    async with asyncio.TaskGroup() as tasks:
        call = tasks.create_task(caller.run())
        await eventually(lambda: caller.simulator.report().faults == {"slow": 1}, every=0.005)
        assert made_by(caller) == made
    assert call.result().status == 202
    assert made_by(caller) == 1


@pytest.mark.parametrize(("body", "expected"), [("empty", b""), ("not_json", b"<html>accepted</html>")])
async def test_a_202_that_can_not_be_read(caller: Caller, body: str, expected: bytes) -> None:
    caller.simulator.faults.add(FAULT.validate_python({"kind": "unreadable_202", "body": body}))
    answer = await caller.run()
    assert (answer.status, answer.body) == (202, expected)
    assert [execution.answered for execution in caller.simulator.executions] == [False]


async def test_a_202_without_an_execution_id(caller: Caller) -> None:
    caller.simulator.faults.add(faults.Unreadable(body="no_execution_id"))
    answer = await caller.run()
    assert answer.status == 202
    assert "execution_id" not in answer.json()
    assert made_by(caller) == 1


async def test_a_status_lags_behind_its_202(open_simulator: Open, clock: TurnedClock) -> None:
    caller = await open_simulator(SimulatorConfig(latency=0, jitter=0), clock)
    caller.simulator.faults.add(faults.Lag404(seconds=3))
    late, normal = await caller.execution(), await caller.execution()
    clock.seconds += 2.9
    assert [(await caller.status(one)).status for one in (late, normal)] == [404, 200]
    clock.seconds += 0.2
    assert (await caller.status(late)).status == 200


async def test_one_answer_can_lag_too(caller: Caller) -> None:
    execution_id = await caller.execution()
    caller.simulator.faults.add(faults.Lag404(on="status", seconds=60))
    assert [(await caller.status(execution_id)).status for _ in range(2)] == [404, 200]


@pytest.mark.parametrize(
    ("fault", "expected"), [(faults.UnknownStatus(value="paused"), "paused"), (faults.NeverEnds(), "processing")]
)
async def test_an_execution_can_be_stuck_for_ever_or_seem_so_once(
    open_simulator: Open, clock: TurnedClock, fault: Fault, expected: str
) -> None:
    caller = await open_simulator(SimulatorConfig(latency=0, jitter=0), clock)
    caller.simulator.faults.add(fault)
    stuck, normal = await caller.execution(), await caller.execution()
    clock.seconds += 1_000_000
    assert [(await caller.status(stuck)).json()["status"] for _ in range(2)] == [expected] * 2
    caller.simulator.faults.add(fault.model_copy(update={"on": "status"}))
    assert [(await caller.status(normal)).json()["status"] for _ in range(2)] == [expected, "published"]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_leads_elsewhere_and_makes_nothing(caller: Caller, status: int) -> None:
    caller.simulator.faults.add(
        FAULT.validate_python({"kind": "redirect", "location": "http://127.0.0.1:9/x", "status": status})
    )
    answer = await caller.run()
    assert (answer.status, answer.headers["Location"]) == (status, "http://127.0.0.1:9/x")
    assert made_by(caller) == 0


async def test_a_huge_body_holds_the_right_answer_at_its_end(caller: Caller) -> None:
    caller.simulator.faults.add(faults.HugeBody(size=3_000_000, on="any", count=2))
    answer = await caller.run()
    assert (answer.status, len(answer.body) > 3_000_000, answer.json()["status"]) == (202, True, "queued")
    assert len((await caller.status(answer.json()["execution_id"])).body) > 3_000_000


@pytest.mark.parametrize(
    ("form", "check"),
    [
        ("seconds", lambda value: value == "7"),
        ("date", lambda value: value.endswith("GMT")),
        ("absent", lambda value: value is None),
    ],
)
async def test_a_429_says_when_to_come_back_in_each_form(caller: Caller, form: str, check: Any) -> None:
    caller.simulator.faults.add(
        FAULT.validate_python({"kind": "status", "status": 429, "retry_after": form, "seconds": 7})
    )
    answer = await caller.run()
    assert answer.status == 429
    assert check(answer.headers.get("Retry-After"))


async def test_status_requests_get_lost_as_runs_do(caller: Caller) -> None:
    execution_id = await caller.execution()
    poll = bare("GET", f"/executions/{execution_id}/status", promised=0)
    caller.simulator.faults.add(faults.Reset(on="status"))
    with pytest.raises(ConnectionResetError):
        await caller.until_cut(poll)
    caller.simulator.faults.add(faults.Close(on="status"))
    assert await caller.until_cut(poll) == b""
    caller.simulator.faults.add(faults.Status(on="status", status=503))
    assert (await caller.status(execution_id)).status == 503
    caller.simulator.faults.add(faults.Slow(on="status", seconds=0.01))
    assert (await caller.status(execution_id)).status == 200
    assert made_by(caller) == 1


async def test_a_fault_on_status_also_hits_a_probe_for_an_execution_that_can_not_exist(caller: Caller) -> None:
    caller.simulator.faults.add(faults.Status(on="any", status=401, count="forever"))
    assert (await caller.status("exec-that-can-not-exist")).status == 401
    caller.simulator.faults.clear()
    assert (await caller.status("exec-that-can-not-exist")).status == 404


async def test_a_fault_hits_as_often_as_it_says(caller: Caller) -> None:
    caller.simulator.faults.add(faults.Status(count=2))
    assert [(await caller.run()).status for _ in range(4)] == [500, 500, 202, 202]
    caller.simulator.faults.add(faults.Status(count="forever"))
    assert [(await caller.run()).status for _ in range(4)] == [500] * 4
    assert caller.simulator.report().faults == {"status": 6}


async def test_a_fault_hits_only_what_it_is_for(open_simulator: Open) -> None:
    brands = {
        "acme": BrandConfig(api_key="demo-api-key", brand_key="demo-brand-key"),
        "other": BrandConfig(api_key="o", brand_key="o"),
    }
    caller = await open_simulator(SimulatorConfig(latency=0, brands=brands))
    for fault in (
        faults.Status(status=501, topic_key="bad", count="forever"),
        faults.Status(status=502, generator="g2", count="forever"),
        faults.Status(status=503, brand="other", count="forever"),
    ):
        caller.simulator.faults.add(fault)
    other = {"x-api-key": "o", "x-brand-key": "o", "Content-Type": "application/json"}
    assert (await caller.run("good")).status == 202
    assert (await caller.run("bad")).status == 501
    assert (await caller.run("good", generator="g2")).status == 502
    assert (await caller.run("good", headers=other)).status == 503


async def test_of_two_faults_that_fit_the_older_one_hits(caller: Caller) -> None:
    caller.simulator.faults.add(faults.Status(status=500))
    caller.simulator.faults.add(faults.Status(status=503))
    assert [(await caller.run()).status for _ in range(3)] == [500, 503, 202]


async def test_chance_follows_the_seed(open_simulator: Open) -> None:
    drawn = []
    for seed in (1, 1, 2):
        caller = await open_simulator(SimulatorConfig(latency=0, jitter=0, seed=seed, limit=1000))
        caller.simulator.faults.add(faults.Status(probability=0.5, count="forever"))
        drawn.append([(await caller.run()).status for _ in range(40)])
    assert drawn[0] == drawn[1] != drawn[2]
    assert set(drawn[0]) == {202, 500}


async def test_faults_leave_the_rules_of_form_in_force(caller: Caller) -> None:
    caller.simulator.faults.add(faults.Status(status=500))
    assert (await caller.body(b"")).status == 400
    assert (await caller.run()).status == 500


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "reset", "unread": True, "made": True},
        {"kind": "reset", "unread": True, "topic_key": "t"},
        {"kind": "hang", "status": 500},
        {"kind": "status", "status": 200},
        {"kind": "status", "count": 0},
        {"kind": "status", "probability": 0},
        {"kind": "unreadable_202", "on": "status"},
        {"kind": "redirect"},
        {"kind": "nonsense"},
    ],
)
def test_a_fault_that_makes_no_sense_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        FAULT.validate_python(wrong)


async def test_what_is_down_refuses_and_comes_back_on_the_same_port_with_its_executions(caller: Caller) -> None:
    url = caller.simulator.base_url
    execution_id = await caller.execution()
    await caller.simulator.down()
    with pytest.raises(ConnectionRefusedError):
        await caller.until_cut(A_RUN)
    await caller.simulator.up()
    assert caller.simulator.base_url == url
    assert (await caller.status(execution_id)).status == 200


async def test_going_down_cuts_the_requests_under_way_and_carries_none_on(caller: Caller) -> None:
    caller.simulator.faults.add(faults.Slow(seconds=30, made=False))
    async with asyncio.TaskGroup() as tasks:
        call = tasks.create_task(cut_off(caller))
        await eventually(lambda: caller.simulator.report().faults == {"slow": 1}, every=0.005)
        await caller.simulator.down()
        assert await call
    assert made_by(caller) == 0
    assert run_answers(caller) == {"cut": 1}


async def cut_off(caller: Caller) -> bool:
    try:
        await caller.run()
    except aiohttp.ClientConnectionError:
        return True
    return False


async def test_a_client_that_went_before_its_answer_has_made_an_execution_that_was_not_answered(caller: Caller) -> None:
    caller.simulator.faults.add(faults.Slow(seconds=0.2, made=True))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(caller.run(generator=GENERATOR), 0.05)
    await eventually(lambda: run_answers(caller) == {"client_gone": 1})
    assert [execution.answered for execution in caller.simulator.executions] == [False]
