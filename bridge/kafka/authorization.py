"""Asking the brokers what we may do, before it is tried: each right that is missing is named, with what grants it.

The brokers say it themselves, with a topic's metadata (from Kafka 2.3 on) and a group's description. Older ones, and ones
without an authorizer, are not asked further.
"""

import asyncio
import logging
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import (
    GroupAuthorizationFailedError,
    IncompatibleBrokerVersion,
    KafkaError,
    TopicAuthorizationFailedError,
    for_code,
)
from aiokafka.protocol.admin import DescribeGroupsRequest_v3, DescribeGroupsResponse_v3
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import Array, Boolean, Int16, Int32, Schema, String

from bridge.errors import StartupRefused
from bridge.kafka.connection import Connection, running
from bridge.kafka.rights import Kind, Operation, Right, commands

log = logging.getLogger(__name__)

_NOT_SAID = -(2**31)
_TRIES, _PAUSE = 50, 0.2


class Admin(AIOKafkaAdminClient):  # type: ignore[misc]  # aiokafka has no types
    """aiokafka's, with the `stop()` of its other clients."""

    async def stop(self) -> None:
        """Close it."""
        await self.close()


async def require(connection: Connection, rights: Collection[Right]) -> None:
    """Ask whether we have these rights. Raises StartupRefused with all that are missing; an optional one is logged.

    Topics that do not exist yet are not judged. Waits for Kafka, unless the connection is impatient.
    """
    if rights:
        async with running(Admin(**connection.client_options()), connection) as admin:
            await check_rights(admin, connection, rights)


async def check_rights(admin: Any, connection: Connection, rights: Collection[Right]) -> None:
    """As `require`, with an admin client that is started."""
    missing = await _missing(admin, rights)
    for right in missing:
        if right.optional:
            log.warning("%s", explained([right], connection))
    if refused := [right for right in missing if not right.optional]:
        raise StartupRefused(explained(refused, connection))


def explained(missing: Iterable[Right], connection: Connection) -> str:
    """Which rights are missing, whose, and what grants them."""
    missing = list(missing)
    principal = connection.credentials.principal
    whose = principal or "the principal of this client"
    lines = [f"{whose} may not {right} ({right.why})" for right in missing]
    grants = commands(missing, principal or "User:NAME", connection.bootstrap_servers)
    asks = "To grant it:" if len(grants) == 1 else "To grant them:"
    hint = [] if principal else ["(NAME: as the brokers' log calls this client, after ssl.principal.mapping.rules)"]
    return "\n".join([*lines, asks, *(f"  {command}" for command in grants), *hint])


async def _missing(admin: Any, rights: Collection[Right]) -> list[Right]:
    topics = await _topics(
        admin, sorted({right.resource.name for right in rights if right.resource.kind is Kind.TOPIC})
    )
    groups = {
        name: await _group(admin, name)
        for name in sorted({right.resource.name for right in rights if right.resource.kind is Kind.GROUP})
    }
    found: Mapping[Kind, Mapping[str, int | None]] = {Kind.TOPIC: topics, Kind.GROUP: groups}
    return [
        right
        for right in rights
        if (allowed := found[right.resource.kind].get(right.resource.name)) is not None
        # Whether a topic may be made can be asked of none that is there, and need not be.
        and right.operation is not Operation.CREATE
        and not allowed >> right.operation.code & 1
    ]


async def _topics(admin: Any, names: list[str]) -> dict[str, int]:
    """By topic the operations that are allowed, as bits; none of what does not exist, or of an old broker."""
    if not names:
        return {}
    try:
        response = await admin._send_request(_Metadata(names))  # noqa: SLF001 - its own requests don't ask for this
    except (IncompatibleBrokerVersion, NotImplementedError):
        return {}
    seen = {name: allowed for code, name, _, _, allowed in response.topics if code == 0 and allowed != _NOT_SAID}
    hidden = [one[1] for one in response.topics if for_code(one[0]) is TopicAuthorizationFailedError]
    return seen | await _hidden(admin, hidden)


async def _hidden(admin: Any, names: list[str]) -> dict[str, int]:
    """Of topics that are not shown nothing is allowed that would show them; but their settings may be."""
    allowed = dict.fromkeys(names, 0)
    for response in await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name) for name in names]):
        for code, _, _, name, *_ in response.resources:
            if for_code(code) is not TopicAuthorizationFailedError:
                allowed[name] = 1 << Operation.DESCRIBE_CONFIGS.code
    return allowed


async def _group(admin: Any, name: str) -> int | None:
    try:
        coordinator = await _coordinator(admin, name)
        response = await admin._send_request(_DescribeGroup(name), coordinator)  # noqa: SLF001
    except GroupAuthorizationFailedError:
        return 0
    except (IncompatibleBrokerVersion, NotImplementedError):
        return None
    ((code, *_, allowed),) = response.groups
    if for_code(code) is GroupAuthorizationFailedError:
        return 0
    return None if code or allowed == _NOT_SAID else allowed


async def _coordinator(admin: Any, name: str) -> int:
    """Before any group was made there is none yet: asking for it makes it."""
    tries = _TRIES
    while True:
        try:
            found: int = await admin.find_coordinator(name)
        except KafkaError as error:
            tries -= 1
            if not tries or not error.retriable:
                raise
            await asyncio.sleep(_PAUSE)
        else:
            return found


class _MetadataResponse(Response):  # type: ignore[misc]  # aiokafka has no types
    API_KEY = 3
    API_VERSION = 8
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        ("brokers", Array(("node_id", Int32), ("host", String("utf-8")), ("port", Int32), ("rack", String("utf-8")))),
        ("cluster_id", String("utf-8")),
        ("controller_id", Int32),
        (
            "topics",
            Array(
                ("error_code", Int16),
                ("topic", String("utf-8")),
                ("is_internal", Boolean),
                (
                    "partitions",
                    Array(
                        ("error_code", Int16),
                        ("partition", Int32),
                        ("leader", Int32),
                        ("leader_epoch", Int32),
                        ("replicas", Array(Int32)),
                        ("isr", Array(Int32)),
                        ("offline_replicas", Array(Int32)),
                    ),
                ),
                ("authorized_operations", Int32),
            ),
        ),
        ("cluster_authorized_operations", Int32),
    )


class _MetadataV8(RequestStruct):  # type: ignore[misc]
    API_KEY = 3
    API_VERSION = 8
    RESPONSE_TYPE = _MetadataResponse
    SCHEMA = Schema(
        ("topics", Array(String("utf-8"))),
        ("allow_auto_topic_creation", Boolean),
        ("include_cluster_authorized_operations", Boolean),
        ("include_topic_authorized_operations", Boolean),
    )


class _Metadata(Request[_MetadataV8]):  # type: ignore[misc]
    """aiokafka knows the versions up to 5, which say nothing of rights, and may create the topic that is asked for."""

    API_KEY = 3

    def __init__(self, topics: list[str]) -> None:
        self._topics = topics

    def build(self, request_struct_class: type[_MetadataV8]) -> _MetadataV8:
        return request_struct_class(self._topics, False, False, True)


class _DescribeGroupV3(DescribeGroupsRequest_v3):  # type: ignore[misc]
    """aiokafka's own reads the answer as an older one, without the rights."""

    RESPONSE_TYPE = DescribeGroupsResponse_v3


class _DescribeGroup(Request[_DescribeGroupV3]):  # type: ignore[misc]
    API_KEY = 15

    def __init__(self, group: str) -> None:
        self._group = group

    def build(self, request_struct_class: type[_DescribeGroupV3]) -> _DescribeGroupV3:
        return request_struct_class([self._group], True)
