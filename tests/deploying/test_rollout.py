"""A rollout of three replicas under load, in the chart's way: a new one is ready before an old one is told to go."""

from datetime import datetime

import pytest
from service.conftest import Services, all_services, services
from service.replica import Replica

__all__ = ["all_services", "services"]

pytestmark = pytest.mark.slow

_PER_SECOND = 150


async def test_a_rollout_calls_nobody_twice_and_leaves_nothing_unknown(services: Services) -> None:
    async with services() as service:
        old = [await service.start(name) for name in ("a", "b", "c")]
        async with service.flow(_PER_SECOND) as published:
            await service.has_outcomes(_PER_SECOND)
            for replica in old:
                await service.start(f"{replica.name}-new")
                assert await replica.stop() == 0, f"{replica.name} did not drain"
            at_the_end = len(published)
            await service.has_outcomes(at_the_end + _PER_SECOND, within=60)
        await service.is_done(len(published), within=60)
        account = await service.account()
        account.check()
        assert len(account.executions) == len(published)
        assert account.outcomes == {"published": len(published)}
        worst = max(_waited(result["times"]) for result in account.results)
        print(f"{len(published)} events, three rollouts of one replica each; from event to call at most {worst:.1f} s")  # noqa: T201 - shown with -rA
        assert not any(_failed(replica) for replica in service.replicas)


def _waited(times: dict[str, str]) -> float:
    """Seconds from event to call."""
    return (datetime.fromisoformat(times["called"]) - datetime.fromisoformat(times["event"])).total_seconds()


def _failed(replica: Replica) -> bool:
    return bool(replica.lines("the process ends"))
