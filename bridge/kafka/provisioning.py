"""Making the own topics where that is wanted, and looking at them always: the service starts on topics that fit."""

import asyncio
import logging
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from aiokafka.admin import NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import (
    ClusterAuthorizationFailedError,
    KafkaError,
    TopicAlreadyExistsError,
    TopicAuthorizationFailedError,
    for_code,
)

from bridge.errors import KafkaTrouble, StartupRefused
from bridge.kafka.authorization import Admin, check_rights, explained
from bridge.kafka.connection import Connection, running
from bridge.kafka.rights import Kind, Operation, Resource, Right
from bridge.kafka.topics import ADDED_BYTES, FoundTopic, TopicPlan, TopicSpec, misfits, specs

log = logging.getLogger(__name__)

# What was made is known to every broker only after a moment.
_SETTLING_TRIES = 60
_SETTLING_PAUSE = 0.25
_TRIES = 5
_SAFE_REPLICATION = 3
_DENIED = (TopicAuthorizationFailedError, ClusterAuthorizationFailedError)


@dataclass(frozen=True, slots=True)
class OwnTopics:
    """The own topics, checked. Limits in bytes, for `NewRecord.size()`."""

    partitions: int
    trigger_limit: int
    ledger_limit: int
    dead_letter_limit: int
    result_limit: int
    missing_sources: frozenset[str]
    warnings: tuple[str, ...]

    @property
    def largest_record(self) -> int:
        """What a producer for all of them needs as its `max_request_size`."""
        return max(self.trigger_limit, self.dead_letter_limit, self.result_limit)


async def provide_topics(connection: Connection, plan: TopicPlan, rights: Collection[Right] = ()) -> OwnTopics:
    """Make the own topics if the plan says so, check them, and say what they hold; but first whether we have these rights.

    Waits for Kafka. Raises StartupRefused with everything that does not fit, each with its remedy.
    """
    async with running(Admin(**connection.client_options()), connection) as admin:
        if rights:
            await check_rights(admin, connection, rights)
        sources = await _describe(admin, plan.sources)
        largest = max((source.max_message_bytes for source in sources.values()), default=0)
        wanted = specs(plan, largest)
        found = await _describe(admin, [spec.name for spec in wanted])
        missing = [spec for spec in wanted if spec.name not in found]
        if missing:
            if not plan.create:
                raise StartupRefused(_how_to_create(missing, connection.bootstrap_servers))
            if plan.names.triggers in found:
                await _refuse_lost_holds(admin, plan, missing, connection.bootstrap_servers)
            await _create(admin, missing, connection)
            found = await _settled(admin, wanted)
        problems = [text for spec in wanted for text in misfits(spec, found[spec.name], connection.bootstrap_servers)]
        if problems:
            raise StartupRefused("\n".join(problems))
        ledger, triggers = found[plan.names.ledger], found[plan.names.triggers]
        return OwnTopics(
            partitions=plan.partitions,
            # A parked trigger lies in the ledger whole.
            trigger_limit=min(triggers.max_message_bytes, ledger.max_message_bytes - ADDED_BYTES),
            ledger_limit=ledger.max_message_bytes,
            dead_letter_limit=found[plan.names.dead_letters].max_message_bytes,
            result_limit=found[plan.names.results].max_message_bytes,
            missing_sources=frozenset(plan.sources - sources.keys()),
            warnings=tuple(await _warnings(admin, plan, sources)),
        )


async def missing_topics(connection: Connection, plan: TopicPlan) -> list[str]:
    """The own topics that do not exist. Waits for Kafka, unless the connection is impatient."""
    async with running(Admin(**connection.client_options()), connection) as admin:
        names = [spec.name for spec in specs(plan, 0)]
        found = await _describe(admin, names)
        return [name for name in names if name not in found]


async def _warnings(admin: Any, plan: TopicPlan, sources: dict[str, FoundTopic]) -> list[str]:
    cluster = await _asked(admin.describe_cluster)
    warnings = []
    if len(cluster["brokers"]) == 1:
        warnings.append(
            "the cluster has one broker: what Kafka has acknowledged is lost with its disk, and then an event may vanish "
            "or be called twice. Use three brokers, topics.replication 3"
        )
    elif plan.replication < _SAFE_REPLICATION:
        warnings.append(
            f"topics.replication is {plan.replication}: when a broker is lost, acknowledged records may be lost with it, or "
            f"writing stops. Use 3"
        )
    warnings += [
        f"source topic {name} does not exist (yet): it is read from the moment it appears"
        for name in sorted(plan.sources - sources.keys())
    ]
    return warnings


async def _refuse_lost_holds(admin: Any, plan: TopicPlan, missing: Collection[TopicSpec], servers: str) -> None:
    """A control topic that is gone took the kill switch with it: made anew by us, what a person holds would be called."""
    control = [spec for spec in missing if spec.name == plan.names.control]
    if control and await _asked(admin.list_consumer_group_offsets, f"{plan.names.service}.dispatch"):
        raise StartupRefused(
            f"topic {plan.names.control} is gone, and this service has worked before: the holds stood in it. Make it, put back "
            f"what must wait (bridge hold), and start again\n{_commands(control, servers)}"
        )


async def _create(admin: Any, missing: Collection[TopicSpec], connection: Connection) -> None:
    topics = [
        NewTopic(spec.name, spec.partitions, spec.replication, topic_configs=spec.creation_settings())
        for spec in missing
    ]
    response = await _asked(admin.create_topics, topics)
    denied = [
        Right(Operation.CREATE, Resource(Kind.TOPIC, name), "topics.create is true")
        for name, code, _ in response.topic_errors
        if for_code(code) in _DENIED
    ]
    if denied:
        raise StartupRefused(explained(denied, connection))
    refused = [
        f"topic {name} cannot be made: {message or for_code(code).__name__}. Make it yourself, with these settings, or mend "
        f"topics.* in the configuration (a cluster of one broker needs topics.replication 1)"
        for name, code, message in response.topic_errors
        # Another replica may be starting too.
        if code and for_code(code) is not TopicAlreadyExistsError
    ]
    if refused:
        raise StartupRefused("\n".join(refused))
    for spec in missing:
        log.info("made topic %s", spec.name)


def _how_to_create(missing: Collection[TopicSpec], bootstrap_servers: str) -> str:
    names = ", ".join(spec.name for spec in missing)
    return f"topics missing: {names}. Set topics.create to true, or make them:\n{_commands(missing, bootstrap_servers)}"


def _commands(missing: Collection[TopicSpec], bootstrap_servers: str) -> str:
    return "\n".join(
        f"  kafka-topics.sh --bootstrap-server {bootstrap_servers} --create --topic {spec.name} --partitions "
        f"{spec.partitions} --replication-factor {spec.replication} "
        + " ".join(f"--config {name}={value}" for name, value in spec.creation_settings().items())
        for spec in missing
    )


async def _settled(admin: Any, wanted: Collection[TopicSpec]) -> dict[str, FoundTopic]:
    names = {spec.name for spec in wanted}
    found: dict[str, FoundTopic] = {}
    for _ in range(_SETTLING_TRIES):
        found = await _describe(admin, names)
        if len(found) == len(names):
            return found
        await asyncio.sleep(_SETTLING_PAUSE)
    raise KafkaTrouble(f"these topics were made but do not appear: {', '.join(sorted(names - found.keys()))}")


async def _describe(admin: Any, names: Collection[str]) -> dict[str, FoundTopic]:
    """Those of the topics that exist. All topics are listed: asking for one by its name may create it."""
    listed = {topic["topic"]: topic for topic in await _asked(admin.describe_topics)}
    present = [
        name for name in names if name in listed and listed[name]["error_code"] == 0 and listed[name]["partitions"]
    ]
    settings = await _settings(admin, present)
    return {
        name: FoundTopic(
            name,
            partitions=len(listed[name]["partitions"]),
            replication=min(len(partition["replicas"]) for partition in listed[name]["partitions"]),
            settings=settings[name],
        )
        for name in present
        if name in settings
    }


async def _settings(admin: Any, names: Collection[str]) -> dict[str, dict[str, str]]:
    if not names:
        return {}
    resources = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
    settings = {}
    for response in await _asked(admin.describe_configs, resources):
        for code, message, _, name, entries, *_ in response.resources:
            # That this is not allowed was told before, with what grants it.
            if code and for_code(code) not in _DENIED:
                log.warning("the settings of topic %s cannot be read: %s", name, message or for_code(code).__name__)
            settings[name] = {entry[0]: entry[1] for entry in entries or ()}
    return settings


async def _asked(request: Any, *arguments: Any) -> Any:
    tries = _TRIES
    while True:
        try:
            return await request(*arguments)
        except (KafkaError, TimeoutError) as error:
            tries -= 1
            if not tries or not getattr(error, "retriable", True):
                raise KafkaTrouble(f"Kafka did not answer {request.__name__}: {error}") from error
            await asyncio.sleep(_SETTLING_PAUSE)
