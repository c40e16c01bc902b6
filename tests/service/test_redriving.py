"""What was turned away is decided again by a mended table, with the verb as a process: seen first, called once."""

import orjson
import pytest
from kafka.cluster import read_topic
from service.conftest import Services
from service.replica import until
from service.service import Service
from service.story import TEAMS_CSV, event, table

from bridge.triggers import repetition_id

TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


async def redrive(service: Service, *words: str, code: int = 0, **settings: str) -> str:
    settings["BRIDGE_ROUTES"] = str(service.folder / "routes.yaml")
    return await service.verb("redrive", *words, code=code, **settings)


async def test_what_was_rejected_or_unmapped_is_sent_once_when_the_table_is_mended(services: Services) -> None:
    async with services() as service:
        replica = await service.start("a")
        await service.publish_records(
            {"value": orjson.dumps(event(1, minute="90+3")), "headers": [("traceparent", TRACE.encode())]}
        )
        await service.publish(event(2, team={"id": "CRC", "name": "Costa Rica"}), event(3))
        await service.is_done(3)
        before = {result["event_id"]: result for result in (await service.account()).final.values()}
        assert [before[f"e{number}"]["outcome"] for number in (1, 2, 3)] == ["rejected", "unmapped", "published"]
        chosen = ("--rejected", "--unmapped", "--from", "1h")
        assert "0 to send, 0 asked for already, 2 left alone" in await redrive(service, *chosen, "--yes")

        await replica.stop()
        mended = table(service.source)
        mended["generators"]["goal-acme"]["context"]["minute"] = "string"
        mended["routes"][0]["context"]["minute"] = {"cel": "string(event.minute)"}
        service.configure(mended)
        (service.folder / "teams.csv").write_text(TEAMS_CSV + "CRC,00000000-c0c0\n")
        await service.start("b")
        said = await redrive(service, *chosen)
        assert "2 to send" in said
        assert "Nothing is written yet" in said
        assert "2 written" in await redrive(service, *chosen, "--yes", BRIDGE_TRACING__ENABLED="true")
        await redrive(service, *chosen, "--yes")
        await service.is_done(5)

        account = await service.account()
        assert sorted(str(execution.context["event"]) for execution in account.executions) == ["e1", "e2", "e3"]
        for name in ("e1", "e2"):
            again = account.final[repetition_id(before[name]["trigger_id"], 1)]
            assert (again["outcome"], again["possible_duplicate"]) == ("published", False)
        assert len(account.triggers) == 5
        traces = [one["trace"] for one in account.triggers if "trace" in one]
        assert traces == [{"parent": TRACE, "state": None}], "e1's, of the redriven trigger"
        assert "In order" in await service.verb("audit", "--from", "10m", "--grace", "0s")
        assert "it is published" in await redrive(service, *chosen, "--yes")


@pytest.mark.slow
async def test_dead_letters_become_the_triggers_that_intake_would_have_made(services: Services) -> None:
    async with services() as service:
        wrong = table(service.source)
        wrong["sources"]["matches"]["event_id"] = "uid"
        service.configure(wrong)
        replica = await service.start("a")
        await service.publish(event(1), b"not JSON", event(2, uid="e2"))
        await service.has_outcomes(1)
        await until(lambda: letters(service, 2))
        await replica.stop()

        service.configure()
        said = await redrive(service, "--dead-letters", "--from", "1h", code=2)
        assert "what decides the ids" in said
        await service.start("b", "--accept-forgetting")
        said = await redrive(service, "--dead-letters", "--from", "1h", "--yes")
        assert "1 to send" in said
        assert "it still is no event" in said
        await redrive(service, "--dead-letters", "--from", "1h", "--yes")
        await service.is_done(2)

        account = await service.account()
        account.check()
        assert sorted(str(execution.context["event"]) for execution in account.executions) == ["e1", "e2"]
        assert {result["repeats"] for result in account.results} == {None}
        assert "it is published" in await redrive(service, "--dead-letters", "--from", "1h", "--yes")


async def letters(service: Service, count: int) -> bool:
    return len(await read_topic(service.kafka, f"{service.name}.dead-letters")) == count
