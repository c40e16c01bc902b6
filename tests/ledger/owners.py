"""Processes that share a partition's ledger, each with its own writer."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from ledger.memory import START, MemoryPartition, Pace, Writer, one_turn
from ledger.samples import accepted, ended, intent, trigger_named

from bridge.ledger.codec import encode, key_of
from bridge.ledger.item import Item
from bridge.ledger.partition import PartitionLedger
from bridge.ledger.records import Claim, Record
from bridge.ledger.restoring import Progress

HOUR = 3_600_000
WINDOW = 24 * HOUR
NEW = Progress(committed=None, first_at=None)


@dataclass(slots=True)
class Owner:
    """A process that may own the partition. `news` is what `changed` was told."""

    name: str
    log: Writer
    ledger: PartitionLedger
    news: list[tuple[set[str], bool]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    async def claim(self, committed: int | None = None, first_at: int | None = None) -> int:
        """Claim once; the number."""
        return (await self.ledger.claim(Progress(committed, first_at))).claim

    def item(self, name: str = "t") -> Item:
        """What it knows of the trigger."""
        return self.ledger.fold.items[trigger_named(name)]


def make_owner(
    partition: MemoryPartition, name: str, pace: Pace = one_turn, window: int = WINDOW, digest_every: int = 0
) -> Owner:
    """An owner whose writer does not run yet."""
    log = Writer(partition, pace)
    news: list[tuple[set[str], bool]] = []
    refused: list[str] = []
    ledger = PartitionLedger(
        3,
        log,
        name,
        window,
        lambda triggers, foreign: news.append((triggers, foreign)),
        digest_every=digest_every,
        refused=refused.append,
    )
    return Owner(name, log, ledger, news, refused)


@asynccontextmanager
async def owners(
    partition: MemoryPartition, *names: str, window: int = WINDOW, digest_every: int = 0
) -> AsyncIterator[list[Owner]]:
    """Owners whose writers run until the block ends, or one of them fails: then with its error alone."""
    made = [make_owner(partition, name, window=window, digest_every=digest_every) for name in names]
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(owner.ledger.run(), name=owner.name) for owner in made]
            yield made
            for task in tasks:
                task.cancel()
    except BaseExceptionGroup as several:
        if len(several.exceptions) == 1:
            raise several.exceptions[0] from None
        raise


@asynccontextmanager
async def owner(
    partition: MemoryPartition, name: str = "replica-1", window: int = WINDOW, digest_every: int = 0
) -> AsyncIterator[Owner]:
    """One owner."""
    async with owners(partition, name, window=window, digest_every=digest_every) as made:
        yield made[0]


def write(partition: MemoryPartition, claim: int | None, *records: Record) -> int:
    """What some other process wrote under its claim; the offset of the first."""
    return partition.put([(key_of(one), encode(one, claim)) for one in records]).offset


def write_claim(partition: MemoryPartition, replica: str = "another") -> int:
    """Another process's claim; its number."""
    return write(partition, None, Claim(replica))


def history(*at: tuple[int, str]) -> MemoryPartition:
    """A ledger with a claim and an accepted trigger for each (hours since the start, name); each hour claims anew."""
    partition = MemoryPartition()
    for hours, name in at:
        partition.now = START + hours * HOUR
        write(partition, write_claim(partition), intent(name), accepted(name), ended(name))
    return partition


def nonces(items: Iterable[Item]) -> set[str]:
    """All attempts that these items tell of."""
    return {nonce for item in items for nonce in item.attempts}
