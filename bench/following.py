"""Many open executions: how much memory a process takes that holds them, how long they take to read and to look at; and how
often an execution is asked about.

    python -m bench.following EXECUTIONS
"""

import asyncio
import gc
import os
import random
import sys
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from statistics import median
from uuid import UUID

import msgspec
from msgspec.structs import replace
from prometheus_client import CollectorRegistry

from bench.machine import peak_mb
from bench.restore import life
from bridge.budget.budget import Budget
from bridge.clock import Clock, SystemClock
from bridge.collecting import collect_rarely
from bridge.holds.board import Board
from bridge.ledger.codec import encode, key_of
from bridge.ledger.item import End, Item
from bridge.ledger.log import Appended, LogRecord
from bridge.ledger.partition import PartitionLedger
from bridge.ledger.records import Accepted, Claim, Intent
from bridge.ledger.restoring import Progress
from bridge.reconcile.judging import Following
from bridge.reconcile.pace import Pace
from bridge.reconcile.stage import Reconcile
from bridge.telemetry import Telemetry
from bridge.vendor.answers import Running, StatusAnswer

_WINDOW = 86_400_000
_BATCH = 500
_FOLLOWING = Following(deadline=1_800_000, lag=60_000, corrections=21_600_000)
# Executions of the examples on the vendor's page end after 5 to 12 s.
_SHORTEST, _LONGEST = 5.0, 12.0
_EXECUTIONS = 20_000
# What it takes to make a record must not count as reading it.
_MADE_FOR_NOTHING = 5_000


class Open(msgspec.Struct, frozen=True):
    """One run. `mb`: the most that the process grew by, in the ledger and in reconcile together; microseconds for each to read
    it, and to begin to follow it; and the longest moment (seconds) in which nothing else got a turn meanwhile.
    """

    executions: int
    mb: float
    cpu: float
    read_us: float
    followed_us: float
    longest_turn: float


@dataclass(frozen=True, slots=True)
class Polls:
    """How often an execution is asked about, and how long after its end that is known (median and 95 %, seconds)."""

    told: bool
    each: float
    delay: float
    delay_95: float


class _Log:
    """A ledger partition that is made as it is read, so that it takes no memory itself (bridge.ledger.log.PartitionLog)."""

    def __init__(self, executions: int, clock: Clock) -> None:
        self._clock = clock
        self._began = clock.now()
        self._end = 1 + 2 * executions
        self._pair = _pair(0)

    async def append(self, records: Sequence[tuple[bytes | None, bytes]]) -> Appended:
        ack = Appended(self._end, self._clock.now())
        self._end += len(records)
        return ack

    async def read(self, start: int, end: int) -> AsyncIterator[Sequence[LogRecord]]:
        while start < end:
            until = min(end, start + _BATCH)
            yield [self._record(offset) for offset in range(start, until)]
            start = until
            await asyncio.sleep(0)

    async def bounds(self) -> tuple[int, int]:
        return 0, self._end

    async def offset_at(self, timestamp: int) -> int | None:
        return 0

    def _record(self, offset: int) -> LogRecord:
        number, second = divmod(offset - 1, 2)
        if offset == 0:
            return LogRecord(0, self._began, None, encode(Claim("another", _WINDOW)))
        if not second:
            self._pair = _pair(number)
        record = self._pair[second]
        return LogRecord(offset, self._began, key_of(record), encode(record, 0))


def _pair(number: int) -> tuple[Intent, Accepted]:
    """With ids as they are: UUIDs of events and executions."""
    intent = next(life(number))
    about = replace(intent.about, event_id=str(UUID(int=number + 1)))
    attempt = replace(intent.attempt, nonce=UUID(int=number + 2).hex)
    execution = str(UUID(int=number + 3))
    return (
        Intent(intent.id, about, attempt),
        Accepted(intent.id, about, attempt, execution, attempt.called + 20),
    )


class _Endless:
    """The status endpoint of a vendor that is busy for ever."""

    async def status(self, brand: str, execution_id: str) -> StatusAnswer:
        return Running("processing")


class _Nowhere:
    """Where results go."""

    async def emit(self, trigger: str, item: Item, end: End) -> None:
        return


async def open_executions(executions: int) -> Open:
    """Read a ledger with so many open executions, and follow them; in a process that does nothing else."""
    clock = SystemClock()
    await _followed(100, clock)  # what is imported and made once must not count
    gc.collect()
    log = _Log(executions, clock)
    began = time.perf_counter()
    async for _batch in log.read(0, 1 + 2 * executions):
        pass
    made = time.perf_counter() - began
    before, cpu = peak_mb(os.getpid()), time.process_time()
    read, followed, longest = await _followed(executions, clock)
    return Open(
        executions=executions,
        mb=peak_mb(os.getpid()) - before,
        cpu=time.process_time() - cpu,
        read_us=(read - made) / executions * 1e6,
        followed_us=followed / executions * 1e6,
        longest_turn=longest,
    )


async def _followed(executions: int, clock: Clock) -> tuple[float, float, float]:
    """Seconds until all were read, until all are followed from then on, and of the longest turn."""
    log = _Log(executions, clock)
    ledger = PartitionLedger(0, log, "bench", _WINDOW, lambda _triggers, _foreign: None)
    reconcile, budget = _reconcile(clock)
    longest, running = 0.0, True

    async def watch() -> None:
        nonlocal longest
        while running:
            at = time.perf_counter()
            await asyncio.sleep(0)
            longest = max(longest, time.perf_counter() - at)

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(ledger.run()), group.create_task(budget.run())]
        began = time.perf_counter()
        await ledger.claim(Progress(executions, None))
        read = time.perf_counter() - began
        assert len(ledger.fold.items) == executions, "every one is open"  # noqa: S101 - else it proves nothing
        group.create_task(watch())
        began = time.perf_counter()
        tasks.append(group.create_task(reconcile.run()))
        reconcile.opened(ledger)
        while reconcile.followed < executions:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0)
        followed = time.perf_counter() - began
        running = False
        for task in tasks:
            task.cancel()
    return read, followed, longest


def _reconcile(clock: Clock) -> tuple[Reconcile, Budget]:
    telemetry = Telemetry(CollectorRegistry(), clock)
    budget = Budget({"acme": 1.0}, 1.0, clock, telemetry)
    budget.share(1, 1)

    async def silent(_key: str, _value: bytes | None) -> None:
        return

    reconcile = Reconcile(
        vendor=_Endless(),
        budget=budget,
        holds=Board(clock, telemetry, silent),
        results=_Nowhere(),
        pace=Pace(5, 30, random.random),
        following=_FOLLOWING,
        fresh=lambda: True,
        replica="bench",
        clock=clock,
        telemetry=telemetry,
    )
    return reconcile, budget


def polls(*, told: bool) -> Polls:
    """Executions that take 5 to 12 s, one after the other in their own time; `told`: the vendor says when they ended."""
    dice = random.Random(1)  # noqa: S311 - a figure that can be had again
    pace, asked, delays = Pace(5, 30, dice.random), 0, []
    for _ in range(_EXECUTIONS):
        ends, before, age, questions = dice.uniform(_SHORTEST, _LONGEST), 0.0, pace.wait("generator", 0.0, 0), 1
        while age < ends:
            before, age = age, age + pace.wait("generator", age, questions)
            questions += 1
        pace.learn("generator", before, age, ends if told else None)
        asked += questions
        delays.append(age - ends)
    return Polls(told, asked / len(delays), median(delays), sorted(delays)[int(0.95 * len(delays))])


if __name__ == "__main__":
    collect_rarely()  # as a replica does
    print(msgspec.json.encode(asyncio.run(open_executions(int(sys.argv[1])))).decode())
