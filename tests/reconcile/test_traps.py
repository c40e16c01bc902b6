"""The rows of docs/vendor.md that concern a poll: what reconcile does with each, over real HTTP."""

from collections.abc import Callable
from itertools import pairwise

import pytest
from dispatch.bench import KEYS, WRONG, Bench

from bridge.holds.model import Reason
from bridge.ledger.records import Accepted
from bridge.simulator import faults
from bridge.simulator.faults import Fault


def _moved(bench: Bench, trigger: str, polls: int) -> Callable[[], bool]:
    return lambda: bench.polls() > polls or bench.outcome(trigger) is not None


async def accepted(bench: Bench, trigger: str) -> Accepted:
    """The acceptance of the trigger, as soon as it is in the ledger."""
    found = await bench.until(lambda: [one for one in bench.lines(trigger) if isinstance(one, Accepted)], turning=0)
    return found[0]


async def test_traps_07_and_08_published_with_its_audience(bench: Bench) -> None:
    async with bench.running():
        outcome = await bench.ended(bench.publish("e1"))
    assert outcome["outcome"] == "published"
    assert outcome["audience_size"] >= 100
    assert all(outcome["times"].values())


async def test_traps_08_an_audience_of_0_is_0_and_counted_apart(bench: Bench) -> None:
    async with bench.running() as replica:
        outcome = await bench.ended(bench.publish("nobody"))
        counted = replica.metric("bridge_audience_zero_total", brand="acme", route="goal")
    assert (outcome["outcome"], outcome["audience_size"]) == ("published", 0)
    assert counted == 1


async def test_traps_09_a_wrong_topic_key_fails_with_the_vendors_code(bench: Bench) -> None:
    async with bench.running():
        trigger = bench.publish("failing")
        outcome = await bench.ended(trigger)
    assert (outcome["outcome"], outcome["error_code"]) == ("failed", "AUDIENCE_RESOLUTION_FAILED")
    assert outcome["error_message"]
    assert bench.kinds(trigger) == ["intent", "accepted", "ended"]


async def test_traps_10_a_404_soon_after_the_call_is_lag(bench: Bench) -> None:
    bench.simulator.faults.add(faults.Lag404(seconds=40))
    async with bench.running():
        outcome = await bench.ended(bench.publish("e1"))
    assert outcome["outcome"] == "published"
    assert bench.polls("404") > 1


async def test_traps_10_a_404_later_than_that_is_lost(bench: Bench) -> None:
    bench.simulator.faults.add(faults.Lag404(seconds=3_000))
    async with bench.running():
        trigger = bench.publish("e1")
        at = (await accepted(bench, trigger)).at
        outcome = await bench.ended(trigger, turning=0.5)
        ended_at = bench.clock.now()
        polls = bench.polls("404")
        await bench.settled(60)
        assert bench.polls("404") == polls
    assert outcome["outcome"] == "lost"
    assert ended_at - at > 60_000


async def test_traps_11_an_unknown_status_is_polled_to_the_deadline_and_unresolved(bench: Bench) -> None:
    bench.simulator.faults.add(faults.UnknownStatus(value="paused"))
    async with bench.running(reconcile={"deadline": "100s"}) as replica:
        trigger = bench.publish("e1")
        at = (await accepted(bench, trigger)).at
        outcome = await bench.ended(trigger, turning=0.5)
        ended_at = bench.clock.now()
        counted = replica.metric("bridge_polls_total", brand="acme", end="running")
    assert outcome["outcome"] == "unresolved"
    assert ended_at - at >= 100_000
    assert counted == bench.polls() > 3


async def test_traps_12_few_polls_follow_an_execution_and_they_become_fewer(bench: Bench) -> None:
    bench.simulator.faults.add(faults.NeverEnds())
    async with bench.running(reconcile={"deadline": "10m"}):
        trigger = bench.publish("e1")
        await accepted(bench, trigger)
        asked = []
        while bench.outcome(trigger) is None:
            before = bench.polls()
            await bench.until(_moved(bench, trigger, before), turning=1)
            asked.append(bench.clock.boottime())
    pauses = [later - earlier for earlier, later in pairwise(asked)]
    assert len(asked) < 35
    assert all(25 < pause < 36 for pause in pauses[16:])


async def test_traps_12_the_first_poll_learns_when_executions_of_a_generator_usually_end(bench: Bench) -> None:
    async with bench.running(reconcile={"first_poll": "1s"}):
        for number in range(10):
            await bench.ended(bench.publish(f"e{number}"), turning=0.05)
        polls = bench.simulator.executions[-1].polls
    assert bench.simulator.executions[0].polls > 1
    assert polls == 1


async def test_traps_13_a_throttled_poll_holds_calls_and_polls_of_the_brand(bench: Bench) -> None:
    async with bench.running():
        bench.simulator.faults.add(faults.Status(on="status", status=429, seconds=40))
        trigger = bench.publish("e1")
        hold = await bench.until(lambda: bench.hold("brand/acme"))
        at = bench.clock.now()
        behind = bench.publish("e2")
        await bench.settled(35)
        asked = bench.simulator.report().requests["status"]
        outcomes = [(await bench.ended(one))["outcome"] for one in (trigger, behind)]
    assert hold is not None
    assert hold.reason is Reason.THROTTLED
    assert outcomes == ["published"] * 2
    assert asked == {"429": 1}
    assert bench.simulator.executions[1].at >= at + 38_000


@pytest.mark.parametrize("status", [401, 403])
async def test_traps_26_a_refused_poll_holds_the_brand_and_ends_no_execution(bench: Bench, status: int) -> None:
    bench.simulator.faults.add(faults.Status(on="status", status=status))
    async with bench.running():
        trigger = bench.publish("e1")
        hold = await bench.until(lambda: bench.hold("brand/acme"))
        outcome = await bench.ended(trigger)
        await bench.until(lambda: bench.hold("brand/acme") is None)
    assert hold is not None
    assert hold.reason is Reason.UNAUTHORIZED
    assert outcome["outcome"] == "published"


async def test_traps_26_wrong_keys_make_polls_wait_and_no_execution_is_given_up(bench: Bench) -> None:
    async with bench.running():
        trigger = bench.publish("e1")
        await accepted(bench, trigger)
        bench.simulator.replace_keys("acme", WRONG)
        await bench.until(lambda: bench.hold("brand/acme"))
        await bench.settled(120)
        assert bench.outcome(trigger) is None
        bench.simulator.replace_keys("acme", KEYS["acme"])
        assert (await bench.ended(trigger))["outcome"] == "published"


async def test_traps_26_wrong_keys_beyond_the_deadline_are_unresolved(bench: Bench) -> None:
    async with bench.running(reconcile={"deadline": "100s"}):
        trigger = bench.publish("e1")
        await accepted(bench, trigger)
        bench.simulator.replace_keys("acme", WRONG)
        assert (await bench.ended(trigger, turning=0.5))["outcome"] == "unresolved"


@pytest.mark.parametrize(
    "fault",
    [
        faults.Status(on="status", status=500, count=3),
        faults.Reset(on="status", count=3),
        faults.Close(on="status", count=3),
        faults.HugeBody(on="status", size=100_000, count=3),
        faults.Redirect(on="status", location="http://127.0.0.1:1/", count=3),
    ],
    ids=repr,
)
async def test_traps_26_a_poll_that_fails_is_asked_again(bench: Bench, fault: Fault) -> None:
    bench.simulator.faults.add(fault)
    async with bench.running():
        outcome = await bench.ended(bench.publish("e1"))
    assert outcome["outcome"] == "published"
    assert bench.simulator.report().faults == {fault.kind: 3}


async def test_traps_26_polls_go_on_when_the_vendor_is_back(bench: Bench) -> None:
    async with bench.running():
        trigger = bench.publish("e1")
        await accepted(bench, trigger)
        await bench.simulator.down()
        await bench.settled(30)
        assert bench.outcome(trigger) is None
        await bench.simulator.up()
        assert (await bench.ended(trigger))["outcome"] == "published"
