import pytest
from kafka.cluster import make_topic, read_topic

from bridge.errors import KafkaTrouble
from bridge.kafka import Connection, NewRecord, Producer


async def test_records_are_written_as_they_are_and_in_order(kafka: str, unique: str) -> None:
    topic = await make_topic(kafka, unique, partitions=2)
    headers = [("a", b"\xff"), ("a", b""), ("b", None)]
    async with Producer(Connection(bootstrap_servers=kafka)) as producer:
        await producer.send_all(NewRecord(topic, b"k", str(number).encode(), partition=1) for number in range(500))
        await producer.send_all([NewRecord(topic, None, b"v", headers, 0), NewRecord(topic, b"k", None, partition=0)])
    zero, one, *rest = await read_topic(kafka, topic)
    assert (zero.key, zero.value, list(zero.headers)) == (None, b"v", headers)
    assert (one.key, one.value) == (b"k", None)
    assert [record.value for record in rest] == [str(number).encode() for number in range(500)]


async def test_a_record_without_key_and_value_is_written_too(kafka: str, unique: str) -> None:
    topic = await make_topic(kafka, unique)
    async with Producer(Connection(bootstrap_servers=kafka)) as producer:
        await producer.send_all([NewRecord(topic, None, None, [("why", b"x")]), NewRecord(topic, None, b"after")])
    hollow, after = await read_topic(kafka, topic)
    assert (hollow.key, hollow.value, hollow.headers) == (None, None, (("why", b"x"),))
    assert after.value == b"after"


async def test_a_record_that_the_topic_refuses_is_an_error(kafka: str, unique: str) -> None:
    topic = await make_topic(kafka, unique, settings={"max.message.bytes": "1000"})
    async with Producer(Connection(bootstrap_servers=kafka)) as producer:
        with pytest.raises(KafkaTrouble, match="MessageSizeTooLarge"):
            await producer.send_all([NewRecord(topic, None, b"v" * 2000)])


async def test_the_size_of_a_record_is_never_less_than_what_the_topic_counts(kafka: str, unique: str) -> None:
    topic = await make_topic(kafka, unique, settings={"max.message.bytes": "1000"})
    value = b"v" * 1000
    while NewRecord(topic, b"key", value, [("h", b"x" * 50)]).size() > 1000:
        value = value[:-1]
    async with Producer(Connection(bootstrap_servers=kafka)) as producer:
        await producer.send_all([NewRecord(topic, b"key", value, [("h", b"x" * 50)])])
    assert len(await read_topic(kafka, topic)) == 1
