"""Partitions in memory, in the place of Kafka's: what is tested here is what is decided, not how it is transported."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto

from bridge.clock import Clock
from bridge.errors import AppendUncertain
from bridge.kafka.log import PartitionReader
from bridge.ledger.log import Appended, LogRecord


class Ack(Enum):
    """What becomes of an append."""

    GIVEN = auto()
    LATE = auto()  # written, and acknowledged when `release_acks` says so
    UNCERTAIN_WRITTEN = auto()
    UNCERTAIN_LOST = auto()


@dataclass(slots=True)
class MemoryLog:
    """One partition with contiguous offsets, of the ledger or of the triggers (bridge.ledger.log.PartitionLog)."""

    clock: Clock
    records: list[LogRecord] = field(default_factory=list)
    first: int = 0  # what lies before it, retention took
    ack: Ack = Ack.GIVEN
    # How many appends get `ack`; the ones after them are acknowledged.
    left: int = 0
    watchers: list[asyncio.Event] = field(default_factory=list)
    _released: asyncio.Event = field(default_factory=asyncio.Event)

    def spoil(self, ack: Ack, appends: int = 1) -> None:
        """The next appends end so."""
        self.ack, self.left = ack, appends
        self._released.clear()

    def release_acks(self) -> None:
        """Acknowledge what is late, and everything from here on."""
        self.left = 0
        self._released.set()

    def put(self, key: bytes | None, value: bytes) -> int:
        """Append at once; the record's offset."""
        self.records.append(LogRecord(len(self.records), self.clock.now(), key, value))
        for event in self.watchers:
            event.set()
        return len(self.records) - 1

    async def append(self, records: Sequence[tuple[bytes | None, bytes]]) -> Appended:
        await asyncio.sleep(0)
        ack = self.ack if self.left else Ack.GIVEN
        self.left = max(0, self.left - 1)
        if ack is Ack.UNCERTAIN_LOST:
            raise AppendUncertain("asked for by a test")
        first = Appended(len(self.records), self.clock.now())
        for key, value in records:
            self.put(key, value)
        if ack is Ack.UNCERTAIN_WRITTEN:
            raise AppendUncertain("asked for by a test")
        if ack is Ack.LATE:
            await self._released.wait()
        return first

    async def read(self, start: int, end: int) -> AsyncIterator[Sequence[LogRecord]]:
        await asyncio.sleep(0)
        if start < end:
            yield self.records[start:end]

    async def bounds(self) -> tuple[int, int]:
        return self.first, len(self.records)

    async def offset_at(self, timestamp: int) -> int | None:
        return next((raw.offset for raw in self.records if raw.timestamp >= timestamp), None)


class MemoryReader(PartitionReader):
    """Reads one partition."""

    def __init__(self, log: MemoryLog) -> None:
        self._log = log

    def read(self, start: int, end: int) -> AsyncIterator[Sequence[LogRecord]]:
        return self._log.read(start, end)

    async def bounds(self) -> tuple[int, int]:
        return await self._log.bounds()

    async def offset_at(self, timestamp: int) -> int | None:
        return await self._log.offset_at(timestamp)
