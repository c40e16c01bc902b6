"""Compressed batches that unfold to more than a replica has memory, on a real Kafka, and what becomes of those around them."""

import os
from typing import Any

import orjson
import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.record.default_records import DefaultRecordBatch, DefaultRecordBatchBuilder
from intake.workbench import Workbench, goal
from kafka.cluster import read_topic
from waiting import eventually

from bridge.events import UnreadableRecord
from bridge.kafka.unfolding import LARGEST_BATCH, BatchTooLargeError

CODECS = {"gzip": 1, "snappy": 2, "lz4": 3, "zstd": 4}
BOMB = 100_000_000


def batch(codec: int, *values: bytes) -> Any:
    builder = DefaultRecordBatchBuilder(2, codec, False, -1, -1, -1, 2**31 - 1)
    for number, value in enumerate(values):
        builder.append(number, 1, None, value, [])
    return DefaultRecordBatch(bytes(builder.build()))


@pytest.mark.parametrize("codec", CODECS)
def test_a_batch_that_unfolds_to_more_than_the_bound_is_not_unfolded(codec: str) -> None:
    with pytest.raises(BatchTooLargeError, match=str(LARGEST_BATCH)):
        list(batch(CODECS[codec], bytes(BOMB)))


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("size", [1, 900, 70_000, 5_000_000])
def test_a_batch_within_the_bound_is_as_it_was(codec: str, size: int) -> None:
    values = [os.urandom(size), bytes(size), b""]
    assert [record.value for record in batch(CODECS[codec], *values)] == values


async def bomb(kafka: str, topic: str, codec: str) -> None:
    producer = AIOKafkaProducer(
        bootstrap_servers=kafka, compression_type=codec, max_request_size=2 * BOMB, max_batch_size=2 * BOMB
    )
    await producer.start()
    try:
        await producer.send_and_wait(topic, bytes(BOMB), partition=0)
    finally:
        await producer.stop()


async def test_a_bomb_between_two_events_is_one_dead_letter_and_both_become_triggers(bench: Workbench) -> None:
    await bench.set_up(settings={"max.message.bytes": "6000000"})
    around = [{"value": orjson.dumps(goal(number)), "partition": number % 3} for number in range(6)]
    await bench.publish(*around[:3])
    await bomb(bench.kafka, bench.topic, "zstd")
    await bench.publish(*around[3:])
    async with bench.running():

        async def all_there() -> bool:
            return len(await bench.triggers()) == len(around) and bool(await bench.dead_letters())

        await eventually(all_there, within=60, every=0.1)
    assert {trigger.event_id for trigger in await bench.triggers()} == {f"e{number}" for number in range(6)}
    (letter,) = await bench.dead_letters()
    reason = dict(letter.headers)["bridge-reason"].decode()
    assert reason.startswith("the compressed batch of the offsets 1 to 1 can't be read")
    assert str(LARGEST_BATCH) in reason
    assert dict(letter.headers)["bridge-source"].decode() == f"{bench.topic}/0/1"
    # The partition is committed behind it: nobody meets it again.
    assert (await bench.committed())[0] == 3


async def test_a_reader_gets_a_record_in_the_place_of_a_bomb(kafka: str, bench: Workbench) -> None:
    await bench.set_up(settings={"max.message.bytes": "6000000"})
    await bomb(kafka, bench.topic, "gzip")
    (record,) = await read_topic(kafka, bench.topic)
    assert isinstance(record, UnreadableRecord)
    assert (record.key, record.value) == (None, None)
