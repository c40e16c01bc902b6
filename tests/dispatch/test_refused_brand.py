"""401 and 403 on a run (docs/vendor.md #15): the brand is held, nothing is lost, and a probe releases it."""

from itertools import pairwise

from dispatch.bench import KEYS, WRONG, Bench

from bridge.holds.model import Reason
from bridge.ledger.records import Intent
from bridge.simulator import faults


async def test_end_refused_brand_401_is_held_until_a_status_request_says_that_the_keys_work(bench: Bench) -> None:
    bench.simulator.replace_keys("acme", WRONG)
    async with bench.running():
        first = bench.publish("e1")
        hold = await bench.until(lambda: bench.hold("brand/acme"))
        second = bench.publish("e2")
        await bench.until(lambda: bench.polls("401") >= 3)
        assert bench.calls("401") == 1
        bench.simulator.replace_keys("acme", KEYS["acme"])
        assert [(await bench.ended(one))["outcome"] for one in (first, second)] == ["published"] * 2
    assert hold is not None
    assert hold.reason is Reason.UNAUTHORIZED
    assert bench.hold("brand/acme") is None
    assert sorted(bench.called()) == ["e1", "e2"]
    assert bench.polls("404") >= 1


async def test_end_refused_brand_401_leaves_other_brands_alone(bench: Bench) -> None:
    bench.simulator.replace_keys("acme", WRONG)
    async with bench.running():
        bench.publish("e1")
        await bench.until(lambda: bench.hold("brand/acme"))
        assert (await bench.ended(bench.publish("e2", brand="other")))["outcome"] == "published"
    assert bench.hold("brand/other") is None


async def test_end_refused_brand_403_is_tried_with_one_waiting_trigger_at_a_time(bench: Bench) -> None:
    refusing = bench.simulator.faults.add(faults.Status(status=403, count="forever"))
    async with bench.running():
        triggers = [bench.publish("e0")]
        await bench.until(lambda: bench.hold("brand/acme"))
        triggers += [bench.publish(f"e{number}") for number in range(1, 6)]
        await bench.until(lambda: bench.calls("403") >= 5)
        intents = [line for trigger in triggers for line in bench.lines(trigger) if isinstance(line, Intent)]
        bench.simulator.faults.remove(refusing)
        outcomes = [(await bench.ended(trigger))["outcome"] for trigger in triggers]
    probes = sorted(intent.attempt.called for intent in intents)[1:]
    assert all(later - earlier >= 4_900 for earlier, later in pairwise(probes))
    assert outcomes == ["published"] * 6
    assert len(bench.called()) == 6
    assert bench.hold("brand/acme") is None


async def test_end_refused_brand_403_does_not_end_by_a_status_request(bench: Bench) -> None:
    bench.simulator.faults.add(faults.Status(status=403, count="forever"))
    async with bench.running():
        bench.publish("e1")
        hold = await bench.until(lambda: bench.hold("brand/acme"))
        await bench.settled(60)
        assert bench.hold("brand/acme") == hold
    assert hold is not None
    assert hold.reason is Reason.FORBIDDEN
    assert bench.polls("404") == 0
