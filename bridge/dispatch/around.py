"""What dispatch needs of the parts around it."""

from collections.abc import Mapping
from typing import Any, Protocol

from msgspec import Struct

from bridge.ledger.item import End, Item
from bridge.ledger.partition import PartitionLedger
from bridge.provisioning.answers import Made, NotMade
from bridge.tracecontext import Trace
from bridge.triggers import Trigger, Unmapped
from bridge.vendor.answers import RunAnswer


class Arrival(Struct, frozen=True, gc=False):
    """A record as it lies on the triggers topic; `timestamp` is the broker's, ms. `trigger` None: it is no trigger."""

    offset: int
    timestamp: int
    trigger: Trigger | None


class Results(Protocol):
    """Where outcomes go."""

    async def emit(self, trigger: str, item: Item, end: End) -> None:
        """Write the result of the end, and wait until it is acknowledged."""


class Follower(Protocol):
    """Who else works on owned partitions: reconcile. The stages don't know one another."""

    def opened(self, ledger: PartitionLedger) -> None:
        """The partition is claimed and restored."""

    def changed(self, partition: int, triggers: set[str]) -> None:
        """Records about these triggers were applied."""

    def closed(self, partition: int) -> None:
        """The partition is no longer ours."""


class TriggersReader(Protocol):
    """Reads a trigger again by its offset."""

    async def fetch(self, partition: int, offset: int) -> Arrival | None:
        """The record at the offset, be it a trigger or not; None when there is none (any more)."""


class Topics(Protocol):
    """Who makes topics that are missing."""

    async def topic_for(self, trigger: Trigger, missing: Unmapped) -> Made | NotMade:
        """The topic that the trigger lacks, or why there will be none; never raises for what network or endpoint do."""


class Vendor(Protocol):
    """The vendor's run endpoint."""

    async def run(
        self,
        brand: str,
        event_generator_id: str,
        topic_key: str,
        context: Mapping[str, Any],
        trace: Trace | None = None,
    ) -> RunAnswer:
        """Trigger a campaign, once; never raises for what network or vendor do. `trace`: the request's own place in one."""
