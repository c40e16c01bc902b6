"""How fast a brand's requests go after 429s: each lowers the rate for all replicas, and quiet raises it slowly back.

A 429 below the agreed limit means that the limit is lower than believed, or that somebody else uses the brand's keys.
"""

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from bridge.telemetry import Telemetry

# One 429 in some minutes is little harm; calls at half the rate for an hour, because of a hiccup, would be much.
_LOWERED = 0.8
_LEAST = 0.1
_RAISED, _EVERY = 0.05, 60_000
_LOOK_AGAIN = 5.0


@dataclass(frozen=True, slots=True)
class Eased:
    """The part of the rate (0.1 to 1) with which a brand goes on at `since`, ms: the end of the hold by its last 429."""

    part: float = 1.0
    since: int = 0

    def at(self, now: int) -> float:
        """The part at `now` (ms): a twentieth of the whole more for each minute since."""
        steps = max(0, now - self.since) // _EVERY
        return min(1.0, round(self.part + _RAISED * steps, 4))

    def lowered(self, now: int, until: int) -> "Eased":
        """After a 429 at `now` that holds the brand until `until` (ms). Of those that were under way together the first
        counts: the others come while the brand is held.
        """
        if now < self.since:
            return Eased(self.part, max(until, self.since))
        return Eased(max(_LEAST, round(self.at(now) * _LOWERED, 4)), until)


class Parts(Protocol):
    """The board."""

    def watch(self) -> asyncio.Event:
        """Set whenever a hold changes."""

    def part(self, brand: str) -> float:
        """The part of the brand's rate that may be used now."""


class Rates(Protocol):
    """The budget."""

    def ease(self, brand: str, part: float) -> None:
        """Use this part of the brand's rate from now on."""


async def ease_brands(brands: Iterable[str], board: Parts, budget: Rates, telemetry: Telemetry) -> None:
    """Keep the budget of each brand at the part that the board says; until cancelled."""
    parts = dict.fromkeys(brands, 1.0)
    for brand in parts:
        telemetry.budget_eased(brand, 1.0)
    changed = board.watch()
    while True:
        changed.clear()
        for brand, known in parts.items():
            if (part := board.part(brand)) != known:
                parts[brand] = part
                budget.ease(brand, part)
                telemetry.budget_eased(brand, part)
        with suppress(TimeoutError):
            async with asyncio.timeout(_LOOK_AGAIN):
                await changed.wait()
