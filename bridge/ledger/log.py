"""What the ledger needs of a topic partition. Kafka's is bridge.kafka.log; a simulation brings its own."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol


class LogRecord(NamedTuple):
    """A record as it lies in the log; `timestamp` is the broker's (LogAppendTime), ms. Millions are made in a restore."""

    offset: int
    timestamp: int
    key: bytes | None
    value: bytes


@dataclass(frozen=True, slots=True)
class Appended:
    """The ack of an append: where its first record lies, and the broker's time, ms."""

    offset: int
    timestamp: int


class PartitionLog(Protocol):
    """One partition of a log with contiguous offsets and several writers."""

    async def append(self, records: Sequence[tuple[bytes | None, bytes]]) -> Appended:
        """Append (key, value) pairs as one batch and wait for its ack.

        Raises AppendUncertain when the deadline passed: the batch may have been written, or may yet be, before any later
        append. Raises LogTruncated when the log can't be appended to any more by this process.
        """

    def read(self, start: int, end: int) -> AsyncIterator[Sequence[LogRecord]]:
        """The records from `start` up to, not with, `end`, in batches. Raises LogTruncated when some are gone."""

    async def bounds(self) -> tuple[int, int]:
        """The offset of the first record that is kept, and the one after the last."""

    async def offset_at(self, timestamp: int) -> int | None:
        """The first offset whose record has the broker's time `timestamp` (ms) or later; None when there is none."""
