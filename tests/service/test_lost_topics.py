"""docs/disaster.md: own topics that are gone. What the service says, and that the steps of the page lead on."""

import asyncio
from collections.abc import Sequence

import pytest
from kafka.cluster import admin, topics_of
from kafka.foreign import kafka_tool
from service.conftest import Services
from service.replica import Replica, until
from service.service import SOURCE_PARTITIONS, Service
from service.story import event, events, table

from bridge.clock import SystemClock
from bridge.durations import format_instant


async def worked_and_stopped(service: Service, *topics: str) -> None:
    """Eight campaigns have gone out; then the replica is stopped, and these topics are deleted."""
    replica = await service.start("before")
    await service.publish(*events(range(8)))
    await service.is_done(8)
    assert await replica.stop() == 0
    await delete(service, *topics)


async def delete(service: Service, *topics: str) -> None:
    gone = {f"{service.name}.{topic}" for topic in topics}
    async with admin(service.kafka) as client:
        await client.delete_topics(sorted(gone))

    async def are_gone() -> bool:
        return not gone & await topics_of(service.kafka)

    await until(are_gone)


async def tool(name: str, service: Service, *options: str) -> str:
    return await asyncio.to_thread(kafka_tool, name, "--bootstrap-server", service.kafka, *options)


async def refused(service: Service, name: str, code: int) -> str:
    """What a replica says that ends by itself."""
    replica = service.launch(name)
    assert await replica.ended() == code
    return replica.output


def called(service: Service) -> Sequence[str]:
    return sorted(execution.context["event"] for execution in service.vendor.executions)


# The same rules, cheaply: tests/dispatch/test_topics.py, tests/ledger/test_refusing.py, tests/kafka/test_provisioning.py.
pytestmark = pytest.mark.slow

EIGHT = [f"e{number}" for number in range(8)]


async def test_without_its_ledger_a_service_refuses_and_goes_on_when_nothing_of_before_can_be_called(
    services: Services,
) -> None:
    async with services() as service:
        soon = table(service.source)
        soon["defaults"]["expires_after"] = "20s"
        service.configure(soon)
        await worked_and_stopped(service, "ledger")
        last = SystemClock().now()
        for name in ("a", "b"):  # a supervisor starts it again at once
            assert "but its ledger holds no claim: the ledger topic was deleted or truncated" in await refused(
                service, name, 1
            )
        assert called(service) == EIGHT

        await until(lambda: SystemClock().now() > last + 20_000)  # the longest expires_after
        group = ("--group", f"{service.name}.dispatch", "--topic", f"{service.name}.triggers")
        said = await tool("consumer.group.ConsumerGroupCommand", service, *group, "--delete-offsets")
        assert "Request succeeded for deleting offsets" in said
        await service.start("on")
        await service.publish(event(8))
        await service.until("results", lambda results: any(one["event_id"] == "e8" for one in results))
        assert called(service) == [*EIGHT, "e8"]


async def test_without_its_triggers_topic_a_service_refuses_although_kafka_forgot_the_offsets_with_it(
    services: Services,
) -> None:
    async with services() as service:
        await worked_and_stopped(service, "triggers")
        for name in ("a", "b"):
            said = await refused(service, name, 1)
            assert "where it ends before: the triggers topic was deleted, or lost records" in said
        assert called(service) == EIGHT


async def test_a_triggers_topic_that_holds_others_by_now_is_refused_too(services: Services) -> None:
    async with services() as service:
        await worked_and_stopped(service, "triggers")
        replica = await service.start("shadow", BRIDGE__MODE="shadow")  # makes it anew, as an intake would
        await replica.stop()
        for number in range(40):
            await service.write(f"{service.name}.triggers", b"%032x" % number, b"{}")
        said = await refused(service, "a", 1)
        assert "holds another trigger than" in said


async def test_begun_anew_without_triggers_and_ledger_it_reads_the_sources_again_and_calls_what_has_not_expired(
    services: Services,
) -> None:
    async with services() as service:
        await worked_and_stopped(service, "triggers", "ledger")
        long_ago = format_instant(SystemClock().now() - 3_600_000)
        await service.publish(event(8), event(9, occurred_at=long_ago))
        group = ("--group", f"{service.name}.intake", "--topic", service.source)
        said = await tool(
            "consumer.group.ConsumerGroupCommand", service, *group, "--reset-offsets", "--to-earliest", "--execute"
        )
        assert said.count(service.source) == SOURCE_PARTITIONS
        await service.start("anew")
        await service.is_done(10)
        assert called(service) == sorted([*EIGHT, *EIGHT, "e8"])


async def test_without_its_control_topic_a_service_refuses_and_the_kill_switch_can_be_put_back_before_it_starts(
    services: Services,
) -> None:
    async with services() as service:
        await worked_and_stopped(service, "control")
        said = await refused(service, "a", 2)
        (command,) = [line for line in said.splitlines() if "kafka-topics.sh" in line]
        await tool("TopicCommand", service, *command.split()[3:])
        await service.verb("hold", "all", "--reason", "the control topic was lost")
        replica: Replica = await service.start("b")
        await service.publish(*events(range(20, 24)))

        async def four_are_held() -> bool:
            return sum((await replica.counted("bridge_triggers_held", "brand")).values()) == 4

        await until(four_are_held)
        assert called(service) == EIGHT


async def test_results_and_dead_letters_that_are_gone_are_made_anew_and_cost_what_was_in_them(
    services: Services,
) -> None:
    async with services() as service:
        await worked_and_stopped(service, "results", "dead-letters")
        await service.start("a")
        await service.publish(*events(range(8, 12)))
        await service.has_outcomes(4)
        assert called(service) == sorted([*EIGHT, "e8", "e9", "e10", "e11"])
        audited = await service.verb("audit", "--from", "1h", "--grace", "1s", code=1)
        assert "8 faults" in audited.replace("  ", " ").replace("  ", " ")
        assert "no outcome" in audited
        told = " ".join((await service.verb("outcomes", "e3")).split())
        assert "No outcome, and the ledger knows its end (execution" in told
        assert "is published, audience" in told


async def test_with_another_number_of_partitions_it_begins_anew_when_a_person_accepts_that(services: Services) -> None:
    """docs/upgrading.md, Partitions."""
    async with services() as service:
        await worked_and_stopped(service)
        service.partitions = 6
        service.configure()
        assert "partitions: found 4, wanted 6" in await refused(service, "a", 2)
        await delete(service, "triggers", "ledger")
        said = await refused(service, "b", 2)
        assert "partitions: what decides the ids or the partitions of triggers has changed" in said
        await service.start("c", "--accept-forgetting")
        await service.publish(*events(range(8, 12)))
        await service.is_done(12)
        assert called(service) == sorted([*EIGHT, "e8", "e9", "e10", "e11"])
