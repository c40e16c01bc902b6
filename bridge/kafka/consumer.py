"""One member of a consumer group. aiokafka's traps that concern reading are handled here and nowhere else."""

import asyncio
from collections.abc import Collection, Mapping, Sequence

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import (
    ConsumerStoppedError,
    IllegalStateError,
    KafkaError,
    NoOffsetForPartitionError,
    OffsetOutOfRangeError,
)
from aiokafka.structs import TopicPartition as TheirPartition

from bridge.clock import Clock
from bridge.errors import KafkaTrouble
from bridge.kafka.answers import NotAMember, OutOfRange, answer
from bridge.kafka.connection import Connection, IsolationLevel, start_when_reachable, stop_within_deadline
from bridge.kafka.holding import Holding
from bridge.kafka.membership import (
    Keeping,
    Member,
    Partitions,
    Rebalances,
    commit,
    generation,
    go_on_reading,
    join_again,
    watch_heartbeats,
)
from bridge.kafka.offsets import Offsets
from bridge.kafka.pacing import pace_fetches
from bridge.kafka.records import Record, TopicPartition
from bridge.kafka.sharing import Joining

# Seconds that records() may take beyond its timeout.
_GRACE = 0.5


class GroupConsumer(Offsets):
    """One member of a consumer group over some topics: start, read in a loop, commit, stop.

    Topics that do not exist yet are picked up when they appear. Partitions come paused. A rebalance stops nothing: what
    this member has it keeps and reads on, until it is told to give it up (bridge.kafka.sharing). Positions are the group's
    committed ones, or else what the member's `first_offsets` says. Only the owner's loop calls `records()`; every
    error that it raises but OutOfRange is the end of this consumer: records may have been lost with it. Nothing but
    `stop()` works before `start()`.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        group: str,
        topics: Collection[str],
        clock: Clock,
        isolation_level: IsolationLevel = "read_uncommitted",
        paced: bool = False,
    ) -> None:
        """With `read_committed` reading waits before a transaction that is still open, and `end_offsets` lie there. `paced`:
        records that come one by one are read a few at a time (bridge.kafka.pacing).
        """
        super().__init__(group)
        self.topics = frozenset(topics)
        self._connection = connection
        self._clock = clock
        self._member: Member | None = None
        self._rebalances = Rebalances(self._began, self._ended)
        self._holding = Holding()
        self._reading: set[TopicPartition] = set()
        self._positions: dict[TopicPartition, int] = {}
        self._joined = False
        self._rebalancing = True
        self._heard_at: float | None = None
        self._isolation_level = isolation_level
        self._paced = paced

    @property
    def joined(self) -> bool:
        """Is this a member whose partitions (maybe none) are settled, and does the group answer it?"""
        return self._joined and self.heard_within(self._connection.session_timeout / 1000)

    @property
    def rebalancing(self) -> bool:
        """Whether the group shares its partitions anew (or for the first time): what is ours is read on meanwhile."""
        return self._rebalancing

    @property
    def heard_at(self) -> float | None:
        """When the group answered last (`clock.boottime()`), or None before it has."""
        return self._heard_at

    def heard_within(self, seconds: float) -> bool:
        """Whether the group has answered in that time: one that has not may have given our partitions away."""
        return self._heard_at is not None and self._clock.boottime() - self._heard_at < seconds

    async def start(self, member: Member) -> None:
        """Wait for Kafka, then join the group in the background. `member` hears of rebalances from then on."""
        self._member = member
        self._consumer = AIOKafkaConsumer(
            group_id=self.group,
            enable_auto_commit=False,
            # A position that is missing or gone is never guessed: the member decides.
            auto_offset_reset="none",
            max_partition_fetch_bytes=self._connection.fetch_partition_bytes,
            isolation_level=self._isolation_level,
            partition_assignment_strategy=(Keeping(self._joining),),
            **self._connection.client_options(),
            **self._connection.reading_options(),
            **self._connection.group_options(),
        )
        # Without topics: with them, start() fails after a while when one does not exist.
        await start_when_reachable(self._consumer, self._connection)
        watch_heartbeats(self._consumer, self._heard)
        if self._paced:
            pace_fetches(self._consumer)
        self._consumer.subscribe(topics=set(self.topics), listener=self._rebalances)

    async def stop(self) -> None:
        """Leave the group. Nothing is committed, and `on_lost` is not called. Call it when the loop has ended."""
        self._joined = False
        if self._consumer is not None:
            await stop_within_deadline(self._consumer)

    async def records(self, timeout_ms: int, max_records: int | None = None) -> dict[TopicPartition, Sequence[Record]]:
        """The next records by partition, in order; empty when none came within `timeout_ms`.

        Raises OutOfRange, KafkaTrouble, and whatever the member's callbacks raised.
        """
        self._raise_failure()
        try:
            # Only a rebalance lets getmany() wait longer than its timeout, and that could be for ever when Kafka is
            # away. Cancelling it there loses nothing: it awaits nothing between taking records and returning them.
            async with asyncio.timeout(timeout_ms / 1000 + _GRACE):
                batch = await self._consumer.getmany(timeout_ms=timeout_ms, max_records=max_records)
        except (TimeoutError, ConsumerStoppedError, NoOffsetForPartitionError):
            batch = {}
        except OffsetOutOfRangeError as error:
            raise OutOfRange({TopicPartition(*partition): at for partition, at in error.args[0].items()}) from error
        except KafkaError as error:
            raise KafkaTrouble(f"group {self.group} cannot read: {error}") from error
        # Nothing is awaited since they were taken: a rebalance that ends now knows of them.
        found = {TopicPartition(*partition): records for partition, records in batch.items()}
        self._positions.update((partition, records[-1].offset + 1) for partition, records in found.items())
        self._raise_failure()
        return found

    async def commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        """Commit the offsets of the next records to read. One committer only: a late commit can go backwards.

        Raises NotAMember when the group has gone on without us, NoAnswer, or KafkaTrouble when it is refused.
        """
        if not offsets:
            return
        # With the generation of before, a commit that comes after the others have joined would throw this member out.
        if self.rebalancing or not all(map(self.may_commit, offsets)):
            raise NotAMember(f"group {self.group} is sharing its partitions anew, or has given some of these to others")
        await answer(self.group, "commit", commit(self._consumer, offsets))

    def may_commit(self, partition: TopicPartition) -> bool:
        """Whether it is ours, or being given up by us."""
        return self._holding.may_commit(partition)

    def seek(self, partition: TopicPartition, offset: int) -> None:
        """Read on from `offset`. Raises NotAMember when the partition is not ours (any more)."""
        try:
            self._consumer.seek(TheirPartition(*partition), offset)
            self._positions[partition] = offset
        except IllegalStateError as error:
            raise NotAMember(f"{partition} is not assigned to this member of {self.group}") from error

    def pause(self, partitions: Collection[TopicPartition]) -> None:
        """Read nothing from these until they are resumed; what was fetched of them is fetched again then."""
        self._reading.difference_update(partitions)
        self._consumer.pause(*self._ours(partitions))

    def resume(self, partitions: Collection[TopicPartition]) -> None:
        """Read from these again. Those that are not ours any more are left out."""
        ours = self._ours(partitions)
        self._reading.update(TopicPartition(*partition) for partition in ours)
        self._consumer.resume(*ours)

    def _ours(self, partitions: Collection[TopicPartition]) -> list[TheirPartition]:
        assigned = self._consumer.assignment()
        return [TheirPartition(*partition) for partition in partitions if partition in assigned]

    def _heard(self) -> None:
        self._heard_at = self._clock.boottime()

    def _raise_failure(self) -> None:
        if self._rebalances.failure is not None:
            raise self._rebalances.failure

    def release(self, partitions: Collection[TopicPartition]) -> None:
        """The member has given these up (`Member.on_lost`): others may have them, or this one again."""
        if self._holding.released(partitions):
            join_again(self._consumer)

    def _joining(self, topics: Collection[str]) -> Joining:
        return self._holding.joining(topics, out=generation(self._consumer) < 0)

    def _began(self) -> None:
        self._rebalancing = True
        go_on_reading(self._consumer)

    async def _ended(self, assigned: Partitions) -> None:
        self._heard()
        change = self._holding.ended(assigned, generation(self._consumer))
        # At once, before anything is awaited: the fetcher has not had its turn yet, so nothing is read or looked up
        # before the position is known. A seek to 0 keeps it from complaining that there is none.
        reading = change.kept & self._reading
        self.pause(assigned)
        for partition in assigned:
            self.seek(partition, self._positions[partition] if partition in change.kept else 0)
        self.resume(reading)
        if change.again:
            join_again(self._consumer)
        if self._member is not None and change.lost:
            self._member.on_lost(change.lost)
        self._rebalancing = False
        await self._position(change.gained)
        if self._member is not None:
            await self._member.on_gained(change.gained)
        self._joined = True

    async def _position(self, partitions: Partitions) -> None:
        committed = await self.committed(partitions)
        known = {partition: offset for partition, offset in committed.items() if offset is not None}
        new = partitions - known.keys()
        first = await self._member.first_offsets(new) if self._member is not None and new else {}
        for partition, offset in {**known, **first}.items():
            self.seek(partition, offset)
