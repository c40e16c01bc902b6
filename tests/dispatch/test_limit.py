"""A route's own limit: a broken producer must not reach every phone."""

from collections import Counter

from dispatch.bench import PARTITIONS, Bench

from bridge.holds.model import Reason
from bridge.simulator import faults
from bridge.triggers import Limit, partition_of

BY_KEY = Limit(5, 600_000, "topic_key")
BY_ROUTE = Limit(5, 600_000, "route")


def flood(bench: Bench, count: int, limit: Limit, *, topic_key: str = "k", route: str = "goal", start: int = 0) -> None:
    for number in range(start, start + count):
        bench.publish(f"{route}{number}", topic_key=topic_key, route=route, limit=limit)


def called_by_partition(bench: Bench) -> list[int]:
    """Calls by triggers partition; there an event is its own dedup key."""
    counts = [0] * PARTITIONS
    for event in bench.called():
        counts[partition_of(None, event, PARTITIONS)] += 1
    return counts


async def held(bench: Bench, route: str = "goal") -> None:
    await bench.until(lambda: (hold := bench.hold(f"route/{route}")) is not None and hold.reason is Reason.LIMIT)


async def test_a_flood_for_one_topic_key_ends_at_the_limit_and_holds_the_route_with_a_reason(bench: Bench) -> None:
    async with bench.running():
        flood(bench, 200, BY_KEY)
        await held(bench)
        await bench.settled(20)
        other = bench.publish("other", route="start")
        assert (await bench.ended(other))["outcome"] == "published"
    flooded = [event for event in bench.called() if event != "other"]
    by_partition = Counter(partition_of(None, event, PARTITIONS) for event in flooded)
    assert max(by_partition.values()) == 5  # the first partition that gets there holds the route everywhere
    hold = bench.hold("route/goal")
    assert hold is not None
    assert "5 calls for one topic key within 10m" in hold.detail
    assert "is a producer broken?" in hold.detail


async def test_the_limit_counts_by_route_or_by_topic_key(bench: Bench) -> None:
    async with bench.running():
        for number in range(30):
            bench.publish(f"keys{number}", topic_key=f"k{number}", route="goal", limit=BY_KEY)
        await bench.until(lambda: len(bench.called()) == 30)
        for number in range(30):
            bench.publish(f"route{number}", topic_key=f"k{number}", route="start", limit=BY_ROUTE)
        await held(bench, "start")
        await bench.settled(10)
    assert 5 <= len([event for event in bench.called() if event.startswith("route")]) <= 10


async def test_what_lies_further_back_does_not_count(bench: Bench) -> None:
    async with bench.running():
        flood(bench, 5, BY_ROUTE)
        await bench.until(lambda: len(bench.called()) == 5)
        await bench.settled(601)
        flood(bench, 3, BY_ROUTE, start=5)
        await bench.until(lambda: len(bench.called()) == 8)
    assert bench.hold("route/goal") is None


async def test_the_next_owner_counts_what_its_predecessor_called(bench: Bench) -> None:
    async with bench.running():
        flood(bench, 5, BY_ROUTE)
        await bench.until(lambda: len(bench.called()) == 5)
    async with bench.running():
        flood(bench, 20, BY_ROUTE, start=5)
        await held(bench)
        await bench.settled(10)
    assert all(count <= 5 for count in called_by_partition(bench))


async def test_a_route_that_a_person_lets_go_has_its_limit_anew(bench: Bench) -> None:
    async with bench.running() as replica:
        flood(bench, 40, BY_ROUTE)
        await held(bench)
        await bench.settled(5)
        before = called_by_partition(bench)
        await replica.board.release("route/goal")
        await bench.until(lambda: sum(called_by_partition(bench)) > sum(before))
        await held(bench)
        await bench.settled(5)
    after = called_by_partition(bench)
    assert all(now <= then + 5 for now, then in zip(after, before, strict=True))


async def test_attempts_without_an_effect_do_not_count(bench: Bench) -> None:
    bench.simulator.faults.add(faults.Status(status=429, count=4))
    async with bench.running():
        flood(bench, 5, BY_ROUTE)
        await bench.until(lambda: len(bench.called()) == 5)
    assert bench.calls("429") == 4
    assert bench.hold("route/goal") is None


async def test_a_new_configuration_of_the_route_lets_it_go(bench: Bench) -> None:
    async with bench.running():
        flood(bench, 40, BY_ROUTE)
        await held(bench)
    bench.fingerprints["goal"] = "goal-2"
    called = len(bench.called())
    async with bench.running():
        await bench.until(lambda: len(bench.called()) > called)
