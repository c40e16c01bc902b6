"""A routing table that changes while replicas run."""

from functools import partial
from typing import Any

import orjson
from kafka.cluster import make_topic
from service.conftest import Services
from service.replica import Replica, until
from service.service import Service
from service.story import TEAMS_CSV, event


def tables(replicas: list[Replica]) -> list[int]:
    """How many tables each has had in force."""
    return [len(replica.lines("routes loaded")) for replica in replicas]


async def test_a_changed_table_and_lookup_reach_two_replicas_without_a_restart_and_without_a_loss(
    services: Services,
) -> None:
    async with services() as service:
        replicas = [await service.start(name) for name in ("first", "second")]
        lost = event(0, id="brazil", team={"id": "BRA", "name": "Brazil"})
        await service.publish(lost)
        await service.has_outcomes(1)
        async with service.flow(per_second=60) as published:
            await service.has_accepted(50)
            routes = service.routes()
            for route in routes["routes"]:
                route["context"]["team"] = "the team {team.name}"
            service.configure(routes)
            await until(lambda: min(tables(replicas)) >= 2)
            (service.folder / "teams.csv").write_text(TEAMS_CSV + "BRA,00000000-b4a5\n")
            await until(lambda: min(tables(replicas)) >= 3)
            await service.has_accepted(len(published) + 50)
        await service.publish(event(0, id="brazil again", team={"id": "BRA", "name": "Brazil"}))
        await service.is_done(len(published) + 2)
        for replica in replicas:
            assert await replica.stop() == 0
        account = await service.account()
        account.check()
        assert account.outcomes == {"published": len(published) + 1, "unmapped": 1}
        teams = [execution.context["team"] for execution in service.vendor.executions]
        assert set(teams) == {"a team", "the team a team", "the team Brazil"}


async def refused(replica: Replica) -> list[str]:
    (line,) = replica.lines("routes refused: the table before stays in force")
    return list(line["problems"])


def asked(service: Service, replica: Replica, routes: Any) -> None:
    (service.folder / "routes.yaml").write_bytes(orjson.dumps(routes))
    replica.reread()


async def test_a_table_that_is_wrong_or_would_forget_is_refused_and_the_one_before_goes_on(services: Services) -> None:
    async with services() as service:
        replica = await service.start("a")
        forgetful = service.routes()
        forgetful["routes"][0]["dedup_key"] = "{team.id}/{minute}"
        asked(service, replica, forgetful)
        await until(lambda: replica.lines("routes refused: the table before stays in force"))
        assert (
            "route/goal-acme: what decides the ids or the partitions of triggers has changed"
            in (await refused(replica))[0]
        )
        assert await replica.counted("bridge_routes_reloads_total", "result") == {"refused": 1}
        await service.publish(event(1))
        await service.is_done(1)
        asked(service, replica, service.routes())
        await until(lambda: tables([replica]) == [2])
        assert await replica.stop() == 0
        account = await service.account()
        assert account.outcomes == {"published": 1}


async def test_in_shadow_too_a_changed_table_decides(services: Services) -> None:
    async with services() as service:
        replica = await service.start("a", BRIDGE__MODE="shadow")
        await service.publish(event(1, type="corner"))
        await until(lambda: _decided(replica, "none", 1))
        routes = service.routes()
        routes["routes"][0]["match"]["type"] = "corner"
        asked(service, replica, routes)
        await until(lambda: tables([replica]) == [2])
        await service.publish(event(2, type="corner"))
        await until(lambda: _decided(replica, "shadow", 1))


async def _decided(replica: Replica, decision: str, count: int) -> bool:
    return (await replica.counted("bridge_events_total", "decision"))[decision] == count


async def test_entries_of_a_topic_count_as_soon_as_they_are_written_and_a_restart_knows_them(
    services: Services,
) -> None:
    async with services() as service:
        teams = f"{service.name}-teams"
        routes = service.routes() | {"lookups": {"teams": {"topic": teams, "value": "key"}}}
        service.configure(routes)
        missing = service.launch("without the topic")
        assert await missing.ended() == 2
        assert f"error: lookup teams: there is no topic {teams}" in missing.output
        assert "Traceback" not in missing.output

        await make_topic(service.kafka, teams, 2, {"cleanup.policy": "compact"})
        replicas = [await service.start(name) for name in ("first", "second")]
        await service.publish(event(1, team={"id": "BRA", "name": "Brazil"}))
        await service.has_outcomes(1)
        await service.write(teams, b"BRA", b'{"key": "00000000-b4a5"}')
        for replica in replicas:
            await until(partial(_has_entries, replica, 1))
        await service.publish(event(2, team={"id": "BRA", "name": "Brazil"}))
        await service.has_outcomes(2)
        for replica in replicas:
            assert await replica.stop() == 0

        await service.start("third")
        await service.publish(event(3, team={"id": "BRA", "name": "Brazil"}))
        await service.has_outcomes(3)
        said = await service.verb(
            "redrive", "--routes", str(service.folder / "routes.yaml"), "--unmapped", "--from", "1h", "--yes"
        )
        assert "1 written" in said
        await service.has_outcomes(4)
        account = await service.account()
        account.check()
        assert account.outcomes == {"unmapped": 1, "published": 3}
        assert {execution.topic_key for execution in service.vendor.executions} == {"00000000-b4a5"}


async def _has_entries(replica: Replica, count: int) -> bool:
    return (await replica.counted("bridge_lookup_entries", "lookup"))["teams"] == count


async def test_who_asks_for_another_table_while_a_replica_starts_does_not_end_it(services: Services) -> None:
    async with services() as service:
        replica = service.launch("a")
        await until(lambda: replica.lines("routes loaded"))
        replica.reread()
        await replica.ready()
        assert await replica.stop() == 0
