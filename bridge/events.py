"""A record of a source topic, and the event in it as the routing table sees it: decoded, with what came around it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from msgspec import Struct

Format = Literal["json", "cloudevents", "avro", "protobuf", "json-schema"]
"""How the records of a source are encoded."""

Headers = Sequence[tuple[str, bytes | None]]


class Record(Protocol):
    """A record that was read (see bridge.kafka)."""

    @property
    def topic(self) -> str: ...  # noqa: D102 - the names say it

    @property
    def partition(self) -> int: ...  # noqa: D102

    @property
    def offset(self) -> int: ...  # noqa: D102

    @property
    def timestamp(self) -> int:
        """Milliseconds since 1970 UTC, the producer's or the broker's, as the topic is set up; -1 where there is none."""

    @property
    def key(self) -> bytes | None: ...  # noqa: D102

    @property
    def value(self) -> bytes | None: ...  # noqa: D102

    @property
    def headers(self) -> Headers: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class UnreadableRecord:
    """Stands for all records of a batch that could not be read. `why` is for the dead letter."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    why: str
    key: bytes | None = None
    value: bytes | None = None
    headers: Headers = ()


# Structs, because one of each is made for every record that is read: a frozen dataclass takes five times as long to make. They
# are never part of a cycle, so the garbage collector need not know of them.


class Source(Struct, frozen=True, gc=False):
    """Where a record lies."""

    topic: str
    partition: int
    offset: int

    def __str__(self) -> str:
        return f"{self.topic}/{self.partition}/{self.offset}"


class Event(Struct, frozen=True, gc=False):
    """A decoded record of a source topic.

    `timestamp` is the record's own, in milliseconds since 1970 UTC. `key` and headers (names and values) that are not
    UTF-8 are decoded with U+FFFD in place of what can't be read. `ce` holds CloudEvents attributes by name, each as
    text; empty where the format has none.
    """

    body: Any
    source: Source
    timestamp: int
    key: str | None = None
    headers: Mapping[str, str] = {}
    ce: Mapping[str, Any] = {}
