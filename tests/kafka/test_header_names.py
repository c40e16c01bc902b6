"""Records whose header names are not UTF-8: Kafka takes them, and so must whoever reads and writes here."""

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.record.memory_records import MemoryRecords
from hypothesis import given
from hypothesis import strategies as st
from kafka.cluster import make_topic, read_topic
from kafka.members import Follower
from waiting import eventually

from bridge.clock import SystemClock
from bridge.kafka import Connection, GroupConsumer, Headers, NewRecord, Producer
from bridge.kafka.archive import Archive
from bridge.kafka.headernames import AnyBatch, _AnyRecords, same_size, writable
from bridge.kafka.originals import whole_records

ODD = "caf\udce9"  # b"caf\xe9"
NAMES = st.binary(max_size=8).map(lambda name: name.decode("utf-8", "surrogateescape"))
RECORDS = st.lists(
    st.tuples(
        st.none() | st.binary(max_size=5),
        st.none() | st.binary(max_size=5),
        st.lists(st.tuples(NAMES, st.none() | st.binary(max_size=5)), max_size=3),
    ),
    min_size=1,
    max_size=5,
)


@given(st.lists(RECORDS, min_size=1, max_size=4))
def test_all_names_are_read_as_they_were_written(
    batches: list[list[tuple[bytes | None, bytes | None, Headers]]],
) -> None:
    written = b""
    for records in batches:
        batch = AnyBatch()
        for key, value, headers in records:
            batch.append(timestamp=7, key=key, value=value, headers=headers)
        written += bytes(batch._build())
    fetched = _AnyRecords(written)
    read = []
    while fetched.has_next():
        batch = fetched.next_batch()
        assert batch.validate_crc()
        read.append([(one.key, one.value, one.headers) for one in batch])
    assert read == batches


@given(st.lists(st.tuples(NAMES, st.none() | st.binary(max_size=5)), max_size=3))
def test_a_record_with_odd_names_is_measured_as_one_whose_names_take_as_many_bytes(headers: Headers) -> None:
    size = NewRecord("t", b"k", b"v", headers).size()
    assert size == NewRecord("t", b"k", b"v", same_size(headers)).size()
    batch = AnyBatch()
    batch.append(timestamp=7, key=b"k", value=b"v", headers=headers)
    assert len(batch._build()) <= size


def test_only_names_that_are_no_utf_8_are_written_in_another_way() -> None:
    assert writable([("trace", b"\xff"), ("café", None), ("😀", b"")])
    assert not writable([("trace", b""), (ODD, b"")])


def test_aiokafka_alone_can_not_read_such_a_name() -> None:
    """What all of this is for: when this fails, it may go."""
    batch = AnyBatch()
    batch.append(timestamp=7, key=None, value=b"v", headers=[(ODD, b"")])
    alone = MemoryRecords(bytes(batch._build())).next_batch()
    with pytest.raises(UnicodeDecodeError) as refused:
        next(iter(alone))
    assert refused.value.object == b"caf\xe9"


async def test_such_a_record_stands_in_nobodys_way_and_keeps_its_bytes(kafka: str, unique: str) -> None:
    topic = await make_topic(kafka, unique, partitions=1)
    connection = Connection(bootstrap_servers=kafka)
    records = [
        NewRecord(topic, b"k", b"0", [("trace", b"x")]),
        NewRecord(topic, b"k", b"1", [("trace", b"x"), (ODD, b"\xff"), (ODD, None)]),
        NewRecord(topic, None, None, [(ODD, b"")]),
        NewRecord(topic, None, b"3", [("café", b"x")]),
    ]
    async with Producer(connection) as producer:
        await producer.send_all(records)
    group = GroupConsumer(connection, group=unique, topics=[topic], clock=SystemClock())
    async with Follower(group) as follower:
        await eventually(lambda: follower.has_read(4))
    async with Archive(connection) as archive:
        (snapshot,) = await archive.snapshots(topic)
        again = [one async for batch in whole_records(archive, snapshot, 0, 0, 4) for one in batch]
    for read in (follower.read, again):
        assert [(one.key, one.value, list(one.headers)) for one in read] == [
            (one.key, one.value, list(one.headers)) for one in records
        ]


async def test_the_first_fetch_after_it_goes_on_behind_it(kafka: str, unique: str) -> None:
    """Also where a reader takes a few at a time, in the middle of a batch."""
    topic = await make_topic(kafka, unique)
    connection = Connection(bootstrap_servers=kafka)
    batch = AnyBatch()
    for number in range(20):
        batch.append(timestamp=None, key=None, value=b"%d" % number, headers=[(ODD, b"")] if number % 5 == 3 else [])
    async with Producer(connection) as producer:
        await (await producer._client.send_batch(batch, topic, partition=0))
        await producer.send_all([NewRecord(topic, None, b"20")])
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka)
    await consumer.start()
    try:
        consumer.assign([TopicPartition(topic, 0)])
        consumer.seek(TopicPartition(topic, 0), 2)
        values: list[bytes] = []
        while len(values) < 19:
            for some in (await consumer.getmany(timeout_ms=500, max_records=3)).values():
                assert len(some) <= 3
                values += [one.value for one in some]
    finally:
        await consumer.stop()
    assert values == [b"%d" % number for number in range(2, 21)]
    assert len(await read_topic(kafka, topic)) == 21
