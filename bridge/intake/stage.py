"""Stage 1: source topics to triggers. At least once, in order: what is repeated after a crash has the same ids."""

import asyncio
import logging
from collections.abc import Collection, Mapping, Sequence
from functools import partial

from bridge.clock import Clock
from bridge.intake.acknowledging import Batch, Unacknowledged
from bridge.intake.awaiting import Awaiting, KnownSchemas, NoRegistry
from bridge.intake.judging import Judge
from bridge.intake.starting import first_offsets, starting_moment
from bridge.kafka import (
    GroupConsumer,
    NoAnswer,
    NotAMember,
    OutOfRange,
    OwnTopics,
    Partitions,
    Producer,
    Record,
    TopicNames,
    TopicPartition,
)
from bridge.routing.table import Table
from bridge.telemetry import Telemetry

log = logging.getLogger(__name__)

STAGE = "intake"
# How long a call for records waits, and so how soon a stop is noticed; how many come at once, and so how long the
# loop is busy deciding: more where few mean anything.
_WAIT_MS = 250
_AT_ONCE, _AT_ONCE_OF_FEW, _FEW = 250, 1_000, 0.1
# Batches whose acks are waited for while the next ones are read.
_UNACKNOWLEDGED = 32
_COMMIT_EVERY = 1.0


class Intake:
    """Reads the source topics, decides, writes triggers and dead letters, and commits on a timer what is acknowledged.

    `consumer` is a member of the group `<name>.intake` over the topics of `table.sources`. A write that does not end
    within the producer's deadline ends `run()`, and so the process: nothing is ever committed ahead of its acks. Reading
    goes on while acks are waited for; what a batch did counts once all before it are acknowledged.
    """

    def __init__(
        self,
        *,
        consumer: GroupConsumer,
        producer: Producer,
        table: Table,
        names: TopicNames,
        own: OwnTopics,
        shadow: bool,
        telemetry: Telemetry,
        clock: Clock,
        schemas: KnownSchemas | None = None,
    ) -> None:
        """With `shadow`, decisions are counted and no trigger is written. Without `schemas` no source needs a registry."""
        self._consumer = consumer
        self._producer = producer
        sampling = None if telemetry.tracing is None else telemetry.tracing.sampling
        schemas = NoRegistry() if schemas is None else schemas
        self._judge_by = partial(Judge, names=names, own=own, shadow=shadow, sampling=sampling, schemas=schemas)
        self._awaiting = Awaiting(consumer, schemas, telemetry)
        self.use(table)
        self._telemetry = telemetry
        self._clock = clock
        self._stopping = False
        # Partitions that are ours no more, to be given up between two batches.
        self._lost: set[TopicPartition] = set()
        self._at_once = _AT_ONCE
        self._unacknowledged = Unacknowledged()
        self._done: dict[TopicPartition, int] = {}
        self._committed: dict[TopicPartition, int] = {}
        self._looked_at = 0.0

    def use(self, table: Table) -> None:
        """Decide by this table from the next batch on. It must read the same topics."""
        self._table = table
        self._judge = self._judge_by(table)

    def stop(self) -> None:
        """Finish what was read, commit, leave the group; then `run()` returns."""
        self._stopping = True

    def not_ready(self) -> list[str]:
        """Why this stage does not work yet, for people."""
        return (
            []
            if self._consumer.joined
            else ["intake is not in its group: it has not joined yet, or Kafka does not answer"]
        )

    async def run(self) -> None:
        """Work until `stop()`. Raises KafkaTrouble."""
        try:
            await self._consumer.start(self)
            while not self._stopping:
                await self._turn()
            await self._commit()
        finally:
            await self._consumer.stop()

    async def _turn(self) -> None:
        if self._lost and await self._commit():
            self._give_up_what_is_lost()
        try:
            batch = await self._consumer.records(_WAIT_MS, self._at_once)
        except OutOfRange as gone:
            await self._settle()
            await self._start_anew(gone)
            return
        self._telemetry.fetched(STAGE)
        if batch:
            await self._handle(batch)
            # Of a full topic the next batch is there at once, and nobody else would have a turn.
            await asyncio.sleep(0)
        await self._settle(_UNACKNOWLEDGED if batch else 0)
        self._awaiting.resume()
        if self._clock.boottime() - self._looked_at >= _COMMIT_EVERY:
            self._looked_at = self._clock.boottime()
            await self._commit()
            await self._tell_lags()

    async def _handle(self, batch: Mapping[TopicPartition, Sequence[Record]]) -> None:
        now = self._clock.now()
        judgements = {partition: self._judge.judge(records, now) for partition, records in batch.items()}
        done = {partition: records[-1].offset + 1 for partition, records in batch.items()}
        for partition, judgement in judgements.items():
            if judgement.awaits is not None:
                done[partition], schema = judgement.awaits
                self._awaiting.add(partition, done[partition], schema)
        writing = await self._producer.begin(write for one in judgements.values() for write in one.writes)
        written = sum(len(one.writes) for one in judgements.values())
        self._at_once = _AT_ONCE_OF_FEW if written <= _FEW * sum(map(len, batch.values())) else _AT_ONCE
        for judgement in judgements.values():
            judgement.writes.clear()  # their bytes are the producer's by now
        self._unacknowledged.add(Batch(now, tuple(judgements.values()), done, writing))

    async def _settle(self, most: int = 0) -> None:
        """Wait until no more than so many batches are unacknowledged. What was done by the others is known then."""
        async for batch in self._unacknowledged.settled(most):
            self._done.update(batch.done)
            self._tell(batch)

    def _tell(self, batch: Batch) -> None:
        for judgement in batch.judgements:
            for (source, decision), count in judgement.counts.items():
                self._telemetry.event_decided(source, decision, count)
            for place, reason in judgement.refusals:
                self._telemetry.dead_letter(place, reason)
            if self._telemetry.tracing is not None:
                self._telemetry.tracing.records_decided(judgement.handled, batch.now)

    async def _pass_over(self) -> None:
        """Behind the last records there may be what is none: ends of transactions, aborted ones, holes of a compaction.
        Without this, the group would seem to lag for ever. Only where all that was read is acknowledged; one that waits for a
        schema was sought back to what was not decided.
        """
        for partition in list(self._done):
            try:
                position = await self._consumer.position(partition)
                self._done[partition] = max(self._done[partition], position)
            except (NotAMember, NoAnswer):
                continue  # a rebalance came in between: its next owner meets the same

    async def _commit(self) -> bool:
        """Whether what was read is acknowledged and committed now, as far as it is ours to commit."""
        await self._settle()
        await self._pass_over()
        news = {
            at: offset
            for at, offset in self._done.items()
            if self._committed.get(at) != offset and self._consumer.may_commit(at)
        }
        try:
            await self._consumer.commit(news)
        except NotAMember as error:
            # A rebalance is under way. The next owner repeats what was not committed, with the same ids.
            log.info("not committed: %s", error)
        except NoAnswer as error:
            log.warning("not committed, trying again: %s", error)
        else:
            self._committed.update(news)
            return True
        return False

    async def _tell_lags(self) -> None:
        if self._consumer.heard_at is not None:
            self._telemetry.heartbeat(STAGE, self._consumer.heard_at)
        try:
            lags = await self._consumer.lags()
        except NotAMember:
            return  # a rebalance came in between: the next look tells
        for partition, records in lags.items():
            self._telemetry.lag(STAGE, partition.topic, partition.partition, records)

    def on_lost(self, partitions: Partitions) -> None:
        """Called by the consumer: what was read of them is finished first. What was not committed is repeated by whoever
        gets them, with the same ids.
        """
        self._lost |= partitions
        self._telemetry.partition_revoked(STAGE, partitions)

    async def first_offsets(self, partitions: Partitions) -> Mapping[TopicPartition, int]:
        """Called by the consumer: by the sources' `start`. Committed soon, or `latest` would move with every restart."""
        offsets = await self._by_policy(partitions)
        self._done.update(offsets)
        self._looked_at = 0.0
        return offsets

    async def on_gained(self, partitions: Partitions) -> None:
        """Called by the consumer: there is nothing to restore."""
        self._telemetry.partition_assigned(STAGE, partitions)
        self._consumer.resume(partitions)

    async def _start_anew(self, gone: OutOfRange) -> None:
        """What was not read is lost to the topic's retention, or the topic is another: as if we had never been here."""
        offsets = await self._by_policy(gone.positions)
        for partition, offset in offsets.items():
            at = gone.positions[partition]
            log.warning("%s has no record at %d (any more): starting at %d, see `start`", partition, at, offset)
            try:
                self._consumer.seek(partition, offset)
            except NotAMember:
                continue  # a rebalance came in between: its next owner meets the same
            self._done[partition] = offset

    async def _by_policy(self, partitions: Collection[TopicPartition]) -> Mapping[TopicPartition, int]:
        now = self._clock.now()
        moments = {
            topic: starting_moment([source for source in self._table.sources.values() if source.topic == topic], now)
            for topic in {partition.topic for partition in partitions}
        }
        offsets = await first_offsets(self._consumer, partitions, moments)
        for partition, offset in sorted(offsets.items()):
            log.info("nothing is committed for %s: starting at %d", partition, offset)
        return offsets

    def _give_up_what_is_lost(self) -> None:
        lost, self._lost = self._lost, set()
        for partition in lost:
            self._done.pop(partition, None)
            self._committed.pop(partition, None)
        self._awaiting.forget(lost)
        self._consumer.release(lost)
