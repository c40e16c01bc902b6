"""What dispatch does with each end of a call: the rows of "The ends of a call" (docs/vendor.md), over real HTTP.

What was called is asked of the simulator; what is known, of the ledger; what came of it, of the results.
"""

import pytest
from dispatch.bench import Bench
from dispatch.memory import Ack

from bridge.holds.model import Reason
from bridge.simulator import faults
from bridge.simulator.faults import Fault
from bridge.triggers import OnUnknown

UNKNOWN = [
    faults.Reset(made=True),
    faults.Reset(unread=True),
    faults.Close(made=False),
    faults.Status(status=500, made=True),
    faults.Status(status=503, made=False),
    faults.Unreadable(body="not_json"),
    faults.Unreadable(body="no_execution_id"),
]


async def test_end_accepted_is_followed_to_its_outcome(bench: Bench) -> None:
    async with bench.running():
        trigger = bench.publish("e1")
        outcome = await bench.ended(trigger)
        await bench.until(lambda: bench.committed() == 1)
    assert outcome["outcome"] == "published"
    assert outcome["execution_id"] == bench.simulator.executions[0].execution_id
    assert bench.called() == ["e1"]
    assert bench.kinds(trigger) == ["intent", "accepted", "ended"]


async def test_how_long_every_answer_took_is_measured(bench: Bench) -> None:
    bench.simulator.faults.add(faults.Status(status=429, count=1, made=False))
    async with bench.running() as replica:
        await bench.ended(bench.publish("e1"))
        assert bench.calls() == bench.calls("429") == 1
        assert replica.metric("bridge_call_seconds_count", brand="acme") == 2


async def test_end_not_sent_is_released_and_tried_again_until_the_vendor_is_back(bench: Bench) -> None:
    await bench.simulator.down()
    async with bench.running():
        trigger = bench.publish("e1")
        await bench.until(lambda: bench.kinds(trigger)[:4] == ["intent", "released"] * 2)
        assert bench.committed() == 0
        await bench.simulator.up()
        outcome = await bench.ended(trigger)
    assert bench.called() == ["e1"]
    assert outcome["outcome"] == "published"
    assert outcome["attempts"] == bench.kinds(trigger).count("intent") > 2
    assert not outcome["possible_duplicate"]


async def test_end_expired_at_the_last_check_is_not_called(bench: Bench) -> None:
    async with bench.running():
        await bench.until(lambda: bench.broker.ledger[0].records and bench.broker.ledger[1].records)
        for log in bench.broker.ledger:
            log.spoil(Ack.LATE)
        trigger = bench.publish("e1", expires_in=5)
        await bench.until(lambda: bench.kinds(trigger) == ["intent"])
        bench.clock.turn(6)
        for log in bench.broker.ledger:
            log.release_acks()
        outcome = await bench.ended(trigger)
        await bench.until(lambda: bench.committed() == 1)
    assert outcome["outcome"] == "expired"
    assert bench.kinds(trigger) == ["intent", "released", "dropped"]
    assert bench.simulator.report().requests.get("run", {}) == {}


async def test_end_throttled_is_called_again_after_retry_after_and_not_before(bench: Bench) -> None:
    bench.simulator.faults.add(faults.Status(status=429, seconds=30))
    async with bench.running():
        trigger = bench.publish("e1")
        hold = await bench.until(lambda: bench.hold("brand/acme"))
        outcome = await bench.ended(trigger)
    assert hold is not None
    assert hold.reason is Reason.THROTTLED
    assert bench.kinds(trigger) == ["intent", "released", "intent", "accepted", "ended"]
    assert bench.simulator.executions[0].at >= bench.began + 30_000
    assert not outcome["possible_duplicate"]


async def test_end_refused_event_is_rejected_with_what_the_vendor_said(bench: Bench) -> None:
    async with bench.running():
        trigger = bench.publish("e1", topic_key="")
        outcome = await bench.ended(trigger)
        await bench.until(lambda: bench.committed() == 1)
        await bench.settled(30)
    assert (outcome["outcome"], outcome["error_code"]) == ("rejected", "400")
    assert "topic_key must be a non-empty string" in outcome["error_message"]
    assert bench.kinds(trigger) == ["intent", "refused"]
    assert bench.calls("400") == 1
    assert bench.broker.control == []


@pytest.mark.parametrize("status", [404, 422])
async def test_end_refused_route_holds_the_route_alone_until_a_person_releases_it(bench: Bench, status: int) -> None:
    bench.simulator.faults.add(faults.Status(status=status))
    async with bench.running() as replica:
        trigger = bench.publish("e1", route="goal")
        hold = await bench.until(lambda: bench.hold("route/goal"))
        behind = bench.publish("e2", route="goal")
        other = bench.publish("e3", route="start")
        await bench.ended(other)
        await bench.settled(50)
        assert bench.called() == ["e3"]
        await replica.board.release("route/goal")
        assert [(await bench.ended(one))["outcome"] for one in (trigger, behind)] == ["published"] * 2
    assert hold is not None
    assert (hold.reason, hold.fingerprint) == (Reason.MISCONFIGURED, "goal-1")
    assert str(status) in hold.detail
    assert bench.kinds(trigger) == ["intent", "released", "intent", "accepted", "ended"]


async def test_end_refused_route_of_a_generator_that_the_route_no_longer_has_is_rejected_and_holds_nobody(
    bench: Bench,
) -> None:
    bench.generators["goal"] = "gen-2"
    bench.simulator.faults.add(faults.Status(status=404, generator="gen-1", count="forever"))
    async with bench.running():
        old = bench.publish("e1", generator="gen-1")
        outcome = await bench.ended(old)
        assert (await bench.ended(bench.publish("e2", generator="gen-2")))["outcome"] == "published"
    assert (outcome["outcome"], outcome["error_code"]) == ("rejected", "404")
    assert "made for generator gen-1, which the route no longer has" in outcome["error_message"]
    assert bench.hold("route/goal") is None


async def test_end_refused_route_is_released_by_a_new_configuration_of_that_route(bench: Bench) -> None:
    bench.simulator.faults.add(faults.Status(status=422))
    async with bench.running():
        trigger = bench.publish("e1")
        await bench.until(lambda: bench.hold("route/goal"))
    async with bench.running():  # the same configuration: still held
        await bench.settled(30)
        assert bench.called() == []
    bench.fingerprints["goal"] = "goal-2"
    async with bench.running():
        assert (await bench.ended(trigger))["outcome"] == "published"
    assert bench.hold("route/goal") is None


@pytest.mark.parametrize("fault", UNKNOWN, ids=repr)
async def test_end_unknown_is_reported_and_never_called_again_under_park(bench: Bench, fault: Fault) -> None:
    bench.simulator.faults.add(fault)
    async with bench.running():
        trigger = bench.publish("e1", on_unknown=OnUnknown.PARK)
        outcome = await bench.ended(trigger)
        await bench.until(lambda: bench.committed() == 1)
        await bench.settled(30)
    assert outcome["outcome"] == "unknown"
    assert outcome["reason"]
    assert bench.kinds(trigger) == ["intent", "unknown"]
    assert len(bench.results(trigger)) == 1
    assert sum(bench.simulator.report().requests["run"].values()) == 1


async def test_end_unknown_after_a_timeout(bench: Bench) -> None:
    bench.simulator.faults.add(faults.Hang(made=True))
    async with bench.running():
        trigger = bench.publish("e1")
        await bench.until(lambda: bench.called() == ["e1"])
        bench.clock.turn(11)
        outcome = await bench.ended(trigger)
        await bench.settled(30)
    assert outcome["outcome"] == "unknown"
    assert bench.called() == ["e1"]


@pytest.mark.parametrize("fault", UNKNOWN, ids=repr)
async def test_end_unknown_is_called_again_as_a_possible_duplicate_under_resend(bench: Bench, fault: Fault) -> None:
    bench.simulator.faults.add(fault)
    async with bench.running():
        trigger = bench.publish("e1", on_unknown=OnUnknown.RESEND)
        outcome = await bench.ended(trigger)
    assert bench.kinds(trigger) == ["intent", "unknown", "intent", "accepted", "ended"]
    assert (outcome["outcome"], outcome["attempts"]) == ("published", 2)
    assert outcome["possible_duplicate"]


async def test_end_unknown_under_resend_that_expires_before_another_attempt_stays_unknown(bench: Bench) -> None:
    bench.simulator.faults.add(faults.Status(status=500, made=True, count="forever"))
    async with bench.running():
        trigger = bench.publish("e1", on_unknown=OnUnknown.RESEND, expires_in=30)
        outcome = await bench.ended(trigger)
        made = len(bench.called())
        await bench.settled(60)
    never_left = bench.kinds(trigger).count("released")  # where its time was over between intent and call
    assert (outcome["outcome"], outcome["possible_duplicate"]) == ("unknown", True)
    assert (outcome["attempts"], len(bench.called())) == (made + never_left, made)
    assert made > 1 >= never_left
