"""Topics that were there long before the service, and are read again."""

from typing import Any

import orjson
from service.account import Account
from service.conftest import Services
from service.service import PARTITIONS, SOURCE_PARTITIONS
from service.story import event

from bridge.clock import SystemClock
from bridge.durations import format_instant

_MINUTE = 60_000
_DAY = 24 * 60 * _MINUTE
_EVENTS = 2000
# The routes' expires_after is 5 minutes.
_FRESH_FROM = _EVENTS - 10


def aged(number: int, age: int) -> dict[str, Any]:
    """The record of an event that happened, and was published, `age` milliseconds ago."""
    at = SystemClock().now() - age
    return {"value": orjson.dumps(event(number, occurred_at=format_instant(at))), "timestamp_ms": at}


def seven_days() -> list[dict[str, Any]]:
    """From 7 days ago to 10 minutes ago; then one every 10 seconds, from 100 seconds ago."""
    step = (7 * _DAY - 10 * _MINUTE) // _FRESH_FROM
    return [aged(number, 7 * _DAY - number * step) for number in range(_FRESH_FROM)] + [
        aged(number, (_EVENTS - number) * 10_000) for number in range(_FRESH_FROM, _EVENTS)
    ]


def called(account: Account) -> list[str]:
    return sorted(execution.context["event"] for execution in account.executions)


async def test_seven_days_of_events_call_nobody_late_at_the_first_start_and_nobody_twice_when_read_again(
    services: Services,
) -> None:
    fresh = sorted(f"e{number}" for number in range(_FRESH_FROM, _EVENTS))
    async with services(source_settings={"retention.ms": "-1"}) as service:
        await service.publish_records(*seven_days())
        replica = await service.start("first")
        await service.has_outcomes(len(fresh))
        assert await replica.stop() == 0
        first = await service.account()
        assert called(first) == fresh
        first.check()

        await service.reset_offsets("intake", service.source, SOURCE_PARTITIONS)
        await service.reset_offsets("dispatch", f"{service.name}.triggers", PARTITIONS)
        await service.start("again")
        await service.is_done(_EVENTS)
        again = await service.account()
        assert called(again) == fresh
        again.check()
        assert again.outcomes == {"published": len(fresh), "expired": _EVENTS - len(fresh)}
        assert len({trigger["event_id"] for trigger in again.triggers}) == _EVENTS
