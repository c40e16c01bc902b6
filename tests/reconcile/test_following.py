"""Following executions: over restarts and moves, once each, the result before the ledger."""

from dispatch.bench import KEYS, Bench

from bridge.holds.model import Hold, Reason, brand_scope
from bridge.ledger.log import LogRecord
from bridge.triggers import partition_of


async def test_the_result_is_written_before_the_end_and_once(bench: Bench) -> None:
    async with bench.running():
        triggers = [bench.publish(f"e{number}") for number in range(40)]
        for trigger in triggers:
            await bench.ended(trigger)
            assert bench.outcome(trigger) is not None
        await bench.until(lambda: all(bench.kinds(trigger)[-1] == "ended" for trigger in triggers))
        await bench.settled(40)
    assert [len(bench.results(trigger)) for trigger in triggers] == [1] * 40


async def test_a_crash_between_result_and_ledger_repeats_the_result_with_the_same_id(bench: Bench) -> None:
    async with bench.running():
        trigger = bench.publish("e1")
        await bench.until(lambda: bench.kinds(trigger)[-1:] == ["ended"])
    log = bench.broker.ledger[partition_of(None, "e1", 2)]
    kept = [raw for raw in log.records if b'"ended"' not in raw.value]
    log.records[:] = [LogRecord(offset, raw.timestamp, raw.key, raw.value) for offset, raw in enumerate(kept)]
    async with bench.running():
        await bench.until(lambda: len(bench.results(trigger)) == 2)
        await bench.until(lambda: bench.kinds(trigger)[-1:] == ["ended"])
    first, again = bench.results(trigger)
    assert first["result_id"] == again["result_id"]
    assert first["outcome"] == again["outcome"] == "published"
    assert bench.called() == ["e1"]


async def test_executions_of_a_partition_that_moves_are_followed_by_its_new_owner_alone(bench: Bench) -> None:
    first, second = bench.replica(), bench.replica()
    async with first.running([0, 1]), second.running([]):
        triggers = [bench.publish(f"e{number}") for number in range(20)]
        await bench.until(lambda: len(bench.called()) == 20, turning=0)
        first.consumer.give([0])
        await bench.until(lambda: len(first.consumer.assignment()) == 1, turning=0)
        second.consumer.give([1])
        for trigger in triggers:
            await bench.ended(trigger)
        await bench.settled(30)
        ends = [replica.metric("bridge_polls_total", brand="acme", end="published") for replica in (first, second)]
    assert sum(ends) == 20
    assert min(ends) > 0
    assert [len(bench.results(trigger)) for trigger in triggers] == [1] * 20


async def test_the_deadline_counts_from_the_acceptance_also_over_a_restart(bench: Bench) -> None:
    async with bench.running():
        trigger = bench.publish("e1")
        await bench.until(lambda: bench.kinds(trigger) == ["intent", "accepted"], turning=0)
    await bench.simulator.down()
    bench.clock.turn(1_800)
    async with bench.running():
        assert (await bench.ended(trigger))["outcome"] == "unresolved"


async def test_polls_that_wait_for_a_slot_obey_a_hold_that_comes_meanwhile(bench: Bench) -> None:
    keys = KEYS["acme"]
    few = {"api_key": keys.api_key, "brand_key": keys.brand_key, "requests_per_second": 2}
    async with bench.running(brands={"acme": few}) as replica:
        for number in range(10):
            bench.publish(f"e{number}")
        await bench.until(lambda: len(bench.called()) == 10 and bench.polls())
        now = bench.clock.now()
        hold = Hold(brand_scope("acme"), Reason.THROTTLED, "a test", "tester", now, now + 60_000)
        replica.board.learn(f"hold/{hold.scope}", hold.encode())
        polls = bench.polls()
        await bench.settled(20)
        assert bench.polls() <= polls + 1  # one may have been on its way
        await bench.until(lambda: bench.polls() > polls + 1)
