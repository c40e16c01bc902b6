import asyncio
from dataclasses import replace

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from kafka.cluster import admin, make_topic, topics_of
from waiting import eventually

from bridge.errors import StartupRefused
from bridge.kafka import Connection, TopicNames, TopicPlan, provide_topics
from bridge.kafka.topics import FoundTopic, misfits, specs

OWN = ("triggers", "ledger", "results", "dead-letters", "control")


def plan(service: str, *sources: str) -> TopicPlan:
    return TopicPlan(names=TopicNames(service), partitions=4, replication=1, sources=frozenset(sources))


async def settings_of(kafka: str, topic: str) -> dict[str, str]:
    from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType  # noqa: PLC0415

    async with admin(kafka) as client:
        (response,) = await client.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)])
    return {entry[0]: entry[1] for entry in response.resources[0][4]}


async def test_missing_topics_are_made_and_fit(kafka: str, unique: str) -> None:
    connection = Connection(bootstrap_servers=kafka)
    made = await provide_topics(connection, plan(unique))
    assert await provide_topics(connection, replace(plan(unique), create=False)) == made
    async with admin(kafka) as client:
        described = await client.describe_topics([f"{unique}.{name}" for name in OWN])
    assert {topic["topic"]: len(topic["partitions"]) for topic in described} == {
        f"{unique}.triggers": 4,
        f"{unique}.ledger": 4,
        f"{unique}.results": 4,
        f"{unique}.dead-letters": 4,
        f"{unique}.control": 1,
    }
    ledger = await settings_of(kafka, f"{unique}.ledger")
    assert ledger["message.timestamp.type"] == "LogAppendTime"
    assert ledger["retention.ms"] == str(8 * 86_400_000)
    assert (await settings_of(kafka, f"{unique}.control"))["cleanup.policy"] == "compact"
    assert made.partitions == 4
    assert made.trigger_limit == 1_048_576


async def test_replicas_that_start_at_once_do_not_hinder_one_another(kafka: str, unique: str) -> None:
    connection = Connection(bootstrap_servers=kafka)
    async with asyncio.TaskGroup() as replicas:
        for _ in range(3):
            replicas.create_task(provide_topics(connection, plan(unique)))


async def test_what_does_not_fit_is_refused_all_at_once_with_its_remedies(kafka: str, unique: str) -> None:
    await make_topic(kafka, f"{unique}.triggers", 3, {"message.timestamp.type": "CreateTime"})
    await make_topic(kafka, f"{unique}.ledger", 4, {"cleanup.policy": "compact", "retention.bytes": "1000000"})
    with pytest.raises(StartupRefused) as refused:
        await provide_topics(Connection(bootstrap_servers=kafka), plan(unique))
    said = str(refused.value)
    assert f"topic {unique}.triggers: partitions: found 3, wanted 4. To mend: set topics.partitions to 3" in said
    assert f"topic {unique}.triggers: message.timestamp.type: found CreateTime, wanted LogAppendTime" in said
    assert f"topic {unique}.ledger: cleanup.policy: found compact, wanted delete" in said
    assert f"topic {unique}.ledger: retention.bytes: found 1000000, wanted -1" in said
    assert (
        f"kafka-configs.sh --bootstrap-server {kafka} --alter --entity-type topics --entity-name {unique}.ledger "
        f"--add-config cleanup.policy=delete"
    ) in said


async def test_missing_topics_that_may_not_be_made_are_refused_with_the_commands(kafka: str, unique: str) -> None:
    with pytest.raises(StartupRefused) as refused:
        await provide_topics(Connection(bootstrap_servers=kafka), replace(plan(unique), create=False))
    for name in OWN:
        assert f"--create --topic {unique}.{name} --partitions" in str(refused.value)


async def test_more_replicas_than_brokers_is_refused_with_what_to_set(kafka: str, unique: str) -> None:
    with pytest.raises(StartupRefused, match=r"a cluster of one broker needs topics\.replication 1"):
        await provide_topics(Connection(bootstrap_servers=kafka), replace(plan(unique), replication=30))


async def test_dead_letters_hold_the_largest_source_record(kafka: str, unique: str) -> None:
    source = await make_topic(kafka, f"{unique}-source", settings={"max.message.bytes": "6000000"})
    connection = Connection(bootstrap_servers=kafka)
    made = await provide_topics(connection, plan(unique, source))
    assert made.dead_letter_limit > 6_000_000
    larger = await make_topic(kafka, f"{unique}-larger", settings={"max.message.bytes": "8000000"})
    with pytest.raises(StartupRefused, match=r"dead-letters: max\.message\.bytes: found \d+, wanted at least 80"):
        await provide_topics(connection, plan(unique, source, larger))


async def test_a_missing_source_topic_and_a_single_broker_are_warned_of(kafka: str, unique: str) -> None:
    made = await provide_topics(Connection(bootstrap_servers=kafka), plan(unique, f"{unique}-absent"))
    assert made.missing_sources == {f"{unique}-absent"}
    assert any(f"source topic {unique}-absent does not exist (yet)" in warning for warning in made.warnings)


def test_three_replicas_must_be_two_in_sync_without_unclean_elections() -> None:
    for spec in specs(TopicPlan(names=TopicNames("bridge")), largest_source=0):
        settings = spec.creation_settings()
        fitting = FoundTopic(spec.name, spec.partitions, 3, settings)
        assert not list(misfits(spec, fitting, "kafka:9092"))
        assert settings["min.insync.replicas"] == "2"
        careless = replace(fitting, replication=2, settings=settings | {"min.insync.replicas": "1"})
        assert len(list(misfits(spec, careless, "kafka:9092"))) == 2
    ledger = specs(TopicPlan(names=TopicNames("bridge")), largest_source=0)[1]
    assert ledger.creation_settings()["unclean.leader.election.enable"] == "false"


def test_more_than_what_is_wanted_fits() -> None:
    ledger = specs(TopicPlan(names=TopicNames("bridge")), largest_source=0)[1]
    more = {"retention.ms": "-1", "min.insync.replicas": "3", "max.message.bytes": "99999999"}
    found = FoundTopic(ledger.name, ledger.partitions, 4, ledger.creation_settings() | more)
    assert not list(misfits(ledger, found, "kafka:9092"))


async def test_a_control_topic_that_is_gone_is_not_made_anew_behind_a_persons_back(kafka: str, unique: str) -> None:
    connection, triggers = Connection(bootstrap_servers=kafka), TopicPartition(f"{unique}.triggers", 0)
    await provide_topics(connection, plan(unique))
    async with admin(kafka) as client:
        await client.delete_topics([f"{unique}.control"])

    async def gone() -> bool:
        return f"{unique}.control" not in await topics_of(kafka)

    await eventually(gone, within=30, every=0.1)
    async with AIOKafkaConsumer(
        bootstrap_servers=kafka, group_id=f"{unique}.dispatch", enable_auto_commit=False
    ) as consumer:
        consumer.assign([triggers])
        await consumer.commit({triggers: 1})
    with pytest.raises(StartupRefused) as refused:
        await provide_topics(connection, plan(unique))
    said = str(refused.value)
    assert f"topic {unique}.control is gone, and this service has worked before: the holds stood in it" in said
    assert (
        f"--create --topic {unique}.control --partitions 1 --replication-factor 1 --config cleanup.policy=compact"
        in said
    )
    assert f"{unique}.control" not in await topics_of(kafka)
