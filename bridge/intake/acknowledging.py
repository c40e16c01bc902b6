"""Batches whose writes are not acknowledged yet: the next ones are read meanwhile, and none counts before those ahead of it.

Triggers keep their order all the same: an idempotent producer writes nothing to a partition behind what was refused there.
"""

from collections import deque
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass

from bridge.intake.judging import Judgement
from bridge.kafka import TopicPartition, Writing


@dataclass(frozen=True, slots=True)
class Batch:
    """What was decided at `now` (ms since 1970 UTC), and is being written. `done`: by partition where to read on after it."""

    now: int
    judgements: Sequence[Judgement]
    done: Mapping[TopicPartition, int]
    writing: Writing


class Unacknowledged:
    """Batches in the order in which they were read."""

    def __init__(self) -> None:
        self._batches: deque[Batch] = deque()

    def add(self, batch: Batch) -> None:
        """One whose writes have been queued."""
        self._batches.append(batch)

    async def settled(self, most: int) -> AsyncIterator[Batch]:
        """Those that are acknowledged, in order. Waits until no more than `most` are left.

        Raises AppendUncertain and KafkaTrouble as `Producer.send_all`, also when nothing need be waited for and the
        first one's deadline has passed.
        """
        while self._batches and (len(self._batches) > most or self._batches[0].writing.ended):
            await self._batches[0].writing.acknowledged()
            yield self._batches.popleft()
