"""A vendor that does not answer: late is better than an `unknown` for every trigger that waits."""

from dispatch.bench import Bench

from bridge.simulator import faults


async def test_while_the_vendor_fails_one_trigger_at_a_time_finds_out(bench: Bench) -> None:
    bench.simulator.faults.add(faults.Status(status=500, count=3))
    hanging = bench.simulator.faults.add(faults.Hang(count="forever"))
    async with bench.running() as replica:
        for number in range(3):
            assert (await bench.ended(bench.publish(f"bad{number}")))["outcome"] == "unknown"
        bench.hold_all(replica)
        triggers = [bench.publish(f"e{number}") for number in range(40)]
        await bench.pile_up(replica, 40)
        replica.board.learn("hold/all", None)
        await bench.until(lambda: replica.vendor.under_way)
        for _ in range(3):
            bench.clock.turn(3)
            await bench.until(lambda: replica.vendor.under_way)
        assert bench.simulator.report().requests["run"]["hung"] == 1
        bench.simulator.faults.remove(hanging)
        bench.clock.turn(3)
        outcomes = [(await bench.ended(trigger))["outcome"] for trigger in triggers]
    assert sorted(outcomes) == ["published"] * 39 + ["unknown"]


async def test_what_cannot_be_sent_is_tried_less_and_less(bench: Bench) -> None:
    await bench.simulator.down()
    async with bench.running() as replica:
        bench.hold_all(replica)
        triggers = [bench.publish(f"e{number}") for number in range(30)]
        await bench.pile_up(replica, 30)
        replica.board.learn("hold/all", None)
        await bench.settled(60)
        tried = sum(bench.kinds(trigger).count("intent") for trigger in triggers)
    # Some are on their way before it is known that this is an outage; then one every few seconds.
    assert 3 < tried < 50


async def test_an_answer_that_makes_sense_ends_an_outage(bench: Bench) -> None:
    bench.simulator.faults.add(faults.Status(status=500, count=3))
    bench.simulator.faults.add(faults.Status(status=429, seconds=1))
    async with bench.running() as replica:
        for number in range(3):
            assert (await bench.ended(bench.publish(f"bad{number}")))["outcome"] == "unknown"
        bench.publish("e0")
        await bench.until(lambda: bench.hold("brand/acme"))
        triggers = [bench.publish(f"e{number}") for number in range(1, 30)]
        await bench.pile_up(replica, 30)
        released = bench.clock.now()
        for trigger in triggers:
            await bench.ended(trigger)
    assert len(bench.called()) == 30
    assert max(made.at for made in bench.simulator.executions) < released + 5_000
