"""Triggers whose topic does not exist yet, with an endpoint of a user's own that makes it, over real HTTP."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from dispatch.bench import PARTITIONS, Bench
from dispatch.orphans import late
from dispatch.test_takeover import forget_last
from msgspec import structs
from provisioning.endpoint import TopicsService, topics_service
from provisioning.test_provisioner import MADE, provisioner

from bridge.ledger.records import Intent, Released
from bridge.simulator import faults
from bridge.triggers import OnUnknown, Unmapped, partition_of

LACKS = Unmapped("teams", "CRC", "route goal: lookup teams has no entry for CRC", topic=True)


@asynccontextmanager
async def made_by(bench: Bench, *answers: Any) -> AsyncIterator[TopicsService]:
    async with topics_service(*answers) as service, provisioner(service, bench.clock) as asks:
        # Time runs ahead here.
        asks._endpoint = replace(asks._endpoint, timeout=3600, patience=7200)
        bench.topics = asks
        yield service


def lacking(bench: Bench, name: str, **changes: Any) -> str:
    return bench.publish(name, topic_key="", verdict=LACKS, **changes)


def topics_called(bench: Bench) -> list[str]:
    return [made.topic_key for made in bench.simulator.executions]


async def test_the_trigger_is_called_for_the_topic_that_comes_back(bench: Bench) -> None:
    async with made_by(bench, MADE) as service, bench.running():
        trigger = lacking(bench, "e1")
        outcome = await bench.ended(trigger)
    assert (outcome["outcome"], outcome["topic_key"], outcome["missing"]) == ("published", "00000000-c0c0", None)
    assert topics_called(bench) == ["00000000-c0c0"]
    assert len(service.asked) == 1
    assert bench.kinds(trigger) == ["intent", "accepted", "ended"]


async def test_where_nobody_makes_it_the_outcome_says_what_is_missing_and_why(bench: Bench) -> None:
    async with bench.running():
        alone = await bench.ended(lacking(bench, "alone"))
    assert (alone["outcome"], alone["reason"]) == ("unmapped", LACKS.reason)
    assert alone["missing"] == {"lookup": "teams", "key": "CRC"}
    async with made_by(bench, (404, "no such team")), bench.running():
        refused = await bench.ended(lacking(bench, "refused"))
    assert (refused["outcome"], refused["missing"]) == ("unmapped", alone["missing"])
    assert refused["reason"] == f'{LACKS.reason}; it answered 404: "no such team"'
    assert bench.called() == []


async def test_one_that_lacks_more_than_its_topic_is_not_asked_for(bench: Bench) -> None:
    async with made_by(bench, MADE) as service, bench.running():
        more = bench.publish("e1", verdict=structs.replace(LACKS, topic=False))
        assert (await bench.ended(more))["outcome"] == "unmapped"
        await bench.settled(5)
    assert (service.asked, bench.called()) == ([], [])


async def test_one_that_is_too_old_to_be_called_is_not_asked_for(bench: Bench) -> None:
    async with made_by(bench, MADE) as service:
        trigger = lacking(bench, "e1", expires_in=1.0)
        bench.clock.turn(5)
        async with bench.running():
            assert (await bench.ended(trigger))["outcome"] == "unmapped"
    assert service.asked == []


async def test_others_go_on_while_it_is_asked_for(bench: Bench) -> None:
    answered = asyncio.Event()
    async with made_by(bench, answered.wait, (404, "no")), bench.running():
        trigger = lacking(bench, "waits")
        for number in range(5):
            assert (await bench.ended(bench.publish(f"e{number}")))["outcome"] == "published"
        assert bench.results(trigger) == []
        answered.set()
        assert (await bench.ended(trigger))["outcome"] == "unmapped"


async def test_its_place_is_not_committed_before_and_the_next_owner_asks_again(bench: Bench) -> None:
    never = asyncio.Event()
    async with made_by(bench, never.wait) as service:
        async with bench.running():
            trigger = lacking(bench, "e1")
            await bench.until(lambda: service.asked)
            await bench.settled(0.2)
        assert bench.committed() == 0
        assert bench.kinds(trigger) == []
        never.set()
    async with made_by(bench, MADE), bench.running():
        assert (await bench.ended(trigger))["outcome"] == "published"
    assert topics_called(bench) == ["00000000-c0c0"]


async def test_a_topic_that_comes_when_the_partition_was_given_away_is_for_the_next_owner(bench: Bench) -> None:
    answered = asyncio.Event()
    async with made_by(bench, answered.wait, MADE) as service, bench.running() as replica:
        trigger = lacking(bench, "e1")
        await bench.until(lambda: service.asked)
        replica.consumer.give([])
        await bench.settled(2)
        answered.set()
        await bench.until(lambda: len(service.asked) == 2)
        await bench.settled(2)
        assert (bench.calls(), bench.kinds(trigger)) == (0, [])
        replica.consumer.give(range(PARTITIONS))
        assert (await bench.ended(trigger))["outcome"] == "published"
    assert topics_called(bench) == ["00000000-c0c0"]


async def test_a_refusal_that_comes_when_the_partition_was_given_away_ends_nothing(bench: Bench) -> None:
    answered = asyncio.Event()
    async with made_by(bench, answered.wait, (404, "no")) as service, bench.running() as replica:
        trigger = lacking(bench, "e1")
        await bench.until(lambda: service.asked)
        replica.consumer.give([])
        await bench.settled(2)
        bench.topics = None
        answered.set()
        await bench.until(lambda: len(service.asked) == 2)
        await bench.settled(2)
        assert (bench.kinds(trigger), bench.results(trigger)) == ([], [])


async def test_a_late_release_lets_it_be_called_for_the_topic_that_its_attempt_had(bench: Bench) -> None:
    async with made_by(bench, MADE), bench.running():
        trigger = lacking(bench, "e1")
        await bench.ended(trigger)
    intent = next(record for record in bench.lines(trigger) if isinstance(record, Intent))
    bench.topics = None
    log = bench.broker.ledger[partition_of(None, "e1", PARTITIONS)]
    forget_last(log, b'"ended"')
    forget_last(log, b'"accepted"')
    async with bench.running():
        await bench.until(lambda: (bench.outcome(trigger) or {})["revision"] and "unknown" in bench.kinds(trigger))
        late(bench, "e1", Released(trigger, intent.about, intent.attempt, "it was never sent"))
        await bench.until(lambda: len(topics_called(bench)) == 2)
    assert topics_called(bench) == ["00000000-c0c0"] * 2


async def test_a_topic_that_comes_too_late_is_for_an_expired_trigger(bench: Bench) -> None:
    answered = asyncio.Event()

    async with made_by(bench, answered.wait, MADE), bench.running():
        trigger = lacking(bench, "e1", expires_in=1.0)
        await bench.settled(2.0)
        answered.set()
        assert (await bench.ended(trigger))["outcome"] in {"expired", "unmapped"}
    assert bench.called() == []


async def test_another_attempt_is_made_for_the_same_topic_also_by_the_next_owner(bench: Bench) -> None:
    bench.simulator.faults.add(faults.Status(on="run", status=500, made=False, count=1))
    async with made_by(bench, MADE) as service:
        async with bench.running():
            trigger = lacking(bench, "e1", on_unknown=OnUnknown.RESEND)
            await bench.until(lambda: "unknown" in bench.kinds(trigger))
        asked = len(service.asked)
        bench.topics = None
        async with bench.running():
            outcome = await bench.ended(trigger)
            assert (outcome["outcome"], outcome["possible_duplicate"]) == ("published", True)
    assert topics_called(bench) == ["00000000-c0c0"]
    assert asked == 1


async def test_one_that_is_read_again_is_called_once(bench: Bench) -> None:
    async with made_by(bench, (202, {}), MADE), bench.running():
        first, again = lacking(bench, "e1"), lacking(bench, "e1")
        assert first == again
        await bench.ended(first)
        later = lacking(bench, "e1")
        await bench.settled(5)
        assert later == first
        await bench.until(lambda: bench.committed() == 3)
    assert topics_called(bench) == ["00000000-c0c0"]
