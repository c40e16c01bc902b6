"""What a registry keeps, and where decoding asks for it. The client with its network is bridge.registry."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any, Final, Protocol

from bridge.errors import BridgeError
from bridge.events import Format
from bridge.formats.wire import Framed, SchemaId

REGISTERED: Final[Mapping[Format, str]] = {"avro": "AVRO", "protobuf": "PROTOBUF", "json-schema": "JSON"}
"""The formats that are read with a schema registry, and what a registry calls them."""


MISSING_EXTRA: Final = "a schema registry needs the extra `registry`: pip install 'campaign-bridge[registry]'"


def extra_is_installed() -> bool:
    """Whether what the formats of a registry are read with is there: an optional extra of the package."""
    return all(find_spec(name) is not None for name in ("confluent_kafka", "google", "grpc_tools"))


class Unfit(BridgeError):
    """A schema by which nothing can be read; the text is the reason that goes to the dead letters."""


@dataclass(frozen=True, slots=True)
class Part:
    """A schema that another one refers to, under the name that it is referred to by."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Written:
    """A schema as the registry keeps it. `parts` is what it refers to, and what that refers to: first what others need."""

    kind: str
    text: str
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads what was written by one schema of a `kind` (see REGISTERED). `body` raises Undecodable."""

    kind: str
    body: Callable[[Framed], Any]


class Schemas(Protocol):
    """The schemas that are known."""

    def reader(self, schema: SchemaId, written: int) -> Reader:
        """Of the schema that a record names, which was written then (ms since 1970 UTC; -1: nobody knows).

        Raises SchemaNeeded while it is not known, and Undecodable when nothing can be read by it, or there is none.
        """


class NoSchemas:
    """Of a bridge without a registry; `bridge check` and the start refuse a table that would ask it."""

    def reader(self, schema: SchemaId, written: int) -> Reader:
        """Raises BridgeError."""
        raise BridgeError(f"schema {schema} can't be looked up: the settings have no registry, set registry.url")
