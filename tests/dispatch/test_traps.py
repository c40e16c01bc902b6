"""The rows of docs/vendor.md that concern a call, as far as dispatch acts on them. The rest of them end at the client."""

import pytest
from dispatch.bench import KEYS, PARTITIONS, WRONG, Bench

from bridge.simulator import faults
from bridge.simulator.faults import Fault
from bridge.triggers import OnUnknown, Rejected, Unmapped, partition_of


def in_partition(number: int, prefix: str) -> str:
    """A trigger's name that lies in that partition."""
    names = (f"{prefix}{index}" for index in range(1_000))
    return next(name for name in names if partition_of(None, name, PARTITIONS) == number)


async def test_traps_01_what_may_have_made_an_execution_is_not_repeated_and_what_was_turned_away_is(
    bench: Bench,
) -> None:
    bench.simulator.faults.add(faults.Status(status=500, made=True, topic_key="doubtful"))
    bench.simulator.faults.add(faults.Status(status=429, topic_key="throttled"))
    async with bench.running():
        doubtful, throttled = bench.publish("doubtful"), bench.publish("throttled")
        outcomes = [(await bench.ended(one))["outcome"] for one in (doubtful, throttled)]
        await bench.settled(30)
    assert outcomes == ["unknown", "published"]
    assert sorted(bench.called()) == ["doubtful", "throttled"]


async def test_traps_02_a_lost_202_is_unknown_and_never_failed(bench: Bench) -> None:
    bench.simulator.faults.add(faults.Unreadable(body="empty"))
    async with bench.running():
        trigger = bench.publish("e1")
        outcome = await bench.ended(trigger)
    assert (outcome["outcome"], outcome["execution_id"]) == ("unknown", None)
    assert bench.called() == ["e1"]


async def test_traps_02_a_hold_on_everything_works_before_the_call(bench: Bench) -> None:
    async with bench.running() as replica:
        bench.hold_all(replica)
        trigger, other = bench.publish("e1"), bench.publish("e2", brand="other")
        await bench.settled(30)
        assert bench.simulator.executions == []
        await replica.board.release("all")
        assert [(await bench.ended(one))["outcome"] for one in (trigger, other)] == ["published"] * 2


async def test_traps_03_an_intent_without_an_answer_is_unknown_after_a_restart(bench: Bench) -> None:
    bench.simulator.faults.add(faults.Hang(made=True))
    async with bench.running():
        trigger = bench.publish("e1")
        await bench.until(lambda: bench.called() == ["e1"])
    assert bench.kinds(trigger) == ["intent"]
    async with bench.running():
        outcome = await bench.ended(trigger)
        await bench.until(lambda: bench.committed() == 1)
        await bench.settled(20)
    assert outcome["outcome"] == "unknown"
    assert "replica" in outcome["reason"]
    assert bench.called() == ["e1"]


async def test_traps_03_under_resend_an_intent_without_an_answer_is_called_again(bench: Bench) -> None:
    bench.simulator.faults.add(faults.Hang(made=True))
    async with bench.running():
        trigger = bench.publish("e1", on_unknown=OnUnknown.RESEND)
        await bench.until(lambda: bench.called() == ["e1"])
    async with bench.running():
        outcome = await bench.ended(trigger)
    assert (outcome["outcome"], outcome["possible_duplicate"], outcome["attempts"]) == ("published", True, 2)
    assert bench.called() == ["e1", "e1"]


async def test_traps_04_a_trigger_that_is_there_twice_is_called_once(bench: Bench) -> None:
    async with bench.running():
        trigger = bench.publish("e1")
        bench.publish("e1")
        await bench.ended(trigger)
        bench.publish("e1")
        await bench.until(lambda: bench.committed() == 3)
    async with bench.running():
        bench.publish("e1")
        await bench.until(lambda: bench.committed() == 4)
    assert bench.called() == ["e1"]
    assert len(bench.results(trigger)) == 1


async def test_traps_04_a_partition_read_again_from_its_beginning_calls_nothing_twice(bench: Bench) -> None:
    triggers = [bench.publish(f"e{number}") for number in range(20)]
    async with bench.running():
        for trigger in triggers:
            await bench.ended(trigger)
    bench.broker.committed.clear()
    async with bench.running():
        await bench.until(lambda: bench.committed() == 20)
    assert len(bench.called()) == 20
    assert len({len(bench.results(trigger)) for trigger in triggers}) == 1


async def test_traps_13_calls_and_polls_together_stay_within_the_brands_limit(bench: Bench) -> None:
    async with bench.running(reconcile={"first_poll": "100ms"}) as replica:
        bench.hold_all(replica)
        triggers = [bench.publish(f"e{number}") for number in range(200)]
        await bench.pile_up(replica, 200)
        replica.board.learn("hold/all", None)
        for trigger in triggers:
            await bench.ended(trigger)
    report = bench.simulator.report()
    assert report.throttled == 0
    assert len(bench.called()) == 200
    assert report.brands["acme"].over_limit == 0


@pytest.mark.parametrize(
    ("fault", "shortest", "longest"),
    [
        (faults.Status(status=429, retry_after="seconds", seconds=20), 20, 25),
        (faults.Status(status=429, retry_after="date", seconds=20), 20, 26),
        (faults.Status(status=429, retry_after="seconds", seconds=0), 1, 5),
        (faults.Status(status=429, retry_after="absent"), 1, 5),
        (faults.Status(status=429, retry_after="seconds", seconds=9_000), 300, 310),
    ],
    ids=repr,
)
async def test_traps_14_retry_after_pauses_the_whole_brand_on_every_replica(
    bench: Bench, fault: Fault, shortest: int, longest: int
) -> None:
    bench.simulator.faults.add(fault)
    first, second = bench.replica(), bench.replica()
    async with first.running([0]), second.running([1]):
        throttled = bench.publish(in_partition(0, "e"))
        await bench.until(lambda: bench.hold("brand/acme"))
        elsewhere = bench.publish(in_partition(1, "f"))
        free = bench.publish("g", brand="other")
        await bench.ended(throttled, turning=shortest / 50)
        await bench.ended(elsewhere)
        await bench.ended(free)
    called = {made.topic_key: (made.at - bench.began) / 1000 for made in bench.simulator.executions}
    free_at = called.pop("g")
    assert all(shortest <= at <= longest for at in called.values())
    assert free_at <= min(called.values())


async def test_traps_14_a_pause_survives_a_restart(bench: Bench) -> None:
    bench.simulator.faults.add(faults.Status(status=429, seconds=60))
    async with bench.running():
        trigger = bench.publish("e1")
        await bench.until(lambda: bench.hold("brand/acme"))
    async with bench.running():
        await bench.ended(trigger, turning=1)
    assert bench.simulator.executions[0].at >= bench.began + 60_000


async def test_traps_15_a_brand_held_for_its_keys_loses_nothing_over_a_restart(bench: Bench) -> None:
    bench.simulator.replace_keys("acme", WRONG)
    async with bench.running():
        triggers = [bench.publish("e0")]
        await bench.until(lambda: bench.hold("brand/acme"))
        triggers += [bench.publish(f"e{number}") for number in range(1, 5)]
        await bench.settled(3)
    bench.simulator.replace_keys("acme", KEYS["acme"])
    async with bench.running():
        outcomes = [(await bench.ended(trigger))["outcome"] for trigger in triggers]
    assert outcomes == ["published"] * 5
    assert len(bench.called()) == 5


async def test_traps_16_a_generator_of_the_wrong_type_holds_its_route_and_no_other(bench: Bench) -> None:
    async with bench.running():
        trigger = bench.publish("e1", generator="scheduled")
        hold = await bench.until(lambda: bench.hold("route/goal"))
        other = bench.publish("e2", route="start")
        assert (await bench.ended(other))["outcome"] == "published"
        await bench.settled(10)
    assert hold is not None
    assert "422" in hold.detail
    assert bench.results(trigger) == []
    assert bench.committed() == 1 or bench.kinds(trigger)[-1] == "released"


async def test_traps_17_and_18_the_vendors_text_is_kept_cut_and_without_keys(bench: Bench) -> None:
    async with bench.running():
        trigger = bench.publish("e1", topic_key="")
        outcome = await bench.ended(trigger)
    assert outcome["outcome"] == "rejected"
    assert 0 < len(outcome["error_message"]) <= 500
    assert "acme-api-key" not in repr(bench.broker.results) + repr(bench.broker.control)


async def test_traps_19_a_rejected_trigger_is_reported_and_not_called(bench: Bench) -> None:
    async with bench.running():
        trigger = bench.publish("e1", verdict=Rejected("route goal: minute must be integer, is text"))
        outcome = await bench.ended(trigger)
        await bench.until(lambda: bench.committed() == 1)
    assert (outcome["outcome"], outcome["attempts"]) == ("rejected", 0)
    assert outcome["reason"] == "route goal: minute must be integer, is text"
    assert bench.kinds(trigger) == ["dropped"]
    assert bench.simulator.report().requests.get("run", {}) == {}


async def test_traps_23_expires_after_is_checked_before_every_attempt(bench: Bench) -> None:
    bench.simulator.faults.add(faults.Status(status=429, seconds=60))
    async with bench.running():
        trigger = bench.publish("e1", expires_in=30)
        outcome = await bench.ended(trigger)
        await bench.settled(60)
    assert (outcome["outcome"], outcome["attempts"]) == ("expired", 1)
    assert not outcome["possible_duplicate"]
    assert bench.called() == []


async def test_traps_23_a_trigger_that_expired_before_it_was_read_is_not_called(bench: Bench) -> None:
    trigger = bench.publish("e1", expires_in=5)
    bench.clock.turn(6)
    async with bench.running():
        outcome = await bench.ended(trigger)
    assert (outcome["outcome"], outcome["attempts"]) == ("expired", 0)
    assert bench.kinds(trigger) == ["dropped"]


async def test_traps_25_a_redirect_holds_the_brand(bench: Bench) -> None:
    bench.simulator.faults.add(faults.Redirect(location="http://127.0.0.1:1/elsewhere"))
    async with bench.running():
        trigger = bench.publish("e1")
        assert (await bench.ended(trigger))["outcome"] == "published"
    assert bench.kinds(trigger)[:2] == ["intent", "released"]
    assert [key for key, value in bench.broker.control if value is not None] == ["hold/brand/acme"]


async def test_traps_27_an_unmapped_trigger_is_reported_and_not_called(bench: Bench) -> None:
    async with bench.running():
        trigger = bench.publish("e1", verdict=Unmapped("teams", "QAT", "lookup teams has no entry for QAT"))
        outcome = await bench.ended(trigger)
        await bench.until(lambda: bench.committed() == 1)
    assert (outcome["outcome"], outcome["reason"]) == ("unmapped", "lookup teams has no entry for QAT")
    assert bench.simulator.report().requests.get("run", {}) == {}
