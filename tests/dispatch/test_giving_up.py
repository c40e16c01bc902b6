"""Ending and moving: what is under way ends, and nothing is begun any more."""

from dispatch.bench import Bench
from dispatch.memory import Ack
from dispatch.replica import Replica

from bridge.ledger.codec import encode
from bridge.ledger.records import Claim
from bridge.simulator import faults
from bridge.triggers import partition_of


def claim_from_elsewhere(bench: Bench, partition: int) -> None:
    """Another replica takes the partition."""
    bench.broker.ledger[partition].put(None, encode(Claim("another")))


async def test_sigterm_under_load_leaves_nothing_unknown(bench: Bench) -> None:
    bench.simulator.faults.add(faults.Slow(seconds=0.2, count="forever"))
    async with bench.running() as replica:
        triggers = [bench.publish(f"e{number}") for number in range(100)]
        await bench.until(lambda: len(bench.called()) > 5)
        await replica.stop()
        under_way = [trigger for trigger in triggers if bench.kinds(trigger)[-1:] == ["intent"]]
        in_vain = sum(bench.kinds(trigger).count("released") for trigger in triggers)
    called = len(bench.called())
    assert under_way == []
    assert in_vain < 40  # those whose slots were near
    assert 5 < called < 100
    bench.simulator.faults.clear()
    async with bench.running():
        outcomes = [(await bench.ended(trigger))["outcome"] for trigger in triggers]
    assert outcomes == ["published"] * 100
    assert len(bench.called()) == 100


async def test_partitions_that_move_under_load_are_finished_elsewhere_and_nothing_is_unknown(bench: Bench) -> None:
    bench.simulator.faults.add(faults.Slow(seconds=0.1, count="forever"))
    first, second = bench.replica(), bench.replica()
    async with first.running([0, 1]), second.running([]):
        triggers = [bench.publish(f"e{number}") for number in range(80)]
        await bench.until(lambda: len(bench.called()) > 5)
        first.consumer.give([0])
        await bench.until(lambda: first.consumer.joined and not first.vendor.under_way, turning=0)
        second.consumer.give([1])
        outcomes = [(await bench.ended(trigger))["outcome"] for trigger in triggers]
    assert outcomes == ["published"] * 80
    assert len(bench.called()) == 80


async def test_a_foreign_claim_lets_nothing_be_called_until_the_partition_is_won_back(bench: Bench) -> None:
    async with bench.running() as replica:
        await bench.until(lambda: all(log.records for log in bench.broker.ledger))
        replica.consumer.expelled = True
        where = partition_of(None, "e1", 2)
        claim_from_elsewhere(bench, where)
        trigger = bench.publish("e1")
        await bench.settled(30)
        assert bench.kinds(trigger) == ["intent", "released"]
        assert bench.called() == []
        assert bench.committed() == 0
        replica.consumer.expelled = False
        assert (await bench.ended(trigger))["outcome"] == "published"
    assert bench.called() == ["e1"]
    claims = [raw for raw in bench.broker.ledger[where].records if raw.key is None]
    assert len(claims) == 3


async def intended(bench: Bench, replica: Replica) -> str:
    """A trigger named e1 whose intent is written and whose slot does not come."""
    where = partition_of(None, "e1", 2)
    await bench.until(lambda: all(log.records for log in bench.broker.ledger))
    bench.broker.ledger[where].spoil(Ack.LATE)
    trigger = bench.publish("e1")
    await bench.until(lambda: bench.kinds(trigger) == ["intent"])
    replica.budget.share(0, 1)
    bench.broker.ledger[where].release_acks()
    return trigger


async def test_a_foreign_claim_between_an_intent_and_its_call_forbids_the_call(bench: Bench) -> None:
    async with bench.running() as replica:
        trigger = await intended(bench, replica)
        where = partition_of(None, "e1", 2)
        claim_from_elsewhere(bench, where)
        owned = replica.dispatch._assignment.partition(where)
        assert owned is not None
        await owned.ledger.look()
        replica.budget.share(1, 1)
        await bench.until(lambda: bench.kinds(trigger) == ["intent", "released"], turning=0)
        assert bench.called() == []
        await bench.ended(trigger)
    assert bench.called() == ["e1"]


async def test_a_hold_between_an_intent_and_its_call_forbids_the_call(bench: Bench) -> None:
    async with bench.running() as replica:
        trigger = await intended(bench, replica)
        bench.hold_all(replica)
        replica.budget.share(1, 1)
        await bench.until(lambda: bench.kinds(trigger) == ["intent", "released"])
        await bench.settled(5)
        assert bench.called() == []
        await replica.board.release("all")
        await bench.ended(trigger)
    assert bench.called() == ["e1"]


async def test_an_idle_owner_learns_of_a_foreign_claim_and_wins_the_partition_back(bench: Bench) -> None:
    async with bench.running():
        await bench.until(lambda: all(log.records for log in bench.broker.ledger))
        claim_from_elsewhere(bench, 0)
        await bench.until(lambda: len(bench.broker.ledger[0].records) == 3)


async def test_an_intent_older_than_the_session_timeout_is_released_and_made_anew(bench: Bench) -> None:
    async with bench.running():
        await bench.until(lambda: all(log.records for log in bench.broker.ledger))
        for log in bench.broker.ledger:
            log.spoil(Ack.LATE)
        trigger = bench.publish("e1")
        await bench.until(lambda: bench.kinds(trigger) == ["intent"])
        bench.clock.turn(11)
        for log in bench.broker.ledger:
            log.release_acks()
        await bench.ended(trigger)
    assert bench.kinds(trigger) == ["intent", "released", "intent", "accepted", "ended"]
    assert bench.called() == ["e1"]


async def test_a_replica_that_its_group_has_not_answered_neither_calls_nor_polls(bench: Bench) -> None:
    async with bench.running() as replica:
        first = bench.publish("e1")
        await bench.until(lambda: bench.kinds(first) == ["intent", "accepted"], turning=0)
        polls = bench.polls()
        replica.consumer.silent_since = bench.clock.boottime() - 11
        second = bench.publish("e2")
        await bench.settled(30)
        assert bench.called() == ["e1"]
        assert bench.polls() == polls
        intents = bench.kinds(second).count("intent")
        replica.consumer.silent_since = None
        assert [(await bench.ended(one))["outcome"] for one in (first, second)] == ["published"] * 2
    assert intents < 40
    assert bench.called() == ["e1", "e2"]
