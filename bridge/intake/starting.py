"""Where to begin in a partition for which nothing is committed."""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from bridge.kafka import TopicPartition
from bridge.routing.deciding import AHEAD
from bridge.routing.routes import SourceConfig, Start


class Offsets(Protocol):
    """What Kafka tells about the offsets of partitions: a GroupConsumer does."""

    async def beginning_offsets(self, partitions: Collection[TopicPartition]) -> dict[TopicPartition, int]:
        """The oldest records."""

    async def end_offsets(self, partitions: Collection[TopicPartition]) -> dict[TopicPartition, int]:
        """The next records."""

    async def offsets_for_times(self, times: Mapping[TopicPartition, int]) -> dict[TopicPartition, int | None]:
        """The first records at or after these times, None where all are older."""


def starting_moment(sources: Sequence[SourceConfig], now: int) -> int | None:
    """From which time on (ms since 1970 UTC) a topic is read: 0 for all of it, None for what comes from now on.

    Several sources may share a topic: the one that wants most decides.
    """
    moments = [_moment(source.start, source.longest_expiry, now) for source in sources]
    known = [moment for moment in moments if moment is not None]
    return min(known, default=None)


def _moment(start: Start, longest_expiry: int, now: int) -> int | None:
    match start:
        case "earliest":
            return 0
        case "latest":
            return None
        case "expiry":
            # What is older can't be called any more, even if its own time lies as far ahead as is allowed.
            return max(now - longest_expiry - AHEAD, 1)
        case int():
            return start


async def first_offsets(
    offsets: Offsets, partitions: Collection[TopicPartition], moments: Mapping[str, int | None]
) -> dict[TopicPartition, int]:
    """The offsets at which partitions are begun, by the starting moment of their topic.

    Times are those of the records. Kafka finds the first record at or after a time, so what stands behind it with an
    older timestamp is read too, and expires.
    """
    # The ends before anything else: what is written meanwhile must lie behind them.
    found = await offsets.end_offsets(partitions)
    whole = [partition for partition in partitions if moments[partition.topic] == 0]
    since = {
        partition: moment for partition in partitions if (moment := moments[partition.topic]) is not None and moment > 0
    }
    if whole:
        found |= await offsets.beginning_offsets(whole)
    if since:
        at = await offsets.offsets_for_times(since)
        found |= {partition: offset for partition, offset in at.items() if offset is not None}
    return found
