"""The partitions that the group gives and takes: claim, restore, drain, give up."""

import asyncio
from collections.abc import Callable, Collection, Coroutine, Iterator, Mapping
from contextlib import suppress
from typing import Any

from bridge.clock import Clock
from bridge.dispatch.around import Follower
from bridge.dispatch.opening import Opening, Owned, Wish
from bridge.dispatch.partition import OwnedPartition
from bridge.dispatch.work import State
from bridge.errors import BridgeError
from bridge.kafka.answers import NoAnswer, NotAMember
from bridge.kafka.consumer import GroupConsumer
from bridge.kafka.membership import Partitions
from bridge.kafka.records import TopicPartition
from bridge.telemetry import Telemetry

# An owner repeats its claim, so that a ledger that is kept for days always holds one.
_CLAIM_EVERY = 86_400.0
# While brokers come and go their metadata may lack a topic for a moment.
_LOOKS_WITHOUT_TOPIC = 20


class Assignment:
    """The group's member (bridge.kafka.membership.Member) for the triggers topic.

    `shared(count)` is told how many partitions are ours; `forget(partition)` that one is not any more; `dismiss(numbers)`
    lets calls of these partitions that wait for their slots go on to be turned away. `group` is where
    tasks are started, set before the first assignment. `drain_timeout` is seconds, `partitions` how many the topic has.
    """

    def __init__(
        self,
        *,
        consumer: GroupConsumer,
        topic: str,
        opening: Opening,
        follower: Follower,
        shared: Callable[[int], None],
        forget: Callable[[int], None],
        dismiss: Callable[[Collection[int]], None],
        drain_timeout: float,
        partitions: int,
        clock: Clock,
        telemetry: Telemetry,
    ) -> None:
        self._consumer = consumer
        self._topic = topic
        self._opening = opening
        self._follower = follower
        self._shared = shared
        self._forget = forget
        self._dismiss = dismiss
        self._drain_timeout = drain_timeout
        self._partitions = partitions
        self._looks_without_topic = 0
        self._clock = clock
        self._telemetry = telemetry
        self._owned: dict[int, Owned] = {}
        # What the group gave us, and since when (any number): a partition that comes back is another one.
        self._wanted: dict[int, object] = {}
        self._ending = False
        self._commit_lock = asyncio.Lock()
        self.group: asyncio.TaskGroup | None = None

    def __iter__(self) -> Iterator[Owned]:
        return iter(list(self._owned.values()))

    def __len__(self) -> int:
        return len(self._owned)

    def partition(self, number: int) -> OwnedPartition | None:
        """The partition of that number, if it is open."""
        owned = self._owned.get(number)
        return None if owned is None else owned.partition

    def where(self, owned: Owned) -> TopicPartition:
        """The owned partition's name."""
        return TopicPartition(self._topic, owned.partition.ledger.partition)

    @property
    def restored(self) -> bool:
        """Whether every partition that the group gave us is open."""
        return self._wanted.keys() == {n for n, owned in self._owned.items() if not owned.partition.closing}

    async def first_offsets(self, partitions: Partitions) -> Mapping[TopicPartition, int]:
        """Triggers are read from the first one that is kept."""
        return await self._consumer.beginning_offsets(partitions)

    async def start_anew(self, positions: Mapping[TopicPartition, int]) -> None:
        """These positions are not in the log. What retention took is gone; what is ahead of the log was lost with it."""
        beginnings = await self._consumer.beginning_offsets(positions)
        for where, position in positions.items():
            if position > beginnings[where]:
                raise BridgeError(
                    f"{where} ends before offset {position}, which was read or committed already: the topic was deleted or "
                    "lost records. See docs/architecture.md, What Kafka must promise"
                )
            self._telemetry.warned(
                "triggers were deleted before they were read: retention is too short, or the service was away too long",
                partition=str(where),
                first=position,
                until=beginnings[where],
            )
            self._consumer.seek(where, beginnings[where])

    async def on_gained(self, partitions: Partitions) -> None:
        """Claim them, each in a task of its own: no heartbeats are sent while this runs. Raises BridgeError."""
        self._refuse_another_topic()
        for number in sorted(where.partition for where in partitions):
            if not self._ending:
                self._wanted[number] = object()
                self.start(self._opening.open(self._wish(number), self.start, self._changed), f"open {number}")
        self._share()
        self._telemetry.partition_assigned("dispatch", partitions)

    def on_lost(self, partitions: Partitions) -> None:
        """Begin to give them up. Calls of the others go on."""
        for number in sorted(where.partition for where in partitions):
            self._wanted.pop(number, None)
            self.start(self._give_up(number), f"give up {number}")
        self._telemetry.partition_revoked("dispatch", partitions)

    async def _give_up(self, number: int) -> None:
        """Start nothing more, let the calls under way end, give up: so nothing is left unknown to the next owner."""
        await self._drained([number])
        self._consumer.release([TopicPartition(self._topic, number)])
        self._share()

    async def drain(self) -> None:
        """Give up everything, at the end: at most the drain timeout."""
        self._ending = True
        self._wanted.clear()
        await self._drained(list(self._owned))
        self._share()

    async def _drained(self, numbers: Collection[int]) -> None:
        owned_now = [self._owned[number] for number in numbers if number in self._owned]
        for owned in owned_now:
            owned.partition.closing = True
        self._dismiss(numbers)
        with suppress(TimeoutError):
            async with asyncio.timeout(self._drain_timeout):
                for owned in owned_now:
                    await owned.partition.drained()
        await self.commit()
        for number in numbers:
            self._close(number)

    def _share(self) -> None:
        """What is being given up still takes its part of the budget: nobody else has it yet."""
        self._shared(len(self._wanted.keys() | self._owned.keys()))

    async def commit(self) -> None:
        """Commit the progress of what is ours. A group that has gone on without us hears nothing."""
        async with self._commit_lock:
            offsets = {
                number: owned.partition.progress.committable()
                for number, owned in self._owned.items()
                if owned.partition.ledger.owned and self._consumer.may_commit(self.where(owned))
            }
            news = {number: offset for number, offset in offsets.items() if offset != self._owned[number].committed}
            if not news:
                return
            try:
                await self._consumer.commit({TopicPartition(self._topic, n): offset for n, offset in news.items()})
            except (NotAMember, NoAnswer) as error:
                # Progress only: what is read again is known to the ledger.
                self._telemetry.warned("progress was not committed; the triggers will be read again", why=str(error))
                return
            for number, offset in news.items():
                if number in self._owned:
                    self._owned[number].committed = offset

    async def look_after(self) -> None:
        """Read what others wrote, win back what was lost, repeat old claims. Raises BridgeError when the topic changed."""
        self._refuse_another_topic()
        for number, owned in list(self._owned.items()):
            if owned.partition.ledger.owned:
                await owned.partition.ledger.look()
            if self._owned.get(number) is not owned or owned.partition.closing:
                continue  # given up while this one, or one before it, was looked at
            self._telemetry.lag("dispatch", self._topic, number, self._lag(owned))
            lost = not owned.partition.ledger.owned
            if lost:
                self._telemetry.ledger_lost(number, owned.partition.ledger.fold.claim)
            if lost or self._clock.boottime() - owned.claimed_at > _CLAIM_EVERY:
                self._close(number)
                self.start(
                    self._opening.win_back(self._wish(number), owned.committed, self.start, self._changed),
                    f"win back {number}",
                )

    def _refuse_another_topic(self) -> None:
        """A trigger is looked for in the partition that its key and their number give: it must never change."""
        found = self._consumer.partitions_for(self._topic)
        self._looks_without_topic = 0 if found else self._looks_without_topic + 1
        if found not in {0, self._partitions}:
            raise BridgeError(
                f"{self._topic} has {found} partitions now, and {self._partitions} when this replica started: triggers "
                "would no longer meet the ledger that knows them. See docs/architecture.md, What Kafka must promise"
            )
        if self._looks_without_topic > _LOOKS_WITHOUT_TOPIC:
            raise BridgeError(
                f"{self._topic} is gone: it was deleted, or Kafka does not let us see it any more. Restore it, or see "
                "docs/architecture.md, What Kafka must promise"
            )

    def _wish(self, number: int) -> Wish:
        since = self._wanted.get(number)
        return Wish(number, lambda: since is not None and self._wanted.get(number) is since, self._opened)

    def _opened(self, number: int, owned: Owned) -> None:
        self._owned[number] = owned
        self._follower.opened(owned.partition.ledger)

    def _lag(self, owned: Owned) -> int:
        """Triggers on the topic that were not read yet."""
        end = self._consumer.end_seen(self.where(owned))
        return 0 if end is None else max(0, end - owned.partition.progress.position)

    def _changed(self, number: int, triggers: set[str], foreign: bool) -> None:
        owned = self._owned.get(number)
        if owned is not None:
            owned.takeover.changed(triggers, foreign)
            self._follower.changed(number, triggers)

    def _close(self, number: int) -> None:
        owned = self._owned.pop(number, None)
        if owned is None:
            return
        owned.partition.closing = True
        owned.partition.ledger.give_up()
        owned.follow.cancel()
        for work in owned.partition.works.values():
            work.state = State.GONE
        self._forget(number)
        self._follower.closed(number)
        self._telemetry.ledger_closed(number)

    def start(self, what: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        """Run it beside everything else, until this replica ends."""
        if self.group is None:
            raise RuntimeError("run() gives the group before partitions are assigned")
        return self.group.create_task(what, name=name)
