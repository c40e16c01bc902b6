"""What producers in other languages write: compressed batches, null values, transactions."""

from collections.abc import Callable, Iterator
from typing import Any

import orjson
import pytest
from intake.workbench import Workbench, goal, until
from kafka.foreign import CODECS, Sent, by_java, by_librdkafka, codecs_seen, librdkafka

from bridge.kafka.archive import Archive
from bridge.kafka.originals import whole_records

__all__ = ["codecs_seen"]
EACH = 50


def batch(number: int) -> Iterator[Sent]:
    """Goals, and between them what deletes a key."""
    for index in range(number, number + EACH):
        key = b"m%d" % index
        yield Sent(orjson.dumps(goal(index)), key, [("trace", b"x%d" % index), ("none", b"")])
        if index % 10 == 0:
            yield Sent(None, key, [("trace", b"deleted")])


@pytest.mark.parametrize("publish", [by_librdkafka, by_java])
async def test_batches_of_all_codecs_are_read(
    bench: Workbench, publish: Callable[..., None], codecs_seen: set[int]
) -> None:
    await bench.set_up()
    for number, codec in enumerate(CODECS):
        publish(bench.kafka, bench.topic, codec, batch(number * EACH))
    await bench.work_off()
    count = len(CODECS) * EACH
    assert sorted(trigger.event_id for trigger in await bench.triggers()) == sorted(f"e{one}" for one in range(count))
    letters = await bench.dead_letters()
    assert sorted(letter.key for letter in letters) == sorted(b"m%d" % one for one in range(0, count, 10))
    assert {(letter.value, letter.headers[0]) for letter in letters} == {(None, ("trace", b"deleted"))}
    assert codecs_seen == set(CODECS.values())


def send(producer: Any, bench: Workbench, number: int, partition: int = 0) -> None:
    producer.produce(bench.topic, orjson.dumps(goal(number)), partition=partition)
    assert producer.flush(30) == 0


async def ids(bench: Workbench) -> list[str]:
    return sorted(trigger.event_id for trigger in await bench.triggers())


async def test_what_a_transaction_took_back_is_no_campaign(bench: Workbench) -> None:
    await bench.set_up()
    with librdkafka(bench.kafka) as plain, librdkafka(bench.kafka, transactional_id=bench.service) as producer:
        producer.init_transactions(30)
        for number, end in enumerate((producer.commit_transaction, producer.abort_transaction) * 2):
            producer.begin_transaction()
            send(producer, bench, number)
            end(30)
        async with bench.running():
            # Also what is no record: the group has nothing left to read.
            await until(lambda: has_committed(bench, 0, 8))
        assert await ids(bench) == ["e0", "e2"]
        send(plain, bench, 4)
        await bench.work_off()
        assert await ids(bench) == ["e0", "e2", "e4"]

        # What is behind an open one waits until it has ended; other partitions go on.
        producer.begin_transaction()
        send(producer, bench, 5)
        send(plain, bench, 6)
        async with bench.running():
            send(plain, bench, 7, partition=1)
            await until(lambda: written(bench, "e7"))
            assert await ids(bench) == ["e0", "e2", "e4", "e7"]
            producer.commit_transaction(30)
            await until(lambda: written(bench, "e6"))
            assert await ids(bench) == ["e0", "e2", "e4", "e5", "e6", "e7"]


async def has_committed(bench: Workbench, partition: int, offset: int) -> bool:
    return (await bench.committed()).get(partition) == offset


async def written(bench: Workbench, event_id: str) -> bool:
    return event_id in await ids(bench)


async def test_tools_read_what_intake_reads(bench: Workbench) -> None:
    await bench.set_up()
    with librdkafka(bench.kafka, transactional_id=bench.service) as producer:
        producer.init_transactions(30)
        for number, end in enumerate((producer.commit_transaction, producer.abort_transaction, None)):
            producer.begin_transaction()
            send(producer, bench, number)
            if end is not None:
                end(30)
        async with Archive(bench.connection) as archive:
            (topic,) = await archive.snapshots(bench.topic)
            read = [one async for some in whole_records(archive, topic, 0, 0, 100) for one in some]
        assert [orjson.loads(one.value or b"")["id"] for one in read] == ["e0"]
        producer.abort_transaction(30)
