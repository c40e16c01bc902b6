"""A route with `supersede_by`: what a newer event makes needless is not sent, and is accounted for."""

from typing import Any

import orjson
from service.conftest import Services
from service.replica import until
from service.story import event

TEAM = {"id": "GER", "name": "a team"}


def updates(numbers: range) -> list[dict[str, Any]]:
    return [event(number, team=TEAM, minute=number) for number in numbers]


async def test_of_the_updates_that_a_hold_kept_waiting_only_the_newest_is_sent(services: Services) -> None:
    async with services() as service:
        routes = service.routes()
        routes["routes"][0]["supersede_by"] = "{team.id}"
        service.configure(routes)
        replica = await service.start("a")
        await service.verb("hold", "route/goal-acme", "--reason", "a test")
        await until(lambda: replica.counted("bridge_hold_active", "scope", reason="operator"))
        await service.publish_records(*({"value": orjson.dumps(one), "partition": 0} for one in updates(range(5))))
        await service.has_outcomes(4)
        replica.kill()
        await replica.ended()

        replica = await service.start("b")
        await service.publish_records(*({"value": orjson.dumps(one), "partition": 0} for one in updates(range(5, 8))))
        await service.publish(event(8, team={"id": "ARG", "name": "another"}))
        await service.has_outcomes(7)
        await service.verb("release", "route/goal-acme")
        await service.is_done(9)

        account = await service.account()
        account.check()
        assert account.outcomes == {"superseded": 7, "published": 2}
        assert {execution.context["event"] for execution in account.executions} == {"e7", "e8"}
        told = await service.verb("outcomes", "e0")
        assert "Outcome: superseded: replaced by event e" in told
        assert "In order: every trigger has exactly one outcome" in await service.verb("audit", "--from", "10m")
