"""A 429 that one replica gets stops all of them, and then they go on without a burst."""

from contextlib import ExitStack

import pytest
from budget.server import RedisServer
from load.conftest import Fleets
from load.throttled import RETRY_AFTER, Throttled, throttle
from load.void import valid
from service.story import vendor


@pytest.mark.slow
@pytest.mark.parametrize("shared", [pytest.param(False, id="by partitions"), pytest.param(True, id="through Redis")])
async def test_nobody_calls_or_polls_the_brand_until_retry_after_is_over(fleets: Fleets, *, shared: bool) -> None:
    async def run(number: int) -> Throttled:
        with ExitStack() as stack:
            settings = {}
            if shared:
                settings["BRIDGE_BUDGET__REDIS_URL"] = stack.enter_context(RedisServer()).url
            async with fleets(vendor(latency=20, jitter=20), part=number, settings=settings) as fleet:
                return await throttle(fleet, 3)

    seen = await valid(run)
    assert seen.before > 100, "they were at full speed"
    assert seen.during == []
    assert seen.resumed >= RETRY_AFTER * 1000
    assert seen.worst_second <= 500
    assert seen.throttled == 1
