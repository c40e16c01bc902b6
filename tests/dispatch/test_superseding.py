"""`supersede_by`: a newer trigger of the same route, topic key and value replaces one that still waits."""

from typing import Any

import pytest
from dispatch.bench import PARTITIONS, Bench
from dispatch.memory import Ack
from dispatch.orphans import late, orphaned

from bridge.ledger.codec import decode
from bridge.ledger.log import LogRecord
from bridge.ledger.records import Dropped, Intent, Released
from bridge.simulator import faults
from bridge.triggers import Limit, OnUnknown, Priority, Rejected

UPDATE: dict[str, Any] = {"route": "score", "topic_key": "fans", "supersede_by": "m1"}


async def outcomes(bench: Bench, *triggers: str) -> list[str]:
    return [(await bench.ended(trigger))["outcome"] for trigger in triggers]


async def test_of_several_that_wait_only_the_newest_is_called(bench: Bench) -> None:
    async with bench.running() as replica:
        bench.hold_all(replica)
        older = [bench.update(f"e{number}") for number in range(5)]
        newest = bench.update("e5")
        assert await outcomes(bench, *older) == ["superseded"] * 5
        replica.board.learn("hold/all", None)
        assert await outcomes(bench, newest) == ["published"]
        await bench.until(lambda: bench.committed() == 6)
    assert bench.called() == ["e5"]
    told = bench.outcome(older[0])
    assert told is not None
    assert (told["attempts"], told["possible_duplicate"], told["revision"]) == (0, False, 1)
    assert bench.kinds(older[0]) == ["dropped"]


async def test_the_reason_names_the_newer_event(bench: Bench) -> None:
    async with bench.running() as replica:
        bench.hold_all(replica)
        older = bench.update("e1")
        await bench.pile_up(replica, 1)
        bench.update("e2")
        outcome = await bench.ended(older)
    assert "event e2" in outcome["reason"]


@pytest.mark.parametrize("other", [{"of": "m2"}, {"topic_key": "others"}, {"route": "goal"}, {"supersede_by": None}])
async def test_what_is_about_something_else_replaces_nothing(bench: Bench, other: dict[str, str]) -> None:
    async with bench.running() as replica:
        bench.hold_all(replica)
        first, second = bench.update("e1"), bench.update("e2", **other)
        await bench.pile_up(replica, 2)
        replica.board.learn("hold/all", None)
        assert await outcomes(bench, first, second) == ["published", "published"]


async def test_where_triggers_are_ordered_one_is_replaced_in_its_order(bench: Bench) -> None:
    async with bench.running() as replica:
        bench.hold_all(replica)
        first = bench.update("e1", order_by="m1")
        goal = bench.publish("e2", order_by="m1")
        second = bench.update("e3", order_by="m1", priority=Priority.HIGH)
        assert await outcomes(bench, first) == ["superseded"]
        replica.board.learn("hold/all", None)
        assert await outcomes(bench, goal, second) == ["published", "published"]
    assert bench.called() == ["e2", "e3"]


async def test_one_that_is_being_called_is_left_alone_and_the_newer_one_waits_for_the_end_of_its_call(
    bench: Bench,
) -> None:
    bench.simulator.faults.add(faults.Slow(seconds=1.0))
    async with bench.running():
        first = bench.update("e1")
        await bench.until(lambda: bench.kinds(first) == ["intent"])
        second = bench.update("e2")
        assert await outcomes(bench, first, second) == ["published", "published"]
    assert bench.called() == ["e1", "e2"]


async def test_one_that_was_throttled_is_replaced_though_its_brand_is_still_held(bench: Bench) -> None:
    bench.simulator.faults.add(faults.Status(status=429, seconds=30))
    async with bench.running():
        first = bench.update("e1")
        await bench.until(lambda: bench.hold("brand/acme"))
        second = bench.update("e2")
        outcome = await bench.ended(first)
        assert (outcome["outcome"], outcome["attempts"], outcome["revision"]) == ("superseded", 1, 3)
        assert bench.called() == []
        assert await outcomes(bench, second) == ["published"]
    assert bench.called() == ["e2"]


async def test_one_whose_call_ends_in_a_hold_is_replaced_by_what_was_read_meanwhile(bench: Bench) -> None:
    bench.simulator.faults.add(faults.Status(status=404))
    async with bench.running() as replica:
        first = bench.update("e1")
        await bench.until(lambda: "intent" in bench.kinds(first), turning=0)
        for log in bench.broker.ledger:
            log.spoil(Ack.LATE)
        await bench.until(lambda: bench.hold("route/score"), turning=0)
        second = bench.update("e2")
        await bench.until(lambda: replica.metric("bridge_triggers_waiting", brand="acme") == 2, turning=0)
        for log in bench.broker.ledger:
            log.release_acks()
        assert await outcomes(bench, first) == ["superseded"]
        await replica.board.release("route/score")
        assert await outcomes(bench, second) == ["published"]
    assert bench.called() == ["e2"]


async def test_one_in_doubt_that_waits_for_another_attempt_ends_as_unknown(bench: Bench) -> None:
    first, _ = await orphaned(bench, on_unknown=OnUnknown.RESEND, **UPDATE)
    async with bench.running() as replica:
        bench.hold_all(replica)
        await bench.until(lambda: "unknown" in bench.kinds(first))
        second = bench.update("e2")
        outcome = await bench.ended(first)
        assert (outcome["outcome"], outcome["possible_duplicate"]) == ("unknown", True)
        assert "event e2" in outcome["reason"]
        replica.board.learn("hold/all", None)
        assert await outcomes(bench, second) == ["published"]
    assert bench.called() == ["e1", "e2"]


async def test_late_news_that_one_was_never_called_does_not_call_it_after_a_newer_one(bench: Bench) -> None:
    first, intent = await orphaned(bench, **UPDATE)
    async with bench.running():
        second = bench.update("e2")
        assert await outcomes(bench, first, second) == ["unknown", "published"]
    async with bench.running() as replica:  # and the newer one is known no more
        bench.hold_all(replica)
        late(bench, "m1", Released(first, intent.about, intent.attempt, "it was never sent"))
        await bench.until(lambda: (bench.outcome(first) or {})["outcome"] == "superseded")
        replica.board.learn("hold/all", None)
        await bench.settled()
    assert bench.called() == ["e1", "e2"]  # the first is what this test says did not happen


async def test_late_news_lets_one_be_called_that_nothing_newer_replaces(bench: Bench) -> None:
    first, intent = await orphaned(bench, **UPDATE)
    async with bench.running():
        other = bench.update("e2", topic_key="others")
        assert await outcomes(bench, first, other) == ["unknown", "published"]
        late(bench, "m1", Released(first, intent.about, intent.attempt, "it was never sent"))
        await bench.until(lambda: (bench.outcome(first) or {})["outcome"] == "published")


async def test_a_verdict_replaces_nothing(bench: Bench) -> None:
    async with bench.running() as replica:
        bench.hold_all(replica)
        first = bench.update("e1")
        bad = bench.update("e2", verdict=Rejected("no score"))
        assert await outcomes(bench, bad) == ["rejected"]
        replica.board.learn("hold/all", None)
        assert await outcomes(bench, first) == ["published"]


async def test_one_that_is_too_old_replaces_nothing(bench: Bench) -> None:
    async with bench.running() as replica:
        bench.hold_all(replica)
        first, stale = bench.update("e1"), bench.update("e2", expires_in=-1)
        assert await outcomes(bench, stale) == ["expired"]
        replica.board.learn("hold/all", None)
        assert await outcomes(bench, first) == ["published"]


async def test_what_a_person_had_repeated_neither_replaces_nor_is_replaced(bench: Bench) -> None:
    first, _ = await orphaned(bench, **UPDATE)
    async with bench.running() as replica:
        assert await outcomes(bench, first) == ["unknown"]
        bench.hold_all(replica)
        second = bench.update("e2")
        again = bench.repeat(first)
        third = bench.update("e3")
        await bench.pile_up(replica, 2)
        assert await outcomes(bench, second) == ["superseded"]
        replica.board.learn("hold/all", None)
        assert await outcomes(bench, again, third) == ["published", "published"]


async def test_a_parked_one_is_replaced_after_a_takeover_and_its_end_is_reported(bench: Bench) -> None:
    async with bench.running(dispatch={"park_after": "2s"}) as replica:
        bench.hold_all(replica)
        first = bench.update("e1")
        await bench.until(lambda: bench.kinds(first) == ["parked"])
    async with bench.running() as replica:
        bench.hold_all(replica)
        second = bench.update("e2")
        assert await outcomes(bench, first) == ["superseded"]
        await bench.until(lambda: bench.kinds(first) == ["parked", "dropped", "reported"])
        replica.board.learn("hold/all", None)
        assert await outcomes(bench, second) == ["published"]
    assert bench.called() == ["e2"]


async def test_a_newer_one_that_waits_in_the_ledger_is_not_called_before_an_older_one_was_read_again(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The owner died when the newer one was parked, and the end of the older one was not written.
    async with bench.running(dispatch={"park_after": "2s"}) as replica:
        bench.hold_all(replica)
        first = bench.update("e1")
        await bench.pile_up(replica, 1)
        second = bench.update("e2")
        await bench.until(lambda: bench.kinds(second) == ["parked"])
    for log in bench.broker.ledger:
        kept = [raw for raw in log.records if raw.key != first.encode()]
        log.records[:] = [LogRecord(at, raw.timestamp, raw.key, raw.value) for at, raw in enumerate(kept)]
    bench.broker.committed.clear()
    bench.broker.results.clear()
    replica = bench.replica()
    resume = replica.consumer.resume
    monkeypatch.setattr(replica.consumer, "resume", lambda _partitions: None)  # nothing is read for a while
    async with replica.running(range(PARTITIONS)):
        await bench.settled()
        assert bench.called() == []
        resume(replica.consumer.assignment())
        assert await outcomes(bench, first, second) == ["superseded", "published"]
    assert bench.called() == ["e2"]


async def test_replicas_killed_again_and_again_never_go_back_to_an_older_one(bench: Bench) -> None:
    updates: list[str] = []
    for life in range(5):
        async with bench.running(dispatch={"park_after": "2s"}) as replica:
            bench.hold_all(replica)
            updates += [bench.update(f"e{life}-{number}") for number in range(4)]
            await bench.pile_up(replica, 1)
            replica.board.learn("hold/all", None)
            await bench.until(lambda life=life: any(name.startswith(f"e{life}-") for name in bench.called()))  # type: ignore[misc]  # a default binds it
    async with bench.running():
        told = await outcomes(bench, *updates)
    assert set(told) <= {"published", "superseded", "unknown"}
    called = bench.called()
    assert called == sorted(set(called))


async def test_an_end_that_may_not_have_been_written_is_written_before_the_newer_one_has_its_intent(
    bench: Bench,
) -> None:
    async with bench.running() as replica:
        bench.hold_all(replica)
        first = bench.update("e1")
        await bench.pile_up(replica, 1)
        for log in bench.broker.ledger:
            log.spoil(Ack.UNCERTAIN_LOST)
        second = bench.update("e2")
        replica.board.learn("hold/all", None)
        assert await outcomes(bench, first, second) == ["superseded", "published"]
    told = [decode(raw.value).record for log in bench.broker.ledger for raw in log.records]
    (ended,) = (at for at, one in enumerate(told) if isinstance(one, Dropped))
    (began,) = (at for at, one in enumerate(told) if isinstance(one, Intent))
    assert ended < began


async def test_what_waits_for_a_limit_is_replaced_and_counts_no_calls(bench: Bench) -> None:
    limit = Limit(1, 600_000, "route")
    async with bench.running() as replica:
        assert await outcomes(bench, bench.update("e0", limit=limit)) == ["published"]
        first = bench.update("e1", limit=limit)
        await bench.until(lambda: bench.hold("route/score"))
        second = bench.update("e2", limit=limit)
        assert await outcomes(bench, first) == ["superseded"]
        await replica.board.release("route/score")
        assert await outcomes(bench, second) == ["published"]
    assert bench.called() == ["e0", "e2"]
