"""What could be read of a route, also when not all of it could: enough to find what else is wrong with it."""

from collections.abc import Mapping
from dataclasses import dataclass

from bridge.routing.contract import Contract
from bridge.routing.expressions import Expression
from bridge.routing.findings import Spot
from bridge.routing.matching import Condition
from bridge.routing.routes import TopicKey
from bridge.routing.templates import Template
from bridge.routing.values import Value


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of a route that have no mistake in themselves. `spot` is the route's, each topic key has its own;
    `contract` is None when the generator could not be read.
    """

    spot: Spot
    conditions: tuple[Condition, ...]
    when: Expression | None
    topic_keys: tuple[tuple[TopicKey, Spot], ...]
    dedup_key: Template | None
    supersede_by: Template | None
    context: Mapping[str, Value]
    contract: Contract | None
