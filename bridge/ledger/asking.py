"""What is asked of a ledger's writer, in order: its tasks ask, and wait for their answer."""

import asyncio
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from msgspec import Struct

from bridge.errors import AppendUncertain, LedgerLost
from bridge.ledger.records import Record
from bridge.ledger.restoring import Progress

T = TypeVar("T")
# Bytes in one append: far below any max.message.bytes, and enough that hundreds of ends share an ack.
_BATCH_BYTES = 262_144


@dataclass(frozen=True, slots=True)
class Restored:
    """What a claim cost: its number, and how many records were read for it."""

    claim: int
    records: int


class Write(Struct, eq=False):
    """A record to append. `claim`: of a decision, the writer's number when it was asked; None for a fact."""

    record: Record
    claim: int | None
    value: bytes
    done: asyncio.Future[None]


@dataclass(slots=True)
class ClaimAnew:
    """A claim to make."""

    progress: Progress
    done: asyncio.Future[Restored]


@dataclass(slots=True)
class Look:
    """The log's end to compare with what is known."""

    done: asyncio.Future[None]


@dataclass(slots=True)
class Queue:
    """One writer takes from it."""

    _asked: deque[Write | ClaimAnew | Look] = field(default_factory=deque)
    _wake: asyncio.Event = field(default_factory=asyncio.Event)

    def add(self, entry: Write | ClaimAnew | Look) -> None:
        """At the end."""
        self._asked.append(entry)
        self._wake.set()

    def put_back(self, writes: Sequence[Write]) -> None:
        """Before everything else, in their order."""
        self._asked.extendleft(reversed(writes))

    async def filled(self) -> None:
        """Wait until something is asked."""
        while not self._asked:
            self._wake.clear()
            await self._wake.wait()

    def take(self, partition: int, claim: int) -> list[Write] | ClaimAnew | Look:
        """What is to be done next: writes that go into one append, or something else. Decisions that were asked for under
        another claim than `claim` came too late, and are turned away: there may be no writes left.
        """
        head = self._asked[0]
        if isinstance(head, Write):
            return self._writes(partition, claim)
        self._asked.popleft()
        return head

    def _writes(self, partition: int, claim: int) -> list[Write]:
        writes: list[Write] = []
        size = 0
        while self._asked and isinstance(entry := self._asked[0], Write):
            if entry.claim is not None and entry.claim != claim:
                fail(entry.done, LedgerLost(f"ledger partition {partition} was claimed anew meanwhile"))
            elif writes and size + len(entry.value) > _BATCH_BYTES:
                break
            else:
                writes.append(entry)
                size += len(entry.value)
            self._asked.popleft()
        return writes


def batches(writes: Sequence[Write]) -> Iterator[list[Write]]:
    """The writes in their order, as many at a time as go into one append."""
    batch: list[Write] = []
    for write in writes:
        if batch and sum(len(one.value) for one in batch) + len(write.value) > _BATCH_BYTES:
            yield batch
            batch = []
        batch.append(write)
    if batch:
        yield batch


async def answered(writes: Sequence[Write]) -> None:
    """Wait until each has its answer. Raises the first failure, LedgerLost or AppendUncertain."""
    failure: LedgerLost | AppendUncertain | None = None
    for write in writes:
        try:
            await write.done
        except (LedgerLost, AppendUncertain) as error:
            failure = failure or error
    if failure is not None:
        raise failure


def resolve(future: "asyncio.Future[T]", value: T) -> None:
    """Answer, if it is still asked."""
    if not future.done():
        future.set_result(value)


def fail(future: "asyncio.Future[T]", error: Exception) -> None:
    """Answer with an error, if it is still asked."""
    if not future.done():
        future.set_exception(error)
        # Of several the first is told, and whoever asked may have gone: asyncio would log it as overlooked.
        future.exception()
