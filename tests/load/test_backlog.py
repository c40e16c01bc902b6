"""The service was away for an hour, and its events were not."""

from collections import defaultdict
from typing import Any

import orjson
import pytest
from load.conftest import Fleets
from load.tables import age_when_called, by_route, route, table
from service.service import SOURCE_PARTITIONS
from service.story import event, vendor

from bridge.clock import SystemClock
from bridge.durations import format_instant, parse_duration

HOUR = 3_600_000
EVENTS, MATCHES = 4_000, 25
EXPIRES = {"brief": "10m", "long": "2h"}
ROUTES = [route(name, expires_after=after) for name, after in EXPIRES.items()]


def published(number: int, now: int) -> dict[str, Any]:
    """The n-th event of the hour before now, of one of two routes."""
    at = now - HOUR + number * HOUR // EVENTS
    kind = "brief" if number % 2 else "long"
    return event(number, type=kind, match=f"m{number * 7 % MATCHES}", occurred_at=format_instant(at))


@pytest.mark.slow
async def test_after_an_hour_what_expired_is_expired_nothing_stale_is_sent_and_the_rest_goes_in_order(
    fleets: Fleets,
) -> None:
    now = SystemClock().now()
    async with fleets(vendor(), routes=lambda topic: table(topic, ROUTES, order_by="match")) as fleet:
        every = [published(number, now) for number in range(EVENTS)]
        # A producer keys by match, so that its events stay in order; the records are as old as the events.
        await fleet.service.publish_records(
            *(
                {
                    "value": orjson.dumps(one),
                    "partition": int(one["match"][1:]) % SOURCE_PARTITIONS,
                    "timestamp_ms": now - HOUR + number * HOUR // EVENTS,
                }
                for number, one in enumerate(every)
            )
        )
        await fleet.start(3)
        await fleet.service.is_done(EVENTS, within=120)
        account = await fleet.account()
    account.check()
    calls = by_route(account.executions)
    for name, after in EXPIRES.items():
        assert max(map(age_when_called, calls[name])) < parse_duration(after), "nothing stale is sent"
    outcomes = {(one["route"], one["event_id"]): one["outcome"] for one in account.final.values()}
    by_match = defaultdict(list)
    for one in account.executions:
        by_match[every[int(one.context["event"][1:])]["match"]].append(int(one.context["event"][1:]))
    assert all(numbers == sorted(numbers) for numbers in by_match.values()), "in order for each match"
    assert len(by_match) == MATCHES
    assert {outcome for (name, _), outcome in outcomes.items() if name == "long"} == {"published"}
    brief = [outcomes["brief", f"e{number}"] for number in range(1, EVENTS, 2)]
    dead = brief.index("published")
    assert brief == ["expired"] * dead + ["published"] * (len(brief) - dead)
    assert dead >= len(brief) * 5 // 6, "those of the first fifty minutes"
    assert dead < len(brief) - 100, "not those of the last minutes"
