"""What a person had sent again: called once, never beside what it repeats, and not when that had an effect after all."""

from dispatch.bench import Bench
from dispatch.orphans import late, orphaned

from bridge.ledger.records import Accepted, Intent, Released
from bridge.triggers import OnUnknown


async def unknown(bench: Bench) -> tuple[str, Intent]:
    """A trigger named e1 of which nobody knows whether it was called, and everybody knows that."""
    trigger, intent = await orphaned(bench)
    async with bench.running():
        assert (await bench.ended(trigger))["outcome"] == "unknown"
    return trigger, intent


async def test_a_repetition_of_an_unknown_one_is_called_and_says_that_it_may_be_the_second(bench: Bench) -> None:
    trigger, _ = await unknown(bench)
    async with bench.running():
        again = bench.repeat(trigger)
        outcome = await bench.ended(again)
    assert (outcome["outcome"], outcome["possible_duplicate"], outcome["repeats"]) == ("published", True, trigger)
    assert bench.called() == ["e1", "e1"]
    assert {result["outcome"] for result in bench.results(trigger)} == {"unknown"}


async def test_a_repetition_that_is_asked_for_twice_is_called_once(bench: Bench) -> None:
    trigger, _ = await unknown(bench)
    async with bench.running():
        again = bench.repeat(trigger)
        assert bench.repeat(trigger) == again
        await bench.ended(again)
        bench.repeat(trigger)
        await bench.until(lambda: bench.committed() == 4)
    assert bench.called() == ["e1", "e1"]


async def test_a_repetition_of_an_expired_one_is_called_and_is_no_duplicate(bench: Bench) -> None:
    async with bench.running():
        trigger = bench.publish("e1", expires_in=-1)
        assert (await bench.ended(trigger))["outcome"] == "expired"
        outcome = await bench.ended(bench.repeat(trigger, doubtful=False))
    assert (outcome["outcome"], outcome["possible_duplicate"]) == ("published", False)


async def test_a_redelivery_of_an_expired_one_is_not_called(bench: Bench) -> None:
    async with bench.running():
        trigger = bench.publish("e1", expires_in=-1)
        await bench.ended(trigger)
        bench.publish("e1", expires_in=60)
        await bench.until(lambda: bench.committed() == 2)
        await bench.settled()
    assert bench.called() == []


async def test_a_repetition_is_superseded_when_what_it_repeats_was_accepted_after_all(bench: Bench) -> None:
    trigger, intent = await unknown(bench)
    async with bench.running() as replica:
        bench.hold_all(replica)
        again = bench.repeat(trigger)
        await bench.pile_up(replica, 1)
        made = bench.simulator.executions[0]
        late(bench, "e1", Accepted(trigger, intent.about, intent.attempt, made.execution_id, made.at))
        await bench.until(lambda: (bench.outcome(trigger) or {})["outcome"] == "published")
        replica.board.learn("hold/all", None)
        outcome = await bench.ended(again)
    assert (outcome["outcome"], outcome["attempts"]) == ("superseded", 0)
    assert "after all" in outcome["reason"]
    assert bench.called() == ["e1"]


async def test_an_acceptance_between_the_repetitions_intent_and_its_call_forbids_the_call(bench: Bench) -> None:
    trigger, intent = await unknown(bench)
    async with bench.running() as replica:
        bench.hold_all(replica)
        again = bench.repeat(trigger)
        await bench.pile_up(replica, 1)
        replica.budget.share(0, 1)  # the rest of the way takes a slot
        made = bench.simulator.executions[0]
        late(bench, "e1", Accepted(trigger, intent.about, intent.attempt, made.execution_id, made.at))
        replica.board.learn("hold/all", None)
        replica.budget.share(1, 1)
        assert (await bench.ended(again))["outcome"] == "superseded"
    assert bench.called() == ["e1"]


async def test_of_an_unknown_one_that_turns_out_not_sent_and_its_repetition_only_the_repetition_goes_on(
    bench: Bench,
) -> None:
    trigger, intent = await unknown(bench)
    async with bench.running() as replica:
        bench.hold_all(replica)
        again = bench.repeat(trigger)
        await bench.pile_up(replica, 1)
        late(bench, "e1", Released(trigger, intent.about, intent.attempt, "it was never sent"))
        await bench.pile_up(replica, 2)
        replica.board.learn("hold/all", None)
        outcome = await bench.ended(again)
        await bench.until(lambda: (bench.outcome(trigger) or {})["outcome"] == "superseded")
    assert (outcome["outcome"], outcome["possible_duplicate"]) == ("published", True)  # a person was told "unknown"
    assert bench.called() == ["e1", "e1"]  # the first is what this test says did not happen


async def test_a_successor_knows_of_a_repetition_that_was_parked_or_called_before_it_came(bench: Bench) -> None:
    trigger, intent = await unknown(bench)
    async with bench.running():
        again = bench.repeat(trigger)
        await bench.ended(again)
    async with bench.running():
        late(bench, "e1", Released(trigger, intent.about, intent.attempt, "it was never sent"))
        await bench.until(lambda: (bench.outcome(trigger) or {})["outcome"] == "superseded")
        await bench.settled()
    assert bench.called() == ["e1", "e1"]


async def test_a_repetition_that_is_unknown_itself_is_repeated_as_the_next(bench: Bench) -> None:
    trigger, _ = await unknown(bench)
    async with bench.running():
        first = bench.repeat(trigger, expires_in=-1)
        assert (await bench.ended(first))["outcome"] == "expired"
        second = await bench.ended(bench.repeat(trigger, 2))
    assert (second["outcome"], second["repeats"], second["possible_duplicate"]) == ("published", trigger, True)


async def test_a_trigger_that_is_called_again_by_its_policy_gives_way_to_its_repetition(bench: Bench) -> None:
    trigger, _ = await orphaned(bench, on_unknown=OnUnknown.RESEND)
    async with bench.running() as replica:
        bench.hold_all(replica)
        await bench.until(lambda: "unknown" in bench.kinds(trigger))
        again = bench.repeat(trigger)
        await bench.pile_up(replica, 2)
        replica.board.learn("hold/all", None)
        assert (await bench.ended(again))["outcome"] == "published"
        outcome = await bench.ended(trigger)
    assert (outcome["outcome"], outcome["possible_duplicate"]) == ("unknown", True)
    assert bench.called() == ["e1", "e1"]
