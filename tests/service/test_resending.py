"""What a person has sent again, with the verb as a process on the running service: seen first, called once."""

import pytest
from kafka.cluster import read_topic
from service.account import Account
from service.conftest import Services
from service.service import Service
from service.story import event, table

from bridge.simulator.faults import Status
from bridge.triggers import repetition_id


async def triggers(service: Service) -> int:
    return len(await read_topic(service.kafka, f"{service.name}.triggers"))


async def resend(service: Service, *words: str, code: int = 0) -> str:
    return await service.verb("resend", *words, code=code, BRIDGE_ROUTES=str(service.folder / "routes.yaml"))


def called(account: Account) -> list[str]:
    return sorted(str(execution.context["event"]) for execution in account.executions)


async def test_an_unknown_one_is_shown_first_then_sent_once_however_often_it_is_asked_for(services: Services) -> None:
    async with services() as service:
        service.vendor.faults.add(Status(status=500, made=True))
        await service.start("a")
        await service.publish(event(1))
        await service.has_outcomes(1)
        (original,) = (await service.account()).final.values()
        assert original["outcome"] == "unknown"

        said = await resend(service, "e1")
        assert "SEND as repetition 1" in said
        assert "may reach the same people twice" in said
        assert "Nothing is written yet" in said
        assert await triggers(service) == 1

        await service.verb("hold", "all", "--reason", "so that the second is asked for while the first waits")
        assert "1 written" in await resend(service, "e1", "--yes")
        assert "asked for already" in await resend(service, "e1", "--yes")
        await service.verb("release", "all")
        await service.is_done(2)
        account = await service.account()
        again = account.final[repetition_id(original["trigger_id"], 1)]
        assert (again["outcome"], again["repeats"], again["possible_duplicate"]) == (
            "published",
            original["trigger_id"],
            True,
        )
        assert called(account) == ["e1", "e1"]
        assert await triggers(service) == 2

        said = await resend(service, "e1", "--yes", code=1)
        assert "it is published" in said
        assert "Nothing is sent." in said
        assert await triggers(service) == 2
        assert "In order" in await service.verb("audit", "--from", "10m", "--grace", "0s")


@pytest.mark.slow
async def test_an_expired_one_is_sent_with_a_new_expiry_only(services: Services) -> None:
    async with services() as service:
        await service.start("a")
        await service.publish(event(1, occurred_at="2026-01-01T00:00:00Z"), event(2))
        await service.is_done(2)
        assert "it is expired: to send it again, say --outcome expired" in await resend(service, "e1", code=1)
        chosen = ("--route", "goal-acme", "--outcome", "expired")
        assert "give --expires-after" in await resend(service, *chosen, "--yes")
        assert "longer than the dedup_window" in await resend(service, *chosen, "--expires-after", "25h", "--yes")
        assert await triggers(service) == 2

        assert "1 written" in await resend(service, *chosen, "--expires-after", "5m", "--yes")
        await service.is_done(3)
        account = await service.account()
        (again,) = (result for result in account.final.values() if result["repeats"])
        assert (again["outcome"], again["event_id"], again["possible_duplicate"]) == ("published", "e1", False)
        assert called(account) == ["e1", "e2"]


async def test_more_than_the_limit_is_refused_and_so_is_a_route_that_calls_nobody_any_more(services: Services) -> None:
    async with services() as service:
        service.vendor.faults.add(Status(status=500, made=False, count=2))
        await service.start("a")
        await service.publish(event(1), event(2))
        await service.is_done(2)
        said = await resend(service, "--from", "1h", "--limit", "1", "--yes", code=1)
        assert "2 triggers would be sent (2 of goal-acme)" in said
        off = table(service.source)
        off["routes"][0]["mode"] = "off"
        service.configure(off)
        assert "route goal-acme is off now" in await resend(service, "--from", "1h", "--yes")
        assert await triggers(service) == 2
