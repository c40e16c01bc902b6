"""Many executions that are open already: reconcile alone, over a ledger in memory, with a vendor that never ends them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from uuid import UUID

from dispatch.turning import TurnedClock
from ledger.memory import MemoryPartition, Writer
from ledger.samples import about, attempt, trigger_named
from msgspec.structs import replace
from prometheus_client import CollectorRegistry

from bridge.budget.budget import Budget
from bridge.clock import Clock
from bridge.holds.board import Board
from bridge.ledger.codec import encode, key_of
from bridge.ledger.item import End, Item
from bridge.ledger.partition import PartitionLedger
from bridge.ledger.records import Accepted, Claim
from bridge.ledger.restoring import Progress
from bridge.reconcile.judging import Following
from bridge.reconcile.pace import Pace
from bridge.reconcile.stage import Reconcile
from bridge.telemetry import Telemetry
from bridge.vendor.answers import Running, StatusAnswer

FOLLOWING = Following(deadline=1_800_000, lag=60_000, corrections=21_600_000)


@dataclass(slots=True)
class Endless:
    """The status endpoint of a vendor that is busy for ever. `asked`: the executions, in order; `brands`: whose they are."""

    asked: list[str] = field(default_factory=list)
    brands: list[str] = field(default_factory=list)

    async def status(self, brand: str, execution_id: str) -> StatusAnswer:
        self.asked.append(execution_id)
        self.brands.append(brand)
        return Running("processing")


@dataclass(slots=True)
class Kept:
    """Results that were written. `most_at_once`: how many were under way together."""

    outcomes: list[tuple[str, End]] = field(default_factory=list)
    under_way: int = 0
    most_at_once: int = 0

    async def emit(self, trigger: str, item: Item, end: End) -> None:
        self.under_way += 1
        self.most_at_once = max(self.most_at_once, self.under_way)
        await asyncio.sleep(0)
        self.under_way -= 1
        self.outcomes.append((trigger, end))


def opened(count: int, clock: Clock, *, ago: int, partition: int = 0, brand: str = "acme") -> PartitionLedger:
    """A ledger with so many open executions, accepted `ago` ms before now and one after the other, 1 ms apart."""
    log = MemoryPartition(now=clock.now())
    log.put([(None, encode(Claim("another", 86_400_000)))])
    for number in range(count):
        at = clock.now() - ago + number
        execution = str(UUID(int=number + 1))
        told = replace(about(number), brand=brand, event_id=str(UUID(int=number)), received=at)
        name = trigger_named(f"{partition}/{number}")
        tried = attempt(UUID(int=number + 2).hex)
        record = Accepted(name, told, replace(tried, called=at), execution, at)
        log.put([(key_of(record), encode(record))])
    writer = Writer(log, batch=500)
    return PartitionLedger(partition, writer, "replica", 86_400_000, lambda _triggers, _foreign: None)


@dataclass(slots=True)
class Desk:
    """Reconcile and what it meets."""

    reconcile: Reconcile
    vendor: Endless
    kept: Kept
    registry: CollectorRegistry

    @classmethod
    def made(cls, clock: TurnedClock, requests_per_second: float, **others: float) -> "Desk":
        """`others`: the requests a second of more brands than acme."""
        registry = CollectorRegistry()
        telemetry = Telemetry(registry, clock)
        vendor, kept = Endless(), Kept()

        async def silent(_key: str, _value: bytes | None) -> None:
            return

        budget = Budget({"acme": requests_per_second, **others}, 1.0, clock, telemetry)
        budget.share(1, 1)
        reconcile = Reconcile(
            vendor=vendor,
            budget=budget,
            holds=Board(clock, telemetry, silent),
            results=kept,
            pace=Pace(5, 30, lambda: 0.5),
            following=FOLLOWING,
            fresh=lambda: True,
            replica="replica",
            clock=clock,
            telemetry=telemetry,
        )
        desk = cls(reconcile, vendor, kept, registry)
        desk.budget = budget
        return desk

    budget: Budget = field(init=False)

    @asynccontextmanager
    async def running(self, *ledgers: PartitionLedger) -> AsyncIterator[None]:
        """With these partitions."""
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(self.budget.run()),
                group.create_task(self.reconcile.run()),
                *(group.create_task(ledger.run()) for ledger in ledgers),
            ]
            for ledger in ledgers:
                await ledger.claim(Progress(None, None))
                self.reconcile.opened(ledger)
            yield
            for task in tasks:
                task.cancel()
