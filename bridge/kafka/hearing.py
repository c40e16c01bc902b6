"""Ending a process whose one consumer is stuck while the other works.

Seen once in some hundred restarts of a broker: a client of aiokafka never found its group's coordinator again. It read
on, committed nothing, and was counted among its group no more. Kafka away is no reason to end; so what counts is that
the process' other group is heard all the while.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from bridge.clock import Clock
from bridge.errors import KafkaTrouble
from bridge.kafka.consumer import GroupConsumer

_LOOK_EVERY = 1.0


@dataclass(slots=True)
class Hearing:
    """Who is deaf, and since when. `session`, `patience`: seconds; the latter longer than any rebalance takes."""

    session: float
    patience: float
    _deaf_since: dict[str, float] = field(default_factory=dict)

    def stuck(self, heard: Sequence[tuple[str, float | None]], now: float) -> str | None:
        """The group that has not been heard for too long although every other one was; `heard` says when each was."""
        silent = [group for group, at in heard if at is None or now - at >= self.session]
        if len(silent) != 1 or len(heard) == 1:
            self._deaf_since.clear()
            return None
        since = self._deaf_since.setdefault(silent[0], now)
        return silent[0] if now - since >= self.patience else None


async def end_when_stuck(consumers: Sequence[GroupConsumer], session: float, patience: float, clock: Clock) -> None:
    """Look until cancelled. Raises KafkaTrouble when one of these consumers is stuck: started anew it works."""
    hearing = Hearing(session, patience)
    while True:
        await asyncio.sleep(_LOOK_EVERY)
        stuck = hearing.stuck([(one.group, one.heard_at) for one in consumers], clock.boottime())
        if stuck is not None:
            raise KafkaTrouble(
                f"group {stuck} has not answered for {patience:.0f} s, though Kafka does: its client is stuck, so the process ends "
                "to be started anew"
            )
