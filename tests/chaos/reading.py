"""Reading an episode's topics: nothing here asks the service."""

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import orjson
from aiokafka import AIOKafkaConsumer, TopicPartition
from chaos.evidence import Line, Result

_FETCH = 16_000_000

Offsets = Mapping[tuple[str, int], int]
"""By topic and partition."""


@dataclass(frozen=True, slots=True)
class Topics:
    """What the topics of a service hold. `source`: the ids of the events; `triggers`: by trigger the event; `triggered`: by
    event when its trigger was written, by the broker's clock, ms.
    """

    source: frozenset[str]
    triggers: Mapping[str, str]
    triggered: Mapping[str, int]
    dead_letters: int
    results: tuple[Result, ...]
    ledger: tuple[Line, ...]


async def read_topics(kafka: str, name: str, source: str, begin: Offsets) -> Topics:
    """Everything, from the offsets in `begin` on, or from the beginning."""
    triggers = [
        (record.timestamp, orjson.loads(record.value)) for record in await _records(kafka, f"{name}.triggers", begin)
    ]
    return Topics(
        source=frozenset(orjson.loads(record.value)["id"] for record in await _records(kafka, source, begin)),
        triggers={one["id"]: one["event_id"] for _, one in triggers},
        triggered={one["event_id"]: at for at, one in reversed(triggers)},
        dead_letters=len(await _records(kafka, f"{name}.dead-letters", begin)),
        results=await _results(kafka, name, begin),
        ledger=tuple(map(_line, await _records(kafka, f"{name}.ledger", begin))),
    )


async def events_without_outcome(kafka: str, name: str, begin: Offsets) -> set[str]:
    """Those that have a trigger."""
    triggers = [orjson.loads(record.value) for record in await _records(kafka, f"{name}.triggers", begin)]
    told = {result.trigger for result in await _results(kafka, name, begin)}
    return {one["event_id"] for one in triggers if one["id"] not in told}


async def _results(kafka: str, name: str, begin: Offsets) -> tuple[Result, ...]:
    results = [orjson.loads(record.value) for record in await _records(kafka, f"{name}.results", begin)]
    return tuple(
        Result(one["trigger_id"], one["event_id"], one["outcome"], one["revision"], one["execution_id"])
        for one in results
    )


def _line(record: Any) -> Line:
    fields = orjson.loads(record.value)
    attempt = fields.get("attempt")
    return Line(
        partition=record.partition,
        offset=record.offset,
        at=record.timestamp,
        kind=fields["kind"],
        digest=int.from_bytes(blake2b(record.value, digest_size=8).digest()),
        trigger=fields.get("id"),
        nonce=None if attempt is None else attempt["nonce"],
        claim=fields.get("claim"),
        replica=fields.get("replica"),
    )


async def ends_of(kafka: str, topics: Iterable[str]) -> dict[tuple[str, int], int]:
    """By topic and partition the offset after the last record."""
    async with _consumer(kafka) as consumer:
        places = [place for topic in topics for place in await _partitions(consumer, topic)]
        return {(place.topic, place.partition): end for place, end in (await consumer.end_offsets(places)).items()}


async def is_read(kafka: str, group: str, topic: str) -> bool:
    """Has a group committed all that is in a topic?"""
    async with _consumer(kafka, group_id=group, enable_auto_commit=False) as consumer:
        places = await _partitions(consumer, topic)
        consumer.assign(places)
        ends = await consumer.end_offsets(places)
        committed = {place: await consumer.committed(place) or 0 for place in places}
        return all(committed[place] >= end for place, end in ends.items())


async def _records(kafka: str, topic: str, begin: Offsets) -> list[Any]:
    found: list[Any] = []
    async with _consumer(kafka) as consumer:
        places = await _partitions(consumer, topic)
        ends = await consumer.end_offsets(places)
        consumer.assign(places)
        for place in places:
            consumer.seek(place, begin.get((place.topic, place.partition), 0))
        while any([await consumer.position(place) < ends[place] for place in places]):
            for batch in (await consumer.getmany(timeout_ms=500)).values():
                found += [record for record in batch if record.offset < ends[TopicPartition(topic, record.partition)]]
    return found


async def _partitions(consumer: Any, topic: str) -> list[TopicPartition]:
    await consumer._client._wait_on_metadata(topic)
    return [TopicPartition(topic, number) for number in sorted(consumer.partitions_for_topic(topic))]


@asynccontextmanager
async def _consumer(kafka: str, **options: Any) -> AsyncIterator[Any]:
    consumer = AIOKafkaConsumer(
        bootstrap_servers=kafka, max_partition_fetch_bytes=_FETCH, auto_offset_reset="earliest", **options
    )
    await consumer.start()
    try:
        yield consumer
    finally:
        await consumer.stop()
