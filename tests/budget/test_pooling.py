"""Budgets that are shared through a real Redis, which is restarted, frozen, flushed, and refuses."""

import asyncio
import time

from budget.cable import Cable
from budget.server import RedisServer
from budget.sharers import LIMIT, WHOLE, Sharer, ShiftedClock, together, working, worst_second
from redis.asyncio import Redis
from waiting import eventually

# Slots are at least 1/475 s apart; what comes late, by 5 ms at most, may stand closer.
_LATE = 3


def sharers(url: str, name: str, count: int = 3, *, strict: bool = False) -> list[Sharer]:
    """Replicas on machines whose clocks have nothing to do with one another."""
    clocks = [ShiftedClock(), ShiftedClock(1e5, 2e-4), ShiftedClock(-37.5, -2e-4)]
    return [Sharer(url, number, name=name, clock=clocks[number % 3], strict=strict) for number in range(count)]


async def all_shared(replicas: list[Sharer]) -> None:
    await eventually(lambda: all(one.shared() for one in replicas))


async def more(replicas: list[Sharer], slots: int = 50) -> None:
    """Wait until that many more slots were used by each."""
    before = [len(one.at) for one in replicas]
    await eventually(
        lambda: all(len(one.at) >= count + slots for one, count in zip(replicas, before, strict=True)), within=30
    )


async def passing(seconds: float) -> None:
    """So much time, on whatever machine."""
    began = time.monotonic()
    await eventually(lambda: time.monotonic() - began > seconds)


async def test_three_replicas_together_use_the_rate_and_no_more(redis_url: str, unique: str) -> None:
    replicas = sharers(redis_url, unique)
    async with working(replicas):
        await all_shared(replicas)
        began = time.monotonic()
        await passing(3)
    taken = [at for at in together(replicas) if at >= began]
    assert worst_second(taken) <= WHOLE + 1 + _LATE
    lost = sum(one.shows("slots_missed_total") or 0 for one in replicas)
    assert len(taken) + lost >= 0.94 * WHOLE * (taken[-1] - began)
    assert all(one.fallbacks() == 0 for one in replicas)


async def test_a_replica_that_is_busy_uses_what_the_others_do_not(redis_url: str, unique: str) -> None:
    busy, *quiet = replicas = sharers(redis_url, unique)
    async with working(quiet, askers=0), working([busy]):
        for one in replicas:
            one.budget.share(1, 3)
        await all_shared(replicas)
        began = time.monotonic()
        await passing(2)
    taken = [at for at in busy.at if at >= began + 0.5]
    assert len(taken) > 0.5 * WHOLE * (taken[-1] - taken[0])  # its own share is a third
    assert worst_second(taken) <= WHOLE + 1 + _LATE


async def test_what_is_lent_is_only_the_share_of_those_that_are_there(redis_url: str, unique: str) -> None:
    """The others may use theirs without Redis, as while it is introduced replica by replica."""
    (one,) = sharers(redis_url, unique, 1)
    async with working([one]):
        one.budget.share(1, 4)
        await all_shared([one])
        began = time.monotonic()
        await passing(2)
    assert worst_second([at for at in one.at if at >= began + 0.5]) <= WHOLE / 4 + 1 + _LATE


async def test_a_restart_keeps_the_limit_and_is_got_over(own_redis: RedisServer, unique: str) -> None:
    replicas = sharers(own_redis.url, unique)
    async with working(replicas):
        await all_shared(replicas)
        await more(replicas)
        own_redis.stop()
        await eventually(lambda: all(one.fallbacks() == 1 for one in replicas))
        await more(replicas)  # of their own shares
        own_redis.start()
        await all_shared(replicas)
        await more(replicas)
    assert worst_second(together(replicas)) <= LIMIT
    for one in replicas:
        said = one.said()
        assert [("not shared" in line, "fell back" in line) for line in said].count((False, True)) == 1
        assert "shared through Redis" in said[0]
        assert "shared through Redis" in said[-1]
        assert len(said) <= 8  # a line for each change, and none for a slot


async def test_a_flushed_redis_forgets_slots_and_gives_none_twice(own_redis: RedisServer, unique: str) -> None:
    replicas = sharers(own_redis.url, unique)
    async with Redis.from_url(own_redis.url, protocol=2) as redis, working(replicas):
        await all_shared(replicas)
        for _ in range(5):
            await more(replicas)
            await redis.flushall()
            await redis.script_flush()
        await more(replicas)
    assert worst_second(together(replicas)) <= LIMIT


async def test_a_redis_that_hangs_stops_calls_for_a_moment_and_lets_none_through_twice(
    own_redis: RedisServer, unique: str
) -> None:
    replicas = sharers(own_redis.url, unique)
    async with working(replicas):
        await all_shared(replicas)
        await more(replicas)
        for seconds in (0.15, 1.0, 3.0):
            own_redis.freeze()
            await passing(seconds)
            own_redis.thaw()
            await more(replicas)
            await all_shared(replicas)
    assert worst_second(together(replicas)) <= LIMIT


async def test_who_alone_loses_redis_goes_on_with_its_own_share_and_the_others_with_theirs(
    own_redis: RedisServer, unique: str
) -> None:
    others = sharers(own_redis.url, unique, 2)
    async with Cable(own_redis.port).laid() as cable:
        lost = Sharer(f"redis://127.0.0.1:{cable.port}", 2, name=unique)
        replicas = [*others, lost]
        async with working(replicas):
            await all_shared(replicas)
            await more(replicas)
            cable.cut()
            await eventually(lambda: lost.fallbacks() == 1)
            await more(replicas)
            await passing(1.5)
            cable.mend()
            await all_shared(replicas)
            await more(replicas)
    assert [one.fallbacks() for one in others] == [0, 0]
    assert worst_second(together(replicas)) <= LIMIT


async def test_who_the_group_has_lost_lends_nothing(redis_url: str, unique: str) -> None:
    """Its partitions may be another's by now, who lends them too."""
    one, other = sharers(redis_url, unique, 2)
    async with working([one, other]):
        await all_shared([one, other])
        one.fresh = False
        await passing(1.0)
        began = time.monotonic()
        await passing(1.5)
    assert worst_second([at for at in other.at if at >= began]) <= WHOLE / 2 + 1 + _LATE


async def test_strict_stops_while_redis_is_away(own_redis: RedisServer, unique: str) -> None:
    replicas = sharers(own_redis.url, unique, 2, strict=True)
    async with working(replicas):
        await all_shared(replicas)
        await more(replicas)
        own_redis.stop()
        await eventually(lambda: not any(one.shared() for one in replicas))
        began = time.monotonic()
        await passing(2)
        # Slots that were reserved may still be used.
        assert all(one.at[-1] < began + 0.5 for one in replicas)
        assert all(one.budget.rate("acme") == 0 for one in replicas)
        own_redis.start()
        await more(replicas)
    assert all(one.fallbacks() == 0 for one in replicas)
    assert any("nothing is called until it is back" in line for line in replicas[0].said())


async def test_what_came_while_strict_stopped_goes_on_when_redis_is_back(own_redis: RedisServer, unique: str) -> None:
    (one,) = sharers(own_redis.url, unique, 1, strict=True)
    async with working([one], askers=0):
        await all_shared([one])
        own_redis.stop()
        await eventually(lambda: not one.shared())
        async with asyncio.TaskGroup() as group:
            room = group.create_task(one.budget.room("acme"))
            await passing(0.3)
            assert not room.done()
            own_redis.start()
            async with asyncio.timeout(20):
                assert await room > 0
