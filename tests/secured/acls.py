"""ACLs and SCRAM passwords, set as `kafka-acls` and `kafka-configs` do: aiokafka's admin client can't."""

import hashlib
import os
from collections.abc import Iterable
from typing import Any

from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import (
    Array,
    CompactArray,
    CompactBytes,
    CompactString,
    Int8,
    Int16,
    Int32,
    Schema,
    String,
    TaggedFields,
)
from kafka.cluster import admin

from bridge.kafka.rights import Right

_ANY_HOST = "*"
_ALLOW = 3
_ITERATIONS = 4096


async def allow(plain: str, principal: str, rights: Iterable[Right]) -> None:
    """Let somebody do these."""
    wanted = [_entry(principal, right) for right in dict.fromkeys(rights)]
    async with admin(plain) as client:
        response = await client._send_request(_CreateAcls([entry[0] for entry in wanted]))
    assert all(code == 0 for code, _ in response.results), response


async def forbid(plain: str, principal: str, rights: Iterable[Right]) -> None:
    """Take these away again."""
    async with admin(plain) as client:
        response = await client._send_request(_DeleteAcls([_entry(principal, right)[0] for right in rights]))
    assert all(code == 0 and len(found) == 1 for code, _, found in response.results), response


async def change_password(plain: str, user: str, password: str) -> None:
    """A new SCRAM-SHA-512 password: connections that are open stay."""
    salt = os.urandom(16)
    salted = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, _ITERATIONS)
    async with admin(plain) as client:
        response = await client._send_request(_AlterScram([(user, 2, _ITERATIONS, salt, salted, {})]))
    assert [one[1] for one in response.results] == [0], response


def _entry(principal: str, right: Right) -> tuple[tuple[Any, ...]]:
    return ((right.resource.kind.code, right.resource.name, 3, principal, _ANY_HOST, right.operation.code, _ALLOW),)


_ACL = (
    ("resource_type", Int8),
    ("resource_name", String("utf-8")),
    ("pattern_type", Int8),
    ("principal", String("utf-8")),
    ("host", String("utf-8")),
    ("operation", Int8),
    ("permission", Int8),
)


class _CreateAclsResponse(Response):  # type: ignore[misc]  # aiokafka has no types
    API_KEY = 30
    API_VERSION = 1
    SCHEMA = Schema(
        ("throttle_time_ms", Int32), ("results", Array(("error_code", Int16), ("error_message", String("utf-8"))))
    )


class _CreateAclsV1(RequestStruct):  # type: ignore[misc]  # aiokafka has no types
    API_KEY = 30
    API_VERSION = 1
    RESPONSE_TYPE = _CreateAclsResponse
    SCHEMA = Schema(("creations", Array(*_ACL)))


class _DeleteAclsResponse(Response):  # type: ignore[misc]  # aiokafka has no types
    API_KEY = 31
    API_VERSION = 1
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        (
            "results",
            Array(
                ("error_code", Int16),
                ("error_message", String("utf-8")),
                ("matching", Array(("error_code", Int16), ("error_message", String("utf-8")), *_ACL)),
            ),
        ),
    )


class _DeleteAclsV1(RequestStruct):  # type: ignore[misc]  # aiokafka has no types
    API_KEY = 31
    API_VERSION = 1
    RESPONSE_TYPE = _DeleteAclsResponse
    SCHEMA = Schema(("filters", Array(*_ACL)))


class _AlterScramResponse(Response):  # type: ignore[misc]  # aiokafka has no types
    API_KEY = 51
    API_VERSION = 0
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        (
            "results",
            CompactArray(
                ("user", CompactString("utf-8")),
                ("error_code", Int16),
                ("error_message", CompactString("utf-8")),
                ("tags", TaggedFields),
            ),
        ),
        ("tags", TaggedFields),
    )


class _AlterScramV0(RequestStruct):  # type: ignore[misc]  # aiokafka has no types
    API_KEY = 51
    API_VERSION = 0
    FLEXIBLE_VERSION = True
    RESPONSE_TYPE = _AlterScramResponse
    SCHEMA = Schema(
        ("deletions", CompactArray(("name", CompactString("utf-8")), ("mechanism", Int8), ("tags", TaggedFields))),
        (
            "upsertions",
            CompactArray(
                ("name", CompactString("utf-8")),
                ("mechanism", Int8),
                ("iterations", Int32),
                ("salt", CompactBytes),
                ("salted_password", CompactBytes),
                ("tags", TaggedFields),
            ),
        ),
        ("tags", TaggedFields),
    )


class _CreateAcls(Request[_CreateAclsV1]):  # type: ignore[misc]  # aiokafka has no types
    API_KEY = 30

    def __init__(self, creations: list[Any]) -> None:
        self._creations = creations

    def build(self, request_struct_class: Any) -> Any:
        return request_struct_class(self._creations)


class _DeleteAcls(Request[_DeleteAclsV1]):  # type: ignore[misc]  # aiokafka has no types
    API_KEY = 31

    def __init__(self, filters: list[Any]) -> None:
        self._filters = filters

    def build(self, request_struct_class: Any) -> Any:
        return request_struct_class(self._filters)


class _AlterScram(Request[_AlterScramV0]):  # type: ignore[misc]  # aiokafka has no types
    API_KEY = 51

    def __init__(self, upsertions: list[Any]) -> None:
        self._upsertions = upsertions

    def build(self, request_struct_class: Any) -> Any:
        return request_struct_class([], self._upsertions, {})
