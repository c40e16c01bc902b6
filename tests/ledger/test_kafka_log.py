"""Partitions of a real Kafka as logs: the offsets and errors that the fence is built on."""

import asyncio
import random

import pytest
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.admin import RecordsToDelete
from kafka.cluster import admin
from ledger.brokers import read, replica, replicas
from ledger.owners import NEW, WINDOW
from ledger.samples import accepted, intent, trigger_named
from waiting import eventually

from bridge.errors import LedgerLost, LogTruncated
from bridge.kafka.log import KafkaLog
from bridge.ledger.item import Finished, InFlight
from bridge.ledger.log import Appended
from bridge.ledger.partition import PartitionLedger


async def delete_before(servers: str, topic: str, offset: int) -> None:
    """What retention does."""
    async with admin(servers) as client:
        await client.delete_records({TopicPartition(topic, 0): RecordsToDelete(before_offset=offset)})


async def append_many(log: KafkaLog, name: str, batches: int) -> dict[int, bytes]:
    """Batches of one to five records; the offset that each record should have got, by the acks."""
    placed: dict[int, bytes] = {}
    for number in range(batches):
        values = [f"{name} {number} {index}".encode() for index in range(1 + number % 5)]
        ack = await log.append([(None, value) for value in values])
        placed |= {ack.offset + index: value for index, value in enumerate(values)}
    return placed


async def append_later(log: KafkaLog, value: bytes, after: int) -> Appended:
    """An append with a greater time of the broker's: repeated until its clock has moved on."""
    while (ack := await log.append([(None, value)])).timestamp <= after:
        pass
    return ack


async def test_the_offsets_of_two_producers_on_several_partitions_are_contiguous_and_where_the_acks_say(
    kafka: str, unique: str
) -> None:
    async with replicas(kafka, unique, 2, partitions=3) as both:
        async with asyncio.TaskGroup() as group:
            tasks = {
                (number, partition): group.create_task(append_many(one.log(partition), f"{number}/{partition}", 60))
                for number, one in enumerate(both)
                for partition in range(3)
            }
        for partition in range(3):
            placed = [task.result() for (_, where), task in tasks.items() if where == partition]
            assert not placed[0].keys() & placed[1].keys()
            expected = placed[0] | placed[1]
            first, end = await both[0].log(partition).bounds()
            assert (first, end) == (0, len(expected))
            records = await read(both[1].log(partition), 0, end)
            assert [(raw.offset, raw.value) for raw in records] == sorted(expected.items())


async def test_any_range_is_read_exactly_also_from_inside_a_batch_and_by_readers_used_before(
    kafka: str, unique: str
) -> None:
    async with replicas(kafka, unique, partitions=2) as (one,):
        placed = [await append_many(one.log(partition), str(partition), 40) for partition in range(2)]
        chance = random.Random(7)
        for _ in range(60):
            partition = chance.randrange(2)
            start, end = sorted(chance.choices(range(len(placed[partition]) + 1), k=2))
            records = await read(one.log(partition), start, end)
            assert [(raw.offset, raw.value) for raw in records] == sorted(placed[partition].items())[start:end]


async def test_what_needs_several_fetches_is_read_without_a_hole(kafka: str, unique: str) -> None:
    async with replica(kafka, unique) as one:
        for number in range(12):
            await one.log().append([(str(number).encode(), bytes(900_000))])
        records = await read(one.log(), 0, 12)
        assert [raw.key for raw in records] == [str(number).encode() for number in range(12)]


async def test_several_read_at_once(kafka: str, unique: str) -> None:
    async with replica(kafka, unique) as one:
        placed = await append_many(one.log(), "x", 40)
        assert await one.log().bounds() == (0, len(placed))  # leaves a reader behind for one of them
        async with asyncio.TaskGroup() as group:
            reads = [group.create_task(read(one.log(), start, len(placed))) for start in range(8)]
        for start, task in enumerate(reads):
            assert [raw.offset for raw in task.result()] == list(range(start, len(placed)))


async def test_an_ack_tells_the_brokers_time_of_its_records(kafka: str, unique: str) -> None:
    async with replica(kafka, unique) as one:
        ack = await one.log().append([(b"key", b"one"), (None, b"two")])
        assert ack.offset == 0
        records = await read(one.log(), 0, 2)
        assert [(raw.timestamp, raw.key, raw.value) for raw in records] == [
            (ack.timestamp, b"key", b"one"),
            (ack.timestamp, None, b"two"),
        ]


async def test_a_time_is_found_at_the_first_record_that_is_not_older(kafka: str, unique: str) -> None:
    async with replica(kafka, unique) as one:
        log = one.log()
        first = await log.append([(None, b"first"), (None, b"and more")])
        later = await append_later(log, b"later", first.timestamp)
        assert await log.offset_at(0) == 0
        assert await log.offset_at(-5) == 0
        assert await log.offset_at(first.timestamp) == 0
        times = {raw.offset: raw.timestamp for raw in await read(log, 0, later.offset + 1)}
        assert await log.offset_at(later.timestamp) == min(at for at in times if times[at] >= later.timestamp)
        assert await log.offset_at(later.timestamp + 1) is None


async def test_an_empty_partition_has_empty_bounds_and_no_times(kafka: str, unique: str) -> None:
    async with replica(kafka, unique) as one:
        assert await one.log().bounds() == (0, 0)
        assert await one.log().offset_at(0) is None
        assert await read(one.log(), 0, 0) == []


async def test_reading_what_retention_took_is_an_error(kafka: str, unique: str) -> None:
    async with replica(kafka, unique) as one:
        placed = await append_many(one.log(), "x", 20)
        await delete_before(kafka, unique, 17)
        assert await one.log().bounds() == (17, len(placed))
        with pytest.raises(LogTruncated, match=unique):
            await read(one.log(), 16, 20)
        assert [raw.offset for raw in await read(one.log(), 17, 20)] == [17, 18, 19]
        assert await one.log().offset_at(0) == 17


async def test_reading_over_a_hole_is_an_error(kafka: str, unique: str) -> None:
    """Such as the end of a transaction, or what compaction leaves: records can't be told from what was lost there."""
    async with replica(kafka, unique) as one:
        async with (
            AIOKafkaProducer(bootstrap_servers=kafka, transactional_id=unique) as producer,
            producer.transaction(),
        ):
            await producer.send_and_wait(unique, b"in a transaction")

        async def ends_at_two() -> bool:
            return await one.log().bounds() == (0, 2)  # the broker writes a transaction's end a moment later

        ended: bool = await eventually(ends_at_two)
        assert ended
        assert (await one.log().append([(None, b"next")])).offset == 2
        with pytest.raises(LogTruncated, match="are missing"):
            await read(one.log(), 0, 3)


async def test_offsets_go_on_where_everything_was_deleted(kafka: str, unique: str) -> None:
    async with replica(kafka, unique) as one:
        placed = await append_many(one.log(), "x", 20)
        await delete_before(kafka, unique, len(placed))
        assert await one.log().bounds() == (len(placed), len(placed))
        assert (await one.log().append([(None, b"next")])).offset == len(placed)


async def test_more_than_a_batch_holds_is_an_error_and_nothing_is_written(kafka: str, unique: str) -> None:
    async with replica(kafka, unique) as one:
        with pytest.raises(LogTruncated, match="do not fit into one batch"):
            await one.log().append([(None, bytes(900_000)), (None, bytes(900_000))])
        assert (await one.log().append([(None, b"next")])).offset == 0


async def test_what_the_topic_refuses_ends_the_process(kafka: str, unique: str) -> None:
    """The producer is broken for good: see Appender.append."""
    async with replica(kafka, unique, max_message_bytes=1_000) as one:
        await one.log().append([(None, b"small")])
        with pytest.raises(LogTruncated, match="the append failed for good"):
            await one.log().append([(None, random.Random(1).randbytes(5_000))])


async def test_a_ledger_on_kafka_is_claimed_fenced_and_restored(kafka: str, unique: str) -> None:
    async with replicas(kafka, unique, 3) as several, asyncio.TaskGroup() as group:
        old, new, third = (PartitionLedger(0, one.log(), "x", WINDOW, lambda *_: None) for one in several)
        writers = [group.create_task(ledger.run()) for ledger in (old, new, third)]
        await old.claim(NEW)
        await old.decide(intent(), intent("other"))
        await new.claim(NEW)
        assert isinstance(new.fold.standing(trigger_named("t")), InFlight)
        with pytest.raises(LedgerLost):
            await old.decide(intent("third"))
        await old.note(accepted())
        await new.look()
        assert new.owned
        assert new.fold.standing(trigger_named("t")) == Finished()
        await third.claim(NEW)
        assert third.fold.items == new.fold.items
        for writer in writers:
            writer.cancel()
