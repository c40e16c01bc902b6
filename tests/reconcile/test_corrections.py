"""An execution that ends only after it was told as unresolved: a second result corrects the first."""

from collections.abc import AsyncIterator
from itertools import pairwise

import pytest
from dispatch.bench import Bench
from dispatch.conftest import CONFIG
from dispatch.replica import Replica
from dispatch.turning import TurnedClock
from msgspec.structs import replace

from bridge.ledger.codec import encode, key_of
from bridge.ledger.records import Accepted, Ended
from bridge.simulator import Simulator, faults
from bridge.triggers import partition_of

# Executions take 20 minutes, and are unresolved after 10.
IN_TIME = {"deadline": "10m"}


@pytest.fixture
async def late(clock: TurnedClock) -> AsyncIterator[Bench]:
    config = CONFIG.model_copy(update={"time_to_end": (1_200_000, 1_200_000)})
    async with Simulator(config, clock=clock) as simulator:
        yield Bench(simulator, clock)


async def unresolved(bench: Bench, name: str = "e1") -> str:
    """A trigger whose execution was just told as unresolved."""
    trigger = bench.publish(name)
    assert (await bench.ended(trigger, turning=1.0))["outcome"] == "unresolved"
    await bench.until(lambda: bench.kinds(trigger)[-1:] == ["ended"], turning=0.01)
    return trigger


def told(bench: Bench, trigger: str) -> list[tuple[str, int]]:
    return [(result["outcome"], result["revision"]) for result in bench.results(trigger)]


async def corrected(bench: Bench, trigger: str) -> None:
    await bench.until(lambda: len(bench.results(trigger)) > 1, turning=2.0)


async def hours_pass(bench: Bench) -> None:
    """For what must not happen."""
    end = bench.clock.boottime() + 7_200
    await bench.until(lambda: bench.clock.boottime() >= end, turning=20.0)


def is_kept(replica: Replica, trigger: str, event: str = "e1") -> bool:
    """Whether the ledger holds more of it than the id, or is not read yet."""
    number = partition_of(None, event, 2)
    owned = [one.partition.ledger for one in replica.dispatch._assignment if one.partition.ledger.partition == number]
    return not owned or trigger in owned[0].fold.items


async def test_it_is_told_again_with_a_higher_revision(late: Bench) -> None:
    async with late.running(reconcile=IN_TIME) as replica:
        trigger = await unresolved(late)
        await corrected(late, trigger)
        await late.until(lambda: not is_kept(replica, trigger))
        counted = [
            replica.metric("bridge_triggers_total", brand="acme", route="goal", outcome=outcome)
            for outcome in ("unresolved", "published")
        ]
        corrections = replica.metric("bridge_corrections_total", brand="acme", route="goal", outcome="published")
    assert told(late, trigger) == [("unresolved", 5), ("published", 7)]
    first, second = late.results(trigger)
    assert first["result_id"] != second["result_id"]
    assert second["audience_size"] >= 100
    assert second["times"]["accepted"] == first["times"]["accepted"]
    assert (counted, corrections) == ([1, 1], 1)
    assert late.kinds(trigger) == ["intent", "accepted", "ended", "ended"]
    assert late.called() == ["e1"]


async def test_it_is_told_again_also_when_it_failed(late: Bench) -> None:
    async with late.running(reconcile=IN_TIME):
        trigger = late.publish("failing")
        await corrected(late, trigger)
    assert told(late, trigger) == [("unresolved", 5), ("failed", 6)]


async def test_few_questions_are_asked_meanwhile(late: Bench) -> None:
    late.simulator.faults.add(faults.NeverEnds())
    async with late.running(reconcile={**IN_TIME, "follow_unresolved": "6h"}) as replica:
        trigger = await unresolved(late)
        asked, polls = [late.clock.boottime()], [late.polls()]

        def news() -> bool:
            return late.polls() > polls[-1] or not is_kept(replica, trigger)

        while is_kept(replica, trigger):
            await late.until(news, turning=20.0)
            if late.polls() > polls[-1]:
                polls.append(late.polls())
                asked.append(late.clock.boottime())
        ended_at = late.clock.boottime()
        await hours_pass(late)
        assert late.polls() == polls[-1], "after six hours nobody asks any more"
    pauses = [after - earlier for earlier, after in pairwise(asked)]
    assert 10 <= len(pauses) <= 24
    assert all(240 <= pause <= 2_110 for pause in pauses)
    assert pauses[-1] > 2 * pauses[0]
    assert 21_000 <= ended_at - asked[0] + 600 <= 24_000
    assert told(late, trigger) == [("unresolved", 5)]


async def test_it_is_told_again_by_the_next_replica(late: Bench) -> None:
    async with late.running(reconcile=IN_TIME):
        trigger = await unresolved(late)
    async with late.running(reconcile=IN_TIME):
        await corrected(late, trigger)
    assert told(late, trigger) == [("unresolved", 5), ("published", 7)]


async def test_a_correction_that_was_written_before_a_crash_is_written_again(late: Bench) -> None:
    async with late.running(reconcile=IN_TIME):
        trigger = await unresolved(late)
        await corrected(late, trigger)
        await late.until(lambda: late.kinds(trigger)[-2:] == ["ended", "ended"])
    log = late.broker.ledger[partition_of(None, "e1", 2)]
    del log.records[-1]
    async with late.running(reconcile=IN_TIME):
        await late.until(lambda: len(late.results(trigger)) > 2, turning=2.0)
    results = late.results(trigger)
    assert told(late, trigger) == [("unresolved", 5), ("published", 7), ("published", 7)]
    assert results[1] == results[2]


async def test_a_replica_that_comes_too_late_asks_no_more(late: Bench) -> None:
    async with late.running(reconcile=IN_TIME):
        trigger = await unresolved(late)
    late.clock.turn(6 * 3600)
    polls = late.polls()
    async with late.running(reconcile=IN_TIME) as replica:
        await late.until(lambda: not is_kept(replica, trigger))
        await hours_pass(late)
    assert late.polls() == polls
    assert told(late, trigger) == [("unresolved", 5)]


async def test_it_remains_unresolved_when_the_vendor_knows_it_no_more(late: Bench) -> None:
    async with late.running(reconcile=IN_TIME) as replica:
        trigger = await unresolved(late)
        late.simulator.faults.add(faults.Status(on="status", status=404))
        polls = late.polls("404")
        await late.until(lambda: not is_kept(replica, trigger), turning=2.0)
        assert late.polls("404") == polls + 1
        await hours_pass(late)
    assert told(late, trigger) == [("unresolved", 5)]


async def test_nothing_is_asked_where_the_settings_say_so(late: Bench) -> None:
    async with late.running(reconcile={**IN_TIME, "follow_unresolved": "10m"}) as replica:
        trigger = await unresolved(late)
        await late.until(lambda: not is_kept(replica, trigger))
        polls = late.polls()
        await hours_pass(late)
    assert late.polls() == polls


async def test_while_it_is_unresolved_nobody_repeats_it(late: Bench) -> None:
    async with late.running(reconcile=IN_TIME):
        trigger = await unresolved(late)
        again = late.repeat(trigger)
        assert (await late.ended(again, turning=0.1))["outcome"] == "superseded"
        await corrected(late, trigger)
    assert late.called() == ["e1"]


async def test_when_it_failed_after_all_a_person_may_repeat_it(late: Bench) -> None:
    async with late.running(reconcile=IN_TIME):
        trigger = late.publish("failing")
        await corrected(late, trigger)
        late.repeat(trigger, doubtful=False)
        await late.until(lambda: len(late.called()) == 2)
    assert late.called() == ["failing", "failing"]


async def test_an_event_that_is_redelivered_meanwhile_is_not_called(late: Bench) -> None:
    async with late.running(reconcile=IN_TIME):
        trigger = await unresolved(late)
        assert late.publish("e1") == trigger
        await corrected(late, trigger)
    assert late.called() == ["e1"]
    assert len(late.results(trigger)) == 2


async def test_a_late_acceptance_of_an_unresolved_trigger_is_followed_at_once(late: Bench) -> None:
    """A replica that was frozen tells late what became of its own attempt: that one is not asked about rarely."""
    async with late.running(reconcile=IN_TIME):
        trigger = await unresolved(late)
        first = next(one for one in late.lines(trigger) if isinstance(one, Accepted))
        late.simulator.faults.clear()
        polls = late.polls()
        log = late.broker.ledger[partition_of(None, "e1", 2)]
        await log.append([_another(first, late.clock.now())])
        await late.until(lambda: late.polls("404") > 1, turning=0.5)
        assert late.clock.now() - first.at < 700_000
        assert late.polls() == polls
    assert [one.outcome for one in late.lines(trigger) if isinstance(one, Ended)] == ["unresolved"]


def _another(first: Accepted, now: int) -> tuple[bytes | None, bytes]:
    other = replace(first, attempt=replace(first.attempt, nonce="another", number=2), execution_id="x", at=now)
    return key_of(other), encode(other)
