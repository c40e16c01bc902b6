"""How often executions are asked about, as the vendor counts it."""

import asyncio

import pytest
from service.conftest import Services
from service.story import vendor

_PER_SECOND = 25.0
_FLOWS = 30.0
# Until then nothing, or little, is known of how long executions take.
_LEARNED_AFTER = 14_000


@pytest.mark.slow
@pytest.mark.timeout(240)
async def test_executions_of_5_to_12_seconds_are_polled_twice_at_most(services: Services) -> None:
    async with services(vendor(time_to_end=(5_000, 12_000))) as service:
        replica = await service.start("a", BRIDGE_RECONCILE__FIRST_POLL="5s", BRIDGE_RECONCILE__MAX_INTERVAL="30s")
        async with service.flow(_PER_SECOND) as published:
            await asyncio.sleep(_FLOWS)
        await service.is_done(len(published), within=60)
        account = await service.account()
        assert await replica.stop() == 0
    began = min(one.at for one in account.executions)
    polls = [one.polls for one in account.executions if one.at - began > _LEARNED_AFTER]
    assert len(polls) > 200
    assert {result["outcome"] for result in account.results} == {"published"}
    assert sum(polls) / len(polls) <= 2.0, f"of {len(polls)} executions"
    assert service.vendor.report().violations.total == 0
