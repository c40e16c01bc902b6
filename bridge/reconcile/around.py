"""What reconcile needs of the parts around it."""

from typing import Protocol

from bridge.ledger.item import End, Item
from bridge.vendor.answers import StatusAnswer


class Vendor(Protocol):
    """The vendor's status endpoint."""

    async def status(self, brand: str, execution_id: str) -> StatusAnswer:
        """How an execution stands; never raises for what network or vendor do."""


class Results(Protocol):
    """Where outcomes go."""

    async def emit(self, trigger: str, item: Item, end: End) -> None:
        """Write the result of the end, and wait until it is acknowledged."""
