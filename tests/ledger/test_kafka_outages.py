"""Kafka is killed and comes back while ledgers are written: on a broker of the test's own."""

import asyncio

import pytest
from ledger.brokers import read, replica, replicas
from waiting import eventually

from bridge.demo.kafka import EmbeddedKafka
from bridge.errors import AppendUncertain
from bridge.kafka.log import KafkaLog
from bridge.ledger.log import Appended


async def append_until(log: KafkaLog, done: asyncio.Event, offsets: list[int]) -> None:
    """One record after the other; where each was written."""
    while not done.is_set():
        offsets.append((await log.append([(None, str(len(offsets)).encode())])).offset)


async def test_every_offset_is_the_one_after_the_last_while_kafka_is_killed_and_restarted(
    own_kafka: EmbeddedKafka, unique: str
) -> None:
    done = asyncio.Event()
    async with replicas(own_kafka.bootstrap_servers, unique, 2, partitions=2, deadline=60) as both:
        offsets: list[list[int]] = [[], []]
        async with asyncio.TaskGroup() as group:
            for partition, one in enumerate(both):
                group.create_task(append_until(one.log(partition), done, offsets[partition]))
            await _more(offsets)
            own_kafka.kill()
            await asyncio.to_thread(own_kafka.restart)
            await _more(offsets)
            done.set()
        for partition, one in enumerate(both):
            count = len(offsets[partition])
            assert offsets[partition] == list(range(count))
            assert await one.log(partition).bounds() == (0, count)
            records = await read(one.log(partition), 0, count)
            assert [raw.value for raw in records] == [str(number).encode() for number in range(count)]


async def _more(offsets: list[list[int]]) -> None:
    """Wait until each has written some more."""
    wanted = [len(one) + 50 for one in offsets]
    await eventually(lambda: all(len(one) >= most for one, most in zip(offsets, wanted, strict=True)), within=60)


async def test_an_append_without_an_ack_is_written_before_the_next_or_never(
    own_kafka: EmbeddedKafka, unique: str
) -> None:
    async with replica(own_kafka.bootstrap_servers, unique, deadline=1) as one:
        log = one.log()
        assert (await log.append([(None, b"before")])).offset == 0
        own_kafka.kill()
        with pytest.raises(AppendUncertain, match="no ack of 2 records within 1 s: they may have been written"):
            await log.append([(None, b"meanwhile 1"), (None, b"meanwhile 2")])
        await asyncio.to_thread(own_kafka.restart)

        async def append() -> Appended | None:
            try:
                return await log.append([(None, b"after")])
            except AppendUncertain:
                return None

        last: Appended | None = await eventually(append, within=60)
        assert last is not None
        values = [raw.value for raw in await read(log, 0, last.offset + 1)]
        assert values[0] == b"before"
        assert values[-1] == b"after"
        assert values.count(b"meanwhile 1") == values.count(b"meanwhile 2") <= 1
        first = values.index(b"after")
        assert set(values[first:]) == {b"after"}, "nothing of before comes behind a later append"
