"""Where slots come from."""

import asyncio
from collections.abc import Callable
from typing import Protocol


class Moments(Protocol):
    """Moments at which one request may leave. Times are seconds of a clock that never goes back."""

    @property
    def rate(self) -> float:
        """Requests a second that may leave now, as far as is known; 0: none."""

    def wait(self, now: float) -> float:
        """Seconds until it is worth looking again; 0 when a slot is due; infinite when none is in sight."""

    def take(self, now: float) -> None:
        """Use the slot that is due."""

    def change_rate(self, rate: float, now: float) -> None:
        """This replica's own share is so much from now on."""


class Sharing(Protocol):
    """How replicas share slots beyond what each owns."""

    def moments(self, brand: str, limit: float) -> Moments:
        """Where the slots of a brand come from that may make `limit` requests a second, over all replicas."""

    async def run(
        self, brand: str, waiting: Callable[[], int], wanted: asyncio.Event, changed: Callable[[], None]
    ) -> None:
        """Until cancelled: get slots for as many as `waiting()` says.

        `wanted` is set when there may be more of them, or another share; `changed` is to be called when there are slots, or
        another rate.
        """
