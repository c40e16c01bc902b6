"""What is wrong is said before anything is read: exit code 2, and what to do."""

import re

import pytest
from aiokafka.admin import NewPartitions
from kafka.cluster import admin, make_topic
from service.conftest import Services
from service.replica import until
from service.story import table


async def test_a_wrong_configuration_ends_with_2_and_places_every_mistake(services: Services) -> None:
    async with services() as service:
        routes = table(service.source)
        routes["generators"]["start"]["idd"] = "x"
        routes["routes"][0] |= {"expires_after": 300, "generator": "gaol-acme"}
        del routes["routes"][1]["topic_key"]
        service.configure(routes)
        settings = service.folder / "bridge.yaml"
        settings.write_text(settings.read_text().replace('"3s"', '"3"').replace('"topics"', '"topic"'))
        replica = service.launch("a", BRIDGE_HTTP__PORT="eighty", BRIDGE_KAFKA__SESION_TIMEOUT="3s")
        assert await replica.ended() == 2

        placed = re.findall(rf"^{service.folder}/(\w+\.yaml):\d+:\d+: error: (.*)$", replica.output, re.MULTILINE)
        unplaced = re.findall(r"^error: (BRIDGE_.*)$", replica.output, re.MULTILINE)
        assert len(placed) + len(unplaced) == len(replica.output.splitlines())
        assert sorted(unplaced) == [
            "BRIDGE_HTTP__PORT: must be a whole number",
            "BRIDGE_KAFKA__SESION_TIMEOUT: unknown setting; did you mean 'session_timeout'?",
        ]
        assert [name for name, _ in placed] == ["bridge.yaml"] * 3 + ["routes.yaml"] * 4
        for (_, message), part in zip(
            placed,
            ("session_timeout", "timeout", "'topics'", "idd", "goal-acme", "expires_after", "topic_key"),
            strict=True,
        ):
            assert part in message


async def test_topics_that_do_not_fit_end_it_with_2_and_say_how_to_mend_them(services: Services) -> None:
    async with services() as service:
        await make_topic(service.kafka, f"{service.name}.ledger", 3, {"cleanup.policy": "compact"})
        replica = service.launch("a")
        assert await replica.ended() == 2
        ledger = f"topic {service.name}.ledger"
        said = replica.output
        assert f"{ledger}: partitions: found 3, wanted 4" in said
        assert f"{ledger}: cleanup.policy: found compact, wanted delete" in said
        assert f"--entity-name {service.name}.ledger --add-config message.timestamp.type=LogAppendTime" in said
        assert "Traceback" not in said
        assert service.vendor.report().connections.accepted == 0


async def test_a_table_that_makes_other_ids_of_the_same_events_is_refused_until_a_person_accepts_that(
    services: Services,
) -> None:
    async with services() as service:
        assert await (await service.start("a")).stop() == 0
        routes = table(service.source)
        routes["routes"][0]["dedup_key"] = "{team.id}/{minute}"
        service.configure(routes)
        replica = service.launch("changed")
        assert await replica.ended() == 2
        assert "route/goal-acme: what decides the ids or the partitions of triggers has changed" in replica.output
        assert "--accept-forgetting" in replica.output


@pytest.mark.slow  # metadata are looked at every half a minute
async def test_partitions_that_are_added_while_it_runs_end_it_and_a_restart_says_what_to_do(services: Services) -> None:
    async with services() as service:
        running = await service.start("a")
        async with admin(service.kafka) as client:
            await client.create_partitions({f"{service.name}.triggers": NewPartitions(6)})
        await until(lambda: running.exit_code is not None, within=60)
        assert running.exit_code == 1
        assert "has 6 partitions now, and 4 when this replica started" in running.output
        again = service.launch("b")
        assert await again.ended() == 2
        assert "partitions: found 6, wanted 4" in again.output
