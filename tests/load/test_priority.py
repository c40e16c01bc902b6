"""Urgent events overtake a backlog."""

import pytest
from load.conftest import Fleets
from load.priority import overtake, routes
from service.story import vendor

# What may leave in 250 ms at the full rate.
IN_250_MS = 119


@pytest.mark.slow
async def test_an_urgent_event_is_called_before_what_250_ms_of_a_backlog_of_20_000_would_be(fleets: Fleets) -> None:
    async with fleets(vendor(latency=20, jitter=20), routes=routes) as fleet:
        seen = await overtake(fleet, 3, 20_000, 10)
    assert len(seen.behind) > 50
    assert seen.low_left > 10_000, "all the time there was a backlog"
    assert max(seen.overtaken_by) <= IN_250_MS, seen
