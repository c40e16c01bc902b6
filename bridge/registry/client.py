"""Questions to the registry, by Confluent's own client, and what its answers mean.

A client lives for one schema with all that it refers to: it caches whatever it was told without a bound, and it keeps the
credentials and certificates that it was made with, while ours may have been rotated.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx2
from confluent_kafka.schema_registry import (
    AsyncSchemaRegistryClient,
    Schema,
    SchemaReference,
    SchemaRegistryError,
)

from bridge.errors import BridgeError
from bridge.formats.schemas import Part, Unfit, Written
from bridge.formats.wire import SchemaId
from bridge.registry.access import Access

_LARGEST_ANSWER = 4 * 1_048_576
_MOST_PARTS = 200
_LONGEST_TEXT = 200
# Of a schema, a subject, a version.
_MISSING = (40401, 40402, 40403)
_UNAUTHORIZED, _FORBIDDEN, _NOT_FOUND = 401, 403, 404


class RegistryTrouble(BridgeError):
    """The registry gives no answer that says anything about the schema: ask again. The text says what to do."""


class RegistryRefuses(RegistryTrouble):
    """It does not accept who we are: a person must mend that."""


class NoSuchSchema(BridgeError):
    """It has no schema of that id."""


class _TooLarge(Exception):
    """An answer is larger than any schema."""


async def fetch(access: Access, schema: SchemaId) -> Written:
    """A schema with all that it refers to. Raises RegistryTrouble, NoSuchSchema and Unfit."""
    # Of each address one after the other.
    patience = access.timeout * len(access.urls.split(","))
    async with _asking(access) as client:
        async with asyncio.timeout(patience):
            found = await (
                client.get_schema_by_guid(str(schema)) if isinstance(schema, UUID) else client.get_schema(schema)
            )
        text = _text(found)
        return Written(found.schema_type or "AVRO", text, await _Parts(client, patience).of(found))


@dataclass(slots=True)
class _Parts:
    """What a schema refers to, each once, first what others need."""

    client: AsyncSchemaRegistryClient
    patience: float
    found: dict[str, Part] = field(default_factory=dict)
    asked: set[str] = field(default_factory=set)

    async def of(self, schema: Schema) -> tuple[Part, ...]:
        await self._add(schema)
        return tuple(self.found.values())

    async def _add(self, schema: Schema) -> None:
        for reference in schema.references or ():
            name = _name(reference)
            if name in self.asked:
                continue
            if len(self.asked) >= _MOST_PARTS:
                raise Unfit(f"it refers to more than {_MOST_PARTS} others")
            self.asked.add(name)
            async with asyncio.timeout(self.patience):
                # A version that was deleted softly is still what was referred to.
                registered = await self.client.get_version(
                    str(reference.subject), int(reference.version or 0), deleted=True
                )
            if registered.schema is None:
                raise Unfit(f"it refers to {name}, of which the registry tells nothing")
            await self._add(registered.schema)
            self.found[name] = Part(name, _text(registered.schema))


def _name(reference: SchemaReference) -> str:
    if not reference.name or not reference.subject or not reference.version:
        raise Unfit("one of its references has no name, subject or version")
    return reference.name


def _text(schema: Schema | None) -> str:
    if schema is None or not isinstance(schema.schema_str, str):
        raise RegistryTrouble("it answers without a schema")
    return schema.schema_str


class _Client(AsyncSchemaRegistryClient):
    def __init__(self, access: Access) -> None:
        conf: dict[str, Any] = {"url": access.urls, "timeout": access.timeout, "max.retries": 0}
        if access.user is not None:
            conf["basic.auth.user.info"] = f"{access.user}:{access.password}"
        files = {"ca": access.ca_file, "certificate": access.cert_file, "key": access.key_file}
        conf |= {f"ssl.{name}.location": file for name, file in files.items() if file is not None}
        super().__init__(conf)
        session: httpx2.AsyncClient = self._rest_client.session
        session.event_hooks = {"response": [_bound]}
        session.headers["accept-encoding"] = "identity"
        if access.token is not None:
            session.headers["authorization"] = f"Bearer {access.token}"


async def _bound(response: httpx2.Response) -> None:
    """The client itself reads whatever comes. Nothing is asked for compressed, so this is all there is."""
    response.stream = _Bounded(response.stream)


class _Bounded(httpx2.AsyncByteStream):
    """A body of at most so many bytes as a schema may have."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        read = 0
        async for chunk in self._stream:
            read += len(chunk)
            if read > _LARGEST_ANSWER:
                raise _TooLarge
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()


@asynccontextmanager
async def _asking(access: Access) -> AsyncIterator[AsyncSchemaRegistryClient]:
    """A client for some questions; what it raises says what a person can do."""
    try:
        # Reading certificates takes a while.
        client = await asyncio.to_thread(_Client, access)
    except (OSError, ssl.SSLError, ValueError) as error:
        raise RegistryRefuses(f"its certificates can't be used: {error}; see registry.ca_file and cert_file") from error
    try:
        async with client:
            try:
                yield client
            except SchemaRegistryError as error:
                raise await _meaning(client, error) from error
    except _TooLarge as error:
        raise Unfit(f"it is larger than {_LARGEST_ANSWER} bytes") from error
    except TimeoutError as error:
        raise RegistryTrouble(f"it does not answer within {access.timeout:g} s") from error
    except httpx2.TransportError as error:
        raise RegistryTrouble(f"it does not answer: {type(error).__name__} {error}"[:_LONGEST_TEXT]) from error
    except (httpx2.HTTPError, httpx2.InvalidURL, TypeError, ValueError, KeyError, AttributeError) as error:
        raise RegistryTrouble(
            f"what answers at registry.url is no schema registry: {type(error).__name__} {error}"[:_LONGEST_TEXT]
        ) from error


async def _meaning(client: AsyncSchemaRegistryClient, error: SchemaRegistryError) -> BridgeError:
    status, code = error.http_status_code, error.error_code
    if status == _UNAUTHORIZED:
        return RegistryRefuses("it does not accept our credentials (HTTP 401): check registry.user, password or token")
    if status == _FORBIDDEN:
        return RegistryRefuses("it does not let us read schemas (HTTP 403): give that right to registry.user")
    if status == _NOT_FOUND and code in _MISSING:
        return NoSuchSchema(str(error.error_message)[:_LONGEST_TEXT])
    if status == _NOT_FOUND and await _is_a_registry(client):
        return NoSuchSchema("the registry has none, or does not know ids of that kind")
    if status == _NOT_FOUND:
        return RegistryRefuses("there is no registry at registry.url (HTTP 404): check its path")
    return RegistryTrouble(f"it answers with HTTP {status}: {error.error_message}"[:_LONGEST_TEXT])


async def _is_a_registry(client: AsyncSchemaRegistryClient) -> bool:
    """Some registries have no address at all for GUIDs, and a wrong path looks the same."""
    try:
        return isinstance(await client.get_schema_types(), list)
    except SchemaRegistryError:
        return False
