"""How many calls may be without an answer at once."""

from dispatch.bench import Bench

from bridge.dispatch.flight import Flight
from bridge.simulator import faults
from bridge.triggers import Priority


def used_to(seconds: float, *, answers: int = 400) -> Flight:
    flight = Flight(["acme"], connections=1_000)
    for _ in range(answers):
        flight.left("acme")
        flight.ended("acme", seconds)
    return flight


def test_twice_as_many_as_are_under_way_usually_may_be_out() -> None:
    assert used_to(0.05).most("acme", 475) == 48
    assert used_to(1.0).most("acme", 475) == 950


def test_a_few_may_always_be_out() -> None:
    assert used_to(0.001).most("acme", 10) == 16


def test_a_vendor_that_becomes_slower_is_believed_after_some_answers() -> None:
    flight = used_to(0.05)
    for _ in range(60):
        flight.left("acme")
        flight.ended("acme", 0.5)
    assert flight.most("acme", 475) > 400


def test_what_is_not_answered_says_nothing_of_how_long_answers_take() -> None:
    flight = used_to(0.05)
    flight.left("acme")
    flight.ended("acme", None)
    assert flight.most("acme", 475) == 48


def test_it_is_full_until_one_has_ended() -> None:
    flight = used_to(0.001)
    for _ in range(16):
        assert not flight.full("acme", 10)
        flight.left("acme")
    assert flight.full("acme", 10)
    flight.ended("acme", None)
    assert not flight.full("acme", 10)


def test_no_more_are_prepared_than_half_as_many_again_as_there_are_connections() -> None:
    flight = Flight(["acme"], connections=100)
    for _ in range(90):
        flight.left("acme")
    assert not flight.full("acme", 1e6, prepared=59)
    assert flight.full("acme", 1e6, prepared=60)
    flight.ended("acme", None)
    assert not flight.full("acme", 1e6, prepared=60)


def test_with_few_connections_two_appends_worth_is_prepared() -> None:
    flight = Flight(["acme"], connections=1)
    assert not flight.full("acme", 1e6, prepared=32)
    assert flight.full("acme", 1e6, prepared=33)


async def test_what_waits_for_a_connection_has_no_intent_and_what_is_urgent_overtakes_it(bench: Bench) -> None:
    fast = {"acme": {"api_key": "acme-api-key", "brand_key": "acme-brand-key", "requests_per_second": 100_000}}
    async with bench.running(vendor={"connections": 4}, brands=fast) as replica:
        bench.hold_all(replica)
        backlog = [bench.publish(f"e{number}", priority=Priority.LOW) for number in range(300)]
        await bench.pile_up(replica, 300)
        bench.simulator.faults.add(faults.Slow(seconds=0.5))
        replica.board.learn("hold/all", None)
        await bench.until(bench.called)
        intents = sum(bench.kinds(trigger) == ["intent"] for trigger in backlog)
        bench.simulator.faults.clear()
        urgent = bench.publish("urgent", priority=Priority.HIGH)
        for trigger in (urgent, *backlog):
            await bench.ended(trigger)
    assert 4 <= intents <= 4 + 32 + 15  # the connections, what is prepared meanwhile, the rest of an append
    assert bench.called().index("urgent") < 100


async def test_a_vendor_that_stops_answering_leaves_few_in_doubt_and_late_ones_are_called_afterwards(
    bench: Bench,
) -> None:
    async with bench.running():
        before = [bench.publish(f"before{number}") for number in range(100)]
        for trigger in before:
            await bench.ended(trigger)
        bench.simulator.faults.add(faults.Hang(made=True))
        after = [bench.publish(f"e{number}") for number in range(300)]
        await bench.until(lambda: bench.called()[100:])
        await bench.settled(5)  # shorter than the vendor's timeout of 10 s
        intents = sum(bench.kinds(trigger) == ["intent"] for trigger in after)
        bench.simulator.faults.clear()
        outcomes = [(await bench.ended(trigger))["outcome"] for trigger in after]
    assert 0 < intents <= 16 + 15  # what may be out, and what had its intents already
    assert outcomes.count("unknown") == intents
    assert outcomes.count("published") == 300 - intents
