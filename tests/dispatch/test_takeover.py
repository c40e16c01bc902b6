"""What an owner finds in the ledger at its claim, and what others write there later."""

from dispatch.bench import PARTITIONS, Bench
from dispatch.memory import MemoryLog
from dispatch.orphans import late, orphaned
from msgspec.structs import replace

from bridge.ledger.log import LogRecord
from bridge.ledger.records import Accepted, Released
from bridge.triggers import OnUnknown, partition_of


def forget_last(log: MemoryLog, kind: bytes) -> None:
    """As if the owner had been killed before it wrote its last record, which is of that kind."""
    position = max(index for index, raw in enumerate(log.records) if kind in raw.value)
    kept = log.records[:position]
    log.records[:] = [LogRecord(offset, raw.timestamp, raw.key, raw.value) for offset, raw in enumerate(kept)]


async def test_an_open_execution_is_followed_by_the_next_owner(bench: Bench) -> None:
    async with bench.running():
        trigger = bench.publish("e1")
        await bench.until(lambda: bench.kinds(trigger) == ["intent", "accepted"], turning=0)
    async with bench.running():
        outcome = await bench.ended(trigger)
    assert outcome["outcome"] == "published"
    assert bench.called() == ["e1"]


async def test_a_parked_trigger_waits_on_after_a_restart_and_is_called_once(bench: Bench) -> None:
    async with bench.running(dispatch={"park_after": "2s"}) as replica:
        bench.hold_all(replica)
        trigger = bench.publish("e1")
        await bench.until(lambda: bench.committed() == 1)
    async with bench.running():
        await bench.ended(trigger)
    assert bench.kinds(trigger)[:3] == ["parked", "intent", "accepted"]
    assert bench.called() == ["e1"]


async def test_a_parked_trigger_outlives_the_retention_of_its_topic(bench: Bench) -> None:
    async with bench.running(dispatch={"park_after": "2s"}) as replica:
        bench.hold_all(replica)
        trigger = bench.publish("e1")
        await bench.until(lambda: bench.committed() == 1)
    bench.broker.triggers[partition_of(None, "e1", PARTITIONS)].first = 1
    async with bench.running():
        assert (await bench.ended(trigger))["outcome"] == "published"


async def test_a_parked_trigger_that_expired_meanwhile_gets_its_result_and_reported(bench: Bench) -> None:
    async with bench.running(dispatch={"park_after": "2s"}) as replica:
        bench.hold_all(replica)
        trigger = bench.publish("e1", expires_in=60)
        await bench.until(lambda: bench.committed() == 1)
    bench.clock.turn(60)
    async with bench.running():
        assert (await bench.ended(trigger))["outcome"] == "expired"
        await bench.until(lambda: bench.kinds(trigger)[-2:] == ["dropped", "reported"])
    assert bench.called() == []


async def test_an_end_after_a_park_without_reported_has_its_result_written_again_the_same(bench: Bench) -> None:
    async with bench.running(dispatch={"park_after": "2s"}) as replica:
        bench.hold_all(replica)
        trigger = bench.publish("e1", expires_in=5)
        await bench.until(lambda: "reported" in bench.kinds(trigger))
    first = list(bench.broker.results)
    forget_last(bench.broker.ledger[partition_of(None, "e1", PARTITIONS)], b'"reported"')
    async with bench.running():
        await bench.until(lambda: "reported" in bench.kinds(trigger))
    assert bench.broker.results == first * 2
    async with bench.running():  # now it is reported: never again
        await bench.settled(10)
    assert bench.broker.results == first * 2


async def test_an_end_that_was_not_committed_has_its_result_written_again_the_same(bench: Bench) -> None:
    async with bench.running():
        trigger = bench.publish("e1", topic_key="")
        await bench.ended(trigger)
    first = list(bench.broker.results)
    bench.broker.committed.clear()
    async with bench.running():
        await bench.until(lambda: bench.committed() == 1)
    assert bench.broker.results == first * 2
    assert bench.calls("400") == 1


async def test_a_late_acceptance_turns_unknown_into_the_executions_outcome(bench: Bench) -> None:
    trigger, intent = await orphaned(bench)
    async with bench.running():
        assert (await bench.ended(trigger))["outcome"] == "unknown"
        made = bench.simulator.executions[0]
        late(bench, "e1", Accepted(trigger, intent.about, intent.attempt, made.execution_id, made.at))
        await bench.until(lambda: len(bench.results(trigger)) == 2)
    unknown, published = bench.results(trigger)
    assert (unknown["outcome"], published["outcome"]) == ("unknown", "published")
    assert published["revision"] > unknown["revision"]
    assert bench.called() == ["e1"]


async def test_a_late_release_lets_an_unknown_one_be_called(bench: Bench) -> None:
    trigger, intent = await orphaned(bench)
    async with bench.running():
        await bench.ended(trigger)
        late(bench, "e1", Released(trigger, intent.about, intent.attempt, "it was never sent"))
        await bench.until(lambda: (bench.outcome(trigger) or {})["outcome"] == "published")
    outcome = bench.outcome(trigger)
    assert outcome is not None
    assert not outcome["possible_duplicate"]
    assert bench.called() == ["e1", "e1"]  # the first is what this test says did not happen


async def test_a_late_acceptance_forbids_the_attempt_that_waits(bench: Bench) -> None:
    trigger, intent = await orphaned(bench, on_unknown=OnUnknown.RESEND)
    async with bench.running() as replica:
        bench.hold_all(replica)
        await bench.until(lambda: "unknown" in bench.kinds(trigger))
        made = bench.simulator.executions[0]
        late(bench, "e1", Accepted(trigger, intent.about, intent.attempt, made.execution_id, made.at))
        assert (await bench.ended(trigger))["outcome"] == "published"
        await replica.board.release("all")
        await bench.settled(10)
    assert bench.called() == ["e1"]


async def test_a_late_acceptance_between_intent_and_call_forbids_the_call(bench: Bench) -> None:
    trigger, intent = await orphaned(bench, on_unknown=OnUnknown.RESEND)
    async with bench.running() as replica:
        bench.hold_all(replica)
        await bench.until(lambda: "unknown" in bench.kinds(trigger))
        replica.budget.share(0, 1)  # the rest of the way takes a slot
        made = bench.simulator.executions[0]
        late(bench, "e1", Accepted(trigger, intent.about, intent.attempt, made.execution_id, made.at))
        replica.board.learn("hold/all", None)
        replica.budget.share(1, 1)
        assert (await bench.ended(trigger))["outcome"] == "published"
    assert bench.called() == ["e1"]


async def test_two_executions_of_one_trigger_are_both_followed_and_the_better_outcome_counts(bench: Bench) -> None:
    trigger, intent = await orphaned(bench, on_unknown=OnUnknown.RESEND)
    async with bench.running():
        await bench.ended(trigger)
        made = bench.simulator.executions[0]
        attempt = replace(intent.attempt, number=1)
        late(bench, "e1", Accepted(trigger, intent.about, attempt, made.execution_id, made.at))
        await bench.until(lambda: bench.kinds(trigger).count("ended") == 2)
    assert len(bench.called()) == 2
    assert all(made.polls >= 1 for made in bench.simulator.executions)
    assert [result["outcome"] for result in bench.results(trigger)] == ["published"]


async def test_a_trigger_of_a_brand_without_settings_is_rejected_and_blocks_nothing(bench: Bench) -> None:
    async with bench.running():
        stray, good = bench.publish("e1", brand="gone"), bench.publish("e2")
        assert (await bench.ended(stray))["outcome"] == "rejected"
        assert (await bench.ended(good))["outcome"] == "published"
        await bench.until(lambda: bench.committed() == 2)


async def test_a_record_that_is_no_trigger_is_passed_over(bench: Bench) -> None:
    async with bench.running():
        bench.broker.triggers[0].put(b"key", b"no trigger")
        bench.broker.triggers[1].put(b"key", b"{}")
        await bench.until(lambda: bench.committed() == 2)
        trigger = bench.publish("e1")
        assert (await bench.ended(trigger))["outcome"] == "published"


async def test_everything_is_called_once_when_replicas_are_killed_again_and_again(bench: Bench) -> None:
    triggers = [bench.publish(f"e{number}", order_by=f"m{number % 3}") for number in range(60)]
    for calls in (5, 15, 25):
        async with bench.running():
            await bench.until(lambda calls=calls: len(bench.called()) >= calls)  # type: ignore[misc]  # a default binds it
    async with bench.running():
        outcomes = [(await bench.ended(trigger))["outcome"] for trigger in triggers]
    assert set(outcomes) <= {"published", "unknown"}
    called = bench.called()
    assert len(called) == len(set(called))
    # Each is called, or reported: nothing vanishes.
    assert {f"e{number}" for number in range(60)} - set(called) <= {
        f"e{number}" for number, outcome in enumerate(outcomes) if outcome == "unknown"
    }
