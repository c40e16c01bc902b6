"""What happens to the partitions that a replica has, and to their ledgers."""

from collections.abc import Collection

from structlog.typing import FilteringBoundLogger

from bridge.clock import Clock
from bridge.telemetry.metrics import Metrics
from bridge.telemetry.reporter import Reporter, Sum

TopicPartition = tuple[str, int]
# A restore of millions of records says so often how far it is, in seconds.
_TELL_EVERY = 5.0


class PartitionEvents(Reporter):
    """Told by the stages and by the ledger. Metrics are sums over the partitions that this replica has."""

    def __init__(self, metrics: Metrics, clock: Clock, log: FilteringBoundLogger) -> None:
        super().__init__(metrics, clock, log)
        self._lags: dict[tuple[str, str], Sum[int]] = {}
        self._owned: dict[str, set[TopicPartition]] = {}
        self._remembered: Sum[int] = Sum()
        self._open: Sum[int] = Sum()
        self._left: Sum[int] = Sum()
        self._told_at: dict[int, float] = {}
        self._fetched: dict[str, float] = {}
        self._heartbeats: dict[str, float] = {}

    def partition_assigned(self, stage: str, partitions: Collection[TopicPartition]) -> None:
        """The stage's group gave it these partitions (topic and number), besides those that it has."""
        self.metrics.rebalances(stage).inc()
        owned = self._owned.setdefault(stage, set())
        owned.update(partitions)
        self.metrics.assigned(stage).set(len(owned))
        self._log.info("partitions assigned", stage=stage, partitions=_written(partitions))

    def partition_revoked(self, stage: str, partitions: Collection[TopicPartition]) -> None:
        """The stage has these partitions no more."""
        owned = self._owned.setdefault(stage, set())
        owned.difference_update(partitions)
        self.metrics.assigned(stage).set(len(owned))
        for topic, partition in partitions:
            if (lags := self._lags.get((stage, topic))) is not None:
                self.metrics.lag(stage, topic).set(lags.drop(partition))
        if partitions:
            self._log.info("partitions revoked", stage=stage, partitions=_written(partitions))

    def lag(self, stage: str, topic: str, partition: int, records: int) -> None:
        """The stage is so many records behind the end of a partition."""
        lags = self._lags.setdefault((stage, topic), Sum())
        self.metrics.lag(stage, topic).set(lags.put(partition, max(0, records)))

    def fetched(self, stage: str) -> None:
        """The stage asked Kafka for records just now: its loop turns."""
        if stage not in self._fetched:
            self.metrics.fetch_age(stage).set_function(lambda: self._clock.boottime() - self._fetched[stage])
        self._fetched[stage] = self._clock.boottime()

    def heartbeat(self, stage: str, at: float | None = None) -> None:
        """The stage's consumer group answered, at `at` (seconds of `clock.boottime()`) or just now."""
        if stage not in self._heartbeats:
            self.metrics.heartbeat_age(stage).set_function(lambda: self._clock.boottime() - self._heartbeats[stage])
        self._heartbeats[stage] = self._clock.boottime() if at is None else at

    def ledger_restoring(self, partition: int, read: int, records: int) -> None:
        """So many `records` of a ledger partition must be read before work begins on it, and so many are `read`."""
        self.metrics.restore_left().set(self._left.put(partition, records - read))
        now = self._clock.boottime()
        if read and now - self._told_at.setdefault(partition, now) >= _TELL_EVERY:
            self._told_at[partition] = now
            self._log.info("ledger is being read", partition=partition, read=read, of=records)

    def ledger_read_whole(self, partition: int, why: str) -> None:
        """The digests in a ledger partition don't tell enough: the whole window is read, which takes longer."""
        self._log.warning(
            "ledger digests are not enough: all records of the window are read", partition=partition, why=why
        )

    def ledger_claimed(self, partition: int, offset: int, records: int, seconds: float) -> None:
        """A ledger partition is ours since the claim at `offset`; `records` were read for it in `seconds`."""
        self.metrics.claims().inc()
        self._told_at.pop(partition, None)
        self.metrics.restored().inc(records)
        self.metrics.restore().observe(seconds)
        self._log.info("ledger claimed", partition=partition, offset=offset, records=records, seconds=round(seconds, 3))

    def ledger_lost(self, partition: int, offset: int | None = None) -> None:
        """Another replica claimed a partition that we held, at `offset` where that is known."""
        self.metrics.losses().inc()
        self._log.warning("ledger lost", partition=partition, offset=offset)

    def ledger_size(self, partition: int, remembered: int, open_items: int) -> None:
        """A ledger partition in memory: finished triggers that are remembered, and those that are not finished."""
        self.metrics.remembered().set(self._remembered.put(partition, remembered))
        self.metrics.open_items().set(self._open.put(partition, open_items))

    def ledger_closed(self, partition: int) -> None:
        """A ledger partition is no longer in memory."""
        self.metrics.remembered().set(self._remembered.drop(partition))
        self.metrics.open_items().set(self._open.drop(partition))
        self.metrics.restore_left().set(self._left.drop(partition))


def _written(partitions: Collection[TopicPartition]) -> list[str]:
    return [f"{topic}/{partition}" for topic, partition in sorted(partitions)]
