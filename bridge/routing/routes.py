"""What a table is made of once it is read: sources, generators, routes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from bridge.events import Event, Format
from bridge.routing.contract import Contract
from bridge.routing.expressions import Expression
from bridge.routing.matching import Condition
from bridge.routing.moments import Unit
from bridge.routing.paths import MISSING, Path
from bridge.routing.templates import Template
from bridge.routing.values import LookedUp, Value
from bridge.triggers import Limit, OnUnknown, Priority

Tombstones = Literal["dead-letter", "skip"]
"""What becomes of a record without a value, which in a compacted topic deletes its key."""
Mode = Literal["live", "shadow", "off"]
Start = Literal["expiry", "earliest", "latest"] | int


@dataclass(frozen=True, slots=True)
class EventTime:
    """Where an event says when it happened, and how. `or_timestamp`: where it does not say, the record's timestamp counts."""

    path: Path
    unit: Unit
    or_timestamp: bool = False

    def stands_in(self, event: Event) -> bool:
        """Whether the record's timestamp counts instead."""
        return self.or_timestamp and self.path.read(event) is MISSING


@dataclass(frozen=True, slots=True)
class SourceConfig:
    """A topic with events.

    `start` says where to begin without a committed offset: a moment (ms since 1970 UTC), the earliest or latest record,
    or `expiry`: now less `longest_expiry` (ms), the longest expires_after of the routes that read it; 0 without routes.
    `dedup_key` is that of routes without their own; None: the event id.
    """

    name: str
    topic: str
    format: Format
    event_id: Path
    event_time: EventTime | None
    order_by: Path | None
    start: Start
    longest_expiry: int = 0
    dedup_key: Template | None = None
    tombstones: Tombstones = "dead-letter"


@dataclass(frozen=True, slots=True)
class Generator:
    """An Event Generator of the vendor, and what its templates expect. `title` is what marketing calls it, if given."""

    name: str
    brand: str
    id: str
    contract: Contract
    title: str = ""


TopicKey = Template | LookedUp


@dataclass(frozen=True, slots=True)
class Route:
    """Which events become which calls. Durations are in ms. `description` is for people."""

    name: str
    source: str
    generator: Generator
    conditions: tuple[Condition, ...]
    when: Expression | None
    topic_keys: tuple[TopicKey, ...]
    dedup_key: Template | None
    supersede_by: Template | None
    context: Mapping[str, Value]
    priority: Priority
    on_unknown: OnUnknown
    expires_after: int
    dedup_window: int
    limit: Limit | None
    mode: Mode
    description: str = ""

    @property
    def brand(self) -> str:
        """Whose campaign it is."""
        return self.generator.brand

    @property
    def event_generator_id(self) -> str:
        """The vendor's id of the generator that is called."""
        return self.generator.id
