"""An event as the routing table sees it: decoded, with what came around it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Source:
    """Where a record lies."""

    topic: str
    partition: int
    offset: int

    def __str__(self) -> str:
        return f"{self.topic}/{self.partition}/{self.offset}"


@dataclass(frozen=True, slots=True)
class Event:
    """A decoded record of a source topic.

    `timestamp` is the record's own, in milliseconds since 1970 UTC. `key` and header values that are not UTF-8 are
    decoded with U+FFFD in place of what can't be read. `ce` holds CloudEvents attributes by name, empty where the
    format has none.
    """

    body: Any
    source: Source
    timestamp: int
    key: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    ce: Mapping[str, Any] = field(default_factory=dict)
