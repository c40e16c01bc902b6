"""Three replicas with 30,000 triggers waiting: never above the limit, whatever becomes of replicas and Redis.

How near they come to it is for `make bench`.
"""

import asyncio
from collections.abc import Iterator

import pytest
from budget.server import RedisServer
from load.conftest import Fleets
from load.fleet import Fleet
from load.saturation import LIMIT, PLAYED, Disturb, Saturated, account_for, saturate
from load.void import valid

TRIGGERS = 30_000
SHARED = [pytest.param(False, id="by partitions"), pytest.param(True, id="through Redis")]
pytestmark = [pytest.mark.slow, pytest.mark.timeout(1_500)]


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    with RedisServer() as server:
        yield server


async def saturated(
    fleets: Fleets, redis: RedisServer | None, disturb: Disturb | None = None, *, unknown: int = 0
) -> None:
    """The first run that tells something. Whatever the machine's load: nothing lost and nothing called twice; and at most so
    many of which nobody can know.
    """

    async def run(number: int) -> Saturated:
        settings = {} if redis is None else {"BRIDGE_BUDGET__REDIS_URL": redis.url}
        async with fleets(PLAYED, part=number, settings=settings) as fleet:
            seen = await saturate(fleet, TRIGGERS, disturb)
            account = await account_for(fleet, TRIGGERS)
            assert account.outcomes["published"] >= TRIGGERS - unknown
            assert set(account.outcomes) <= {"published", "unknown"}
            return seen

    seen = await valid(run)
    assert seen.own_throttled == 0, seen
    assert seen.worst_second <= LIMIT, seen


@pytest.mark.parametrize("shared", SHARED)
async def test_no_rolling_second_is_above_the_limit(fleets: Fleets, redis: RedisServer, *, shared: bool) -> None:
    await saturated(fleets, redis if shared else None)


async def kill_and_start(fleet: Fleet) -> None:
    """SIGKILL for one, SIGTERM for another, SIGKILL again; each time another one takes its place."""
    for kills in (True, False, True):
        await asyncio.sleep(8)
        oldest = fleet.running[0]
        if kills:
            oldest.kill()
        else:
            assert await oldest.stop() == 0
        await fleet.start(1)


@pytest.mark.parametrize("shared", SHARED)
async def test_nor_is_it_while_replicas_are_killed_and_started(
    fleets: Fleets, redis: RedisServer, *, shared: bool
) -> None:
    await saturated(fleets, redis if shared else None, kill_and_start, unknown=200)


async def test_nor_is_it_while_redis_restarts(fleets: Fleets, redis: RedisServer) -> None:
    async def restart(_: Fleet) -> None:
        for away in (0.0, 4.0):
            await asyncio.sleep(12)
            redis.stop()
            await asyncio.sleep(away)
            redis.start()

    await saturated(fleets, redis, restart)
