"""Opening a partition: its ledger, the claim, the restore, and reading on from where the group stands."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from bridge.clock import Clock
from bridge.dispatch.around import TriggersReader
from bridge.dispatch.partition import OwnedPartition
from bridge.dispatch.progress import Progress
from bridge.dispatch.takeover import Takeover
from bridge.errors import AppendUncertain, BridgeError
from bridge.kafka.answers import NoAnswer, NotAMember
from bridge.kafka.consumer import GroupConsumer
from bridge.kafka.records import TopicPartition
from bridge.ledger.asking import Restored
from bridge.ledger.partition import PartitionLedger
from bridge.ledger.restoring import Progress as Restore
from bridge.telemetry import Telemetry

_FIRST_BACKOFF = 0.5
_LONGEST_BACKOFF = 10.0
# After a change of leaders the end of a topic may lag behind what was acknowledged, for a moment.
_LOOKS_FOR_A_TRIGGER = 20
_LOOK_EVERY = 0.5

StartTask = Callable[[Coroutine[Any, Any, None], str], asyncio.Task[None]]
Changed = Callable[[int, set[str], bool], None]


@dataclass(slots=True, eq=False)
class Owned:
    """A partition between its claim and its being given up. `committed` is what the group knows of its progress."""

    partition: OwnedPartition
    takeover: Takeover
    follow: asyncio.Task[None]
    claimed_at: float  # boottime, seconds
    committed: int


@dataclass(frozen=True, slots=True)
class Wish:
    """A partition that the group gave us. `still()`: whether that assignment is in force; `opened` is told when claimed,
    before anything is decided.
    """

    number: int
    still: Callable[[], bool]
    opened: Callable[[int, Owned], None]


class Opening:
    """`ledger(partition, changed)` makes a partition's ledger, once in the life of the process; `make(ledger, progress)`
    the partition that works on it.
    """

    def __init__(
        self,
        *,
        consumer: GroupConsumer,
        topic: str,
        ledger: Callable[[int, Callable[[set[str], bool], None]], PartitionLedger],
        make: Callable[[PartitionLedger, Progress], OwnedPartition],
        reader: TriggersReader,
        clock: Clock,
        telemetry: Telemetry,
    ) -> None:
        self._consumer = consumer
        self._topic = topic
        self._make_ledger = ledger
        self._make = make
        self._reader = reader
        self._clock = clock
        self._telemetry = telemetry
        self._ledgers: dict[int, PartitionLedger] = {}

    async def open(self, wish: Wish, start: StartTask, changed: Changed) -> None:
        """Open the partition, however often it takes, unless it is taken away meanwhile."""
        pause = _FIRST_BACKOFF
        while wish.still():
            try:
                await self._try(wish, start, changed)
            except (NotAMember, NoAnswer) as error:
                self._telemetry.warned("a partition could not be opened yet", partition=wish.number, why=str(error))
                await asyncio.sleep(pause)
                pause = min(pause * 2, _LONGEST_BACKOFF)
            else:
                return

    async def win_back(self, wish: Wish, committed: int, start: StartTask, changed: Changed) -> None:
        """Another replica claimed a partition that the group still lists as ours: claim it again, unless it is not."""
        where, pause = TopicPartition(self._topic, wish.number), _FIRST_BACKOFF
        self._consumer.pause([where])
        while wish.still():
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_BACKOFF)
            if not wish.still():
                return  # nor when it came back meanwhile: its progress would be set back
            with suppress(NotAMember, NoAnswer):
                # About liveness only, never safety: a member that the group no longer knows must not fight its successor.
                await self._consumer.commit({where: committed})
                if wish.still():
                    self._consumer.seek(where, committed)
                    await self.open(wish, start, changed)
                return

    async def claim(self, ledger: PartitionLedger, restore: Restore) -> Restored:
        """Claim, however often it takes."""
        pause = _FIRST_BACKOFF
        while True:
            try:
                return await ledger.claim(restore)
            except AppendUncertain:
                await asyncio.sleep(pause)
                pause = min(pause * 2, _LONGEST_BACKOFF)

    async def _try(self, wish: Wish, start: StartTask, changed: Changed) -> None:
        where, began = TopicPartition(self._topic, wish.number), self._clock.boottime()
        ledger = self._ledger(wish.number, start, changed)
        position = await self._consumer.position(where)
        committed = (await self._consumer.committed([where]))[where]
        first = await self._reader.fetch(wish.number, position)
        if not wish.still():
            return  # a claim now would take the partition from its new owner
        restored = await self.claim(ledger, Restore(committed, None if first is None else first.timestamp))
        if not wish.still():
            # Taken away meanwhile: whoever has it next claims anew, be it this replica.
            ledger.give_up()
            return
        await self._refuse_other_triggers(where, ledger)
        partition = self._make(ledger, Progress(position))
        takeover = Takeover(partition)
        follow = start(takeover.follow(), f"news {wish.number}")
        wish.opened(wish.number, Owned(partition, takeover, follow, self._clock.boottime(), position))
        await takeover.open()
        if not partition.closing:
            self._consumer.resume([where])
            seconds = self._clock.boottime() - began
            self._telemetry.ledger_claimed(wish.number, restored.claim, restored.records, seconds)

    async def _refuse_other_triggers(self, where: TopicPartition, ledger: PartitionLedger) -> None:
        """The ledger speaks of triggers by their offsets: it must be of this topic, and not of one that was there before.

        Kafka forgets the committed offsets of a topic that is deleted, so they tell nothing. Raises BridgeError.
        """
        offset, known = ledger.fold.furthest
        if offset < 0:
            return
        for _ in range(_LOOKS_FOR_A_TRIGGER):
            found = await self._reader.fetch(where.partition, offset)
            if found is not None or (await self._consumer.beginning_offsets([where]))[where] > offset:
                break
            await asyncio.sleep(_LOOK_EVERY)
        else:
            raise BridgeError(
                _other_triggers(where, f"its ledger knows trigger {known} at offset {offset}, where it ends before")
            )
        if found is not None and (found.trigger is None or found.trigger.id != known):
            raise BridgeError(
                _other_triggers(
                    where, f"offset {offset} holds another trigger than {known}, which its ledger knows there"
                )
            )

    def _ledger(self, number: int, start: StartTask, changed: Changed) -> PartitionLedger:
        if number not in self._ledgers:
            ledger = self._make_ledger(number, lambda triggers, foreign: changed(number, triggers, foreign))
            self._ledgers[number] = ledger
            start(ledger.run(), f"ledger {number}")
        return self._ledgers[number]


def _other_triggers(where: TopicPartition, found: str) -> str:
    return (
        f"{where}: {found}: the triggers topic was deleted, or lost records, and what was not called yet is gone with it. "
        "Restore it, or begin anew: docs/disaster.md, The triggers topic"
    )
