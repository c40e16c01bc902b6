"""Who is called when: `order_by`, priorities, and what waits."""

from dispatch.bench import Bench
from dispatch.memory import Ack

from bridge.ledger.records import Accepted, Intent
from bridge.simulator import faults
from bridge.triggers import OnUnknown, Priority


async def test_triggers_of_one_order_are_called_one_after_the_other_as_they_arrived(bench: Bench) -> None:
    names = [f"e{number}" for number in range(12)]
    async with bench.running():
        triggers = [bench.publish(name, order_by="match-1") for name in names]
        for trigger in triggers:
            await bench.ended(trigger)
    assert bench.called() == names


async def test_the_next_of_an_order_waits_for_the_end_of_the_call_and_not_of_the_execution(bench: Bench) -> None:
    bench.simulator.faults.add(faults.NeverEnds())
    async with bench.running():
        first, second = bench.publish("e1", order_by="m"), bench.publish("e2", order_by="m")
        await bench.ended(second)
        assert bench.outcome(first) is None
    accepted = [line.at for line in bench.lines(first) if isinstance(line, Accepted)]
    called = [line.attempt.called for line in bench.lines(second) if isinstance(line, Intent)]
    assert accepted[0] <= called[0]


async def test_what_is_not_sent_or_throttled_keeps_the_rest_of_its_order_waiting(bench: Bench) -> None:
    bench.simulator.faults.add(faults.Status(status=429, topic_key="e1", seconds=3))
    async with bench.running():
        triggers = [bench.publish(name, order_by="m") for name in ("e1", "e2", "e3")]
        await bench.until(lambda: bench.hold("brand/acme"))
        await bench.simulator.down()
        await bench.settled(8)
        await bench.simulator.up()
        for trigger in triggers:
            await bench.ended(trigger)
    assert bench.called() == ["e1", "e2", "e3"]


async def test_what_is_refused_or_unknown_lets_the_rest_of_its_order_go(bench: Bench) -> None:
    bench.simulator.faults.add(faults.Status(status=400, topic_key="e1"))
    bench.simulator.faults.add(faults.Status(status=500, topic_key="e2"))
    async with bench.running():
        triggers = [bench.publish(name, order_by="m") for name in ("e1", "e2", "e3")]
        outcomes = [(await bench.ended(trigger))["outcome"] for trigger in triggers]
    assert outcomes == ["rejected", "unknown", "published"]


async def test_what_is_sent_again_goes_before_the_rest_of_its_order(bench: Bench) -> None:
    bench.simulator.faults.add(faults.Status(status=500, topic_key="e1"))
    async with bench.running():
        triggers = [bench.publish(name, order_by="m", on_unknown=OnUnknown.RESEND) for name in ("e1", "e2")]
        for trigger in triggers:
            await bench.ended(trigger)
    assert bench.called() == ["e1", "e2"]


async def test_one_that_expires_as_it_waits_lets_the_rest_of_its_order_go(bench: Bench) -> None:
    async with bench.running() as replica:
        bench.hold_all(replica)
        first = bench.publish("e1", order_by="m", expires_in=5)
        second = bench.publish("e2", order_by="m")
        third = bench.publish("e3", order_by="m", expires_in=5)
        fourth = bench.publish("e4", order_by="m")
        assert (await bench.ended(first))["outcome"] == "expired"
        assert (await bench.ended(third))["outcome"] == "expired"
        await replica.board.release("all")
        await bench.ended(second)
        await bench.ended(fourth)
    assert bench.called() == ["e2", "e4"]


async def test_a_held_route_keeps_its_order_when_it_is_released(bench: Bench) -> None:
    bench.simulator.faults.add(faults.Status(status=404))
    names = [f"e{number}" for number in range(6)]
    async with bench.running() as replica:
        triggers = [bench.publish(name, order_by="m") for name in names]
        await bench.until(lambda: bench.hold("route/goal"))
        await bench.settled(3)
        await replica.board.release("route/goal")
        for trigger in triggers:
            await bench.ended(trigger)
    assert bench.called() == names


async def test_what_is_urgent_overtakes_a_backlog(bench: Bench) -> None:
    rate = {"acme": {"api_key": "acme-api-key", "brand_key": "acme-brand-key", "requests_per_second": 40}}
    async with bench.running(brands=rate) as replica:
        bench.hold_all(replica)
        for number in range(60):
            bench.publish(f"low{number}", priority=Priority.LOW)
            bench.publish(f"normal{number}", priority=Priority.NORMAL)
        await bench.pile_up(replica, 120)
        replica.board.learn("hold/all", None)
        await bench.until(lambda: len(bench.called()) >= 10)
        before = len(bench.called())
        urgent = [bench.publish(f"urgent{number}", priority=Priority.HIGH) for number in range(5)]
        await bench.until(lambda: {f"urgent{number}" for number in range(5)} <= set(bench.called()))
        called = bench.called()
        for trigger in urgent:
            await bench.ended(trigger)
    # A backlog of 110 was there first; only what had its intent already, some slots ahead, still goes before.
    assert max(called.index(f"urgent{number}") for number in range(5)) < before + 20
    assert not any(name.startswith("low") for name in called)


async def test_what_waits_long_is_parked_so_that_its_partition_goes_on(bench: Bench) -> None:
    async with bench.running(dispatch={"park_after": "5s"}) as replica:
        bench.hold_all(replica)
        trigger = bench.publish("e1")
        await bench.until(lambda: bench.committed() == 1)
        assert bench.kinds(trigger) == ["parked"]
        await replica.board.release("all")
        await bench.ended(trigger)
        await bench.until(lambda: len(bench.kinds(trigger)) == 4)
    assert bench.kinds(trigger) == ["parked", "intent", "accepted", "ended"]
    assert bench.called() == ["e1"]


async def test_a_parked_trigger_expires_and_its_result_is_written_before_reported(bench: Bench) -> None:
    async with bench.running(dispatch={"park_after": "5s"}) as replica:
        bench.hold_all(replica)
        trigger = bench.publish("e1", expires_in=20)
        assert (await bench.ended(trigger))["outcome"] == "expired"
        await bench.until(lambda: bench.kinds(trigger) == ["parked", "dropped", "reported"])
    assert bench.committed() == 1


async def test_too_many_that_wait_are_parked_and_reading_goes_on(bench: Bench) -> None:
    async with bench.running(dispatch={"max_waiting": 5}) as replica:
        bench.hold_all(replica)
        triggers = [bench.publish(f"e{number}", order_by="m") for number in range(12)]
        await bench.until(lambda: bench.committed() >= 12, turning=0.05)
        replica.board.learn("hold/all", None)
        for trigger in triggers:
            await bench.ended(trigger)
    assert bench.called() == [f"e{number}" for number in range(12)]


async def test_an_append_of_intents_that_nobody_can_tell_of_calls_nothing_and_is_repeated(bench: Bench) -> None:
    async with bench.running():
        await bench.until(lambda: all(log.records for log in bench.broker.ledger))
        for log in bench.broker.ledger:
            log.spoil(Ack.UNCERTAIN_WRITTEN)
        trigger = bench.publish("e1")
        await bench.ended(trigger)
    assert bench.kinds(trigger) == ["intent", "released", "intent", "accepted", "ended"]
    assert bench.called() == ["e1"]
