"""Records as they were read once, with their headers: of source topics, at known places, and of the dead letters.

Source topics are somebody else's: they may be compacted, hold transactions, or no longer keep a record.
"""

from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import aclosing
from typing import Any

from aiokafka.errors import OffsetOutOfRangeError

from bridge.errors import LogTruncated
from bridge.events import Source
from bridge.kafka.archive import Archive, Snapshot
from bridge.kafka.records import Record, TopicPartition

_POLL_MS = 200


async def records_at(archive: Archive, places: Collection[Source]) -> dict[Source, Record]:
    """The records at these places, without those that are no longer there. Raises KafkaTrouble."""
    topics = {one.topic: one for one in await archive.snapshots(*sorted({place.topic for place in places}))}
    found: dict[Source, Record] = {}
    for place in places:
        batches = whole_records(archive, topics[place.topic], place.partition, place.offset, place.offset + 1)
        async with aclosing(batches):  # type: ignore[type-var]  # a generator
            async for batch in batches:
                found.update((place, record) for record in batch)
    return found


async def whole_records(
    archive: Archive, topic: Snapshot, partition: int, start: int, end: int
) -> AsyncIterator[Sequence[Record]]:
    """What is kept of the records with offsets from `start` up to, not with, `end`, in batches: as intake reads them, so
    without those of transactions that were aborted or are still open. Raises KafkaTrouble.
    """
    first, last = topic.bounds.get(partition, (0, 0))
    position, end = max(start, first), min(end, last)
    if position >= end:
        return
    where = TopicPartition(topic.topic, partition)
    async with archive.committed_readers.reader() as consumer:
        consumer.assign([where])
        consumer.seek(where, position)
        # Nothing can be read behind the beginning of a transaction that is still open.
        readable = await archive.answered(consumer.end_offsets([where]))
        end = min(end, readable[where])
        while position < end:
            records, position = await archive.answered(_more(consumer, where, position))
            if batch := [record for record in records if record.offset < end]:
                yield batch


async def _more(consumer: Any, where: TopicPartition, position: int) -> tuple[Sequence[Any], int]:
    """What comes next, and the position after it: holes are passed over, so the records do not tell it."""
    while True:
        try:
            records: Sequence[Any] = (await consumer.getmany(timeout_ms=_POLL_MS)).get(where, ())
        except OffsetOutOfRangeError as error:
            raise LogTruncated(f"{where}: offset {error} was deleted meanwhile: ask again") from error
        reached: int = await consumer.position(where)
        if records or reached > position:
            return records, reached
