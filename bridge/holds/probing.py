"""Finding out when a brand's keys work again, without an effect: the status of an execution that can't exist is asked for.

404 means that the key works (docs/vendor.md #15). Keys may take minutes to propagate at the vendor, so it is asked for ever.
"""

import asyncio
import random
from collections.abc import Iterable
from typing import Protocol

from bridge.budget.budget import Budget, Lane
from bridge.holds.board import Board
from bridge.holds.model import Reason, brand_scope
from bridge.vendor.answers import NotFound, StatusAnswer

_SHORTEST = 3.0
_LONGEST = 6.0


class Vendor(Protocol):
    """The vendor's status endpoint, asked for what can't exist."""

    async def probe(self, brand: str) -> StatusAnswer:
        """NotFound: the brand's keys work."""


async def probe_brands(brands: Iterable[str], vendor: Vendor, budget: Budget, board: Board) -> None:
    """Release brands that were held for their keys once the keys work; until cancelled."""
    names = list(brands)
    while True:
        # Each replica in its own rhythm, so that they don't all ask at once.
        await asyncio.sleep(random.uniform(_SHORTEST, _LONGEST))  # noqa: S311 - jitter
        for brand in names:
            hold = board.on_brand(brand)
            if hold is None or hold.reason is not Reason.UNAUTHORIZED:
                continue
            await budget.slot(brand, Lane.POLL)
            if isinstance(await vendor.probe(brand), NotFound):
                await board.lift(brand_scope(brand))
