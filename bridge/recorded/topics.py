"""Recorded events in source topics: a record at its place, and a span of time."""

import re
from collections.abc import AsyncIterator

from bridge.events import Source
from bridge.kafka import Record
from bridge.kafka.archive import Archive, Snapshot
from bridge.kafka.originals import records_at, whole_records
from bridge.recorded.records import NotRecorded

_PLACE = re.compile(r"(?P<topic>[A-Za-z0-9._-]{1,249})/(?P<partition>[0-9]{1,9})/(?P<offset>[0-9]{1,18})")


def place_of(text: str) -> Source | None:
    """The place that `topic/partition/offset` writes; None when it is no such text."""
    written = _PLACE.fullmatch(text)
    return None if written is None else Source(written["topic"], int(written["partition"]), int(written["offset"]))


async def record_at(archive: Archive, place: Source) -> Record:
    """The record there. Raises NotRecorded, saying what is kept, when there is none; KafkaTrouble."""
    found = (await records_at(archive, [place])).get(place)
    if found is None:
        (topic,) = await archive.snapshots(place.topic)
        raise NotRecorded(f"there is no record {place}: {_kept(topic, place.partition)}")
    return found


async def span_of(archive: Archive, topic: str, start: int, end: int) -> AsyncIterator[Record]:
    """What is kept of the records with times from `start` up to, not with, `end` (ms), partition after partition. Raises
    KafkaTrouble.
    """
    (found,) = await archive.snapshots(topic)
    for partition in found.bounds:
        first, last = await found.offset_at(partition, start), await found.offset_at(partition, end)
        async for batch in whole_records(archive, found, partition, first, last):
            for record in batch:
                yield record


def _kept(topic: Snapshot, partition: int) -> str:
    if partition not in topic.bounds:
        return f"the topic has the partitions 0 to {len(topic.bounds) - 1}"
    first, end = topic.bounds[partition]
    if first == end:
        return "the partition holds no record"
    return f"the partition keeps the offsets {first} to {end - 1}, some of which a compaction or a transaction may have taken"
