"""A partition in memory that behaves like one of Kafka's: contiguous offsets, several writers, the broker's time, acks that
are late or get lost, retention. What the ledger is tried on where the moment of each step must be chosen.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto

from bridge.errors import AppendUncertain, LogTruncated
from bridge.ledger.codec import decode
from bridge.ledger.log import Appended, LogRecord
from bridge.ledger.records import Line

START = 1_770_000_000_000
Batch = Sequence[tuple[bytes | None, bytes]]
Pace = Callable[[], Awaitable[None]]


class Fate(Enum):
    """What becomes of an append."""

    ACKED = auto()
    UNACKED = auto()  # written, and its ack is lost
    LOST = auto()  # never written
    LATE = auto()  # written after its deadline, but before the writer's next append


@dataclass(slots=True)
class MemoryPartition:
    """What lies in the log. `now` is the broker's time (ms), `first` the offset of the first record that is kept."""

    records: list[LogRecord] = field(default_factory=list)
    first: int = 0
    now: int = START

    @property
    def end(self) -> int:
        """The offset that the next record gets."""
        return len(self.records)

    def put(self, batch: Batch) -> Appended:
        """Append at once."""
        ack = Appended(self.end, self.now)
        for key, value in batch:
            self.records.append(LogRecord(self.end, self.now, key, value))
        return ack

    def lines(self) -> list[Line]:
        """What every record says, those that retention took included."""
        return [decode(raw.value) for raw in self.records]


async def one_turn() -> None:
    """Let the others go on once."""
    await asyncio.sleep(0)


@dataclass(slots=True)
class Writer:
    """One process's way to the partition (bridge.ledger.log.PartitionLog).

    `pace` is awaited wherever a real log would take time. `fates` are those of the next appends; after them all are ACKED.
    `batch`: how many records a read gives at once.
    """

    partition: MemoryPartition
    pace: Pace = one_turn
    fates: deque[Fate] = field(default_factory=deque)
    batch: int = 3
    under_way: list[Batch] = field(default_factory=list)
    ranges_read: list[tuple[int, int]] = field(default_factory=list)

    def arrive(self) -> None:
        """What is still under way is written now."""
        for batch in self.under_way:
            self.partition.put(batch)
        self.under_way.clear()

    async def append(self, records: Batch) -> Appended:
        await self.pace()
        self.arrive()
        fate = self.fates.popleft() if self.fates else Fate.ACKED
        ack = None
        if fate is Fate.LATE:
            self.under_way.append(records)
        elif fate is not Fate.LOST:
            ack = self.partition.put(records)
        await self.pace()
        if ack is None or fate is Fate.UNACKED:
            raise AppendUncertain(f"asked for by a test: {fate.name}")
        return ack

    async def read(self, start: int, end: int) -> AsyncIterator[Sequence[LogRecord]]:
        self.ranges_read.append((start, end))
        while start < end:
            await self.pace()
            if start < self.partition.first or end > self.partition.end:
                raise LogTruncated(f"records from {start} to {end} are not all kept")
            until = min(start + self.batch, end)
            yield self.partition.records[start:until]
            start = until

    async def bounds(self) -> tuple[int, int]:
        await self.pace()
        return self.partition.first, self.partition.end

    async def offset_at(self, timestamp: int) -> int | None:
        await self.pace()
        kept = self.partition.records[self.partition.first :]
        return next((raw.offset for raw in kept if raw.timestamp >= timestamp), None)
