"""Probing a brand whose keys don't work (docs/vendor.md #15), against the simulator."""

from dispatch.bench import KEYS, WRONG, Bench

from bridge.holds.model import Hold, Reason
from bridge.simulator import faults


async def test_keys_that_do_not_work_yet_are_probed_every_few_seconds_without_an_effect(bench: Bench) -> None:
    bench.simulator.replace_keys("acme", WRONG)
    async with bench.running():
        bench.publish("e1")
        await bench.until(lambda: bench.hold("brand/acme"))
        await bench.settled(60)
        assert bench.hold("brand/acme") is not None
    # Every 3 to 6 seconds, for ever: keys may take minutes to propagate.
    assert 8 <= bench.polls("401") <= 21
    assert bench.calls("401") == 1


async def test_a_brand_that_is_not_held_for_its_keys_is_not_probed(bench: Bench) -> None:
    async with bench.running() as replica:
        bench.hold_all(replica)
        await bench.settled(30)
    assert bench.simulator.report().requests.get("status", {}) == {}


async def test_an_operators_hold_that_comes_during_a_probe_stays(bench: Bench) -> None:
    bench.simulator.replace_keys("acme", WRONG)
    async with bench.running() as replica:
        bench.publish("e1")
        await bench.until(lambda: bench.hold("brand/acme"))
        bench.simulator.replace_keys("acme", KEYS["acme"])
        bench.simulator.faults.add(faults.Slow(on="status", seconds=0.2))
        await bench.until(lambda: replica.vendor.under_way)
        await replica.board.hold(Hold("brand/acme", Reason.OPERATOR, "a test", "tester", bench.clock.now()))
        await bench.settled(20)
        assert bench.called() == []
    hold = bench.hold("brand/acme")
    assert hold is not None
    assert hold.reason is Reason.OPERATOR
