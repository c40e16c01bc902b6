import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial

import pytest
from kafka.cluster import admin, make_topic
from kafka.members import Follower
from waiting import eventually

from bridge.clock import SystemClock
from bridge.kafka import Connection, GroupConsumer, NewRecord, NotAMember, OutOfRange, Producer, Record, TopicPartition

Write = Callable[..., Awaitable[None]]


@pytest.fixture
def consumer_of(kafka: str) -> Callable[..., GroupConsumer]:
    def build(group: str, *topics: str) -> GroupConsumer:
        connection = Connection(bootstrap_servers=kafka, session_timeout=6000, metadata_max_age=500)
        return GroupConsumer(connection, group=group, topics=topics, clock=SystemClock())

    return build


@pytest.fixture
def write(kafka: str) -> Write:
    async def write(topic: str, *values: bytes, partition: int = 0) -> None:
        async with Producer(Connection(bootstrap_servers=kafka)) as producer:
            await producer.send_all(NewRecord(topic, None, value, partition=partition) for value in values)

    return write


Build = Callable[..., GroupConsumer]


def numbers(start: int, stop: int) -> list[bytes]:
    return [str(number).encode() for number in range(start, stop)]


async def test_everything_is_read_once_and_in_order(kafka: str, unique: str, consumer_of: Build, write: Write) -> None:
    topic = await make_topic(kafka, unique, partitions=2)
    await write(topic, *numbers(0, 300), partition=0)
    await write(topic, *numbers(300, 600), partition=1)
    async with Follower(consumer_of(unique, topic)) as follower:
        await eventually(lambda: len(follower.read) == 600)
        assert follower.consumer.joined
        assert follower.consumer.heard_at is not None
    for partition, expected in enumerate([numbers(0, 300), numbers(300, 600)]):
        assert [record.value for record in follower.read if record.partition == partition] == expected


async def test_a_paused_partition_waits_and_loses_nothing(
    kafka: str, unique: str, consumer_of: Build, write: Write
) -> None:
    topic = await make_topic(kafka, unique)
    here = TopicPartition(topic, 0)
    await write(topic, *numbers(0, 100))
    async with Follower(consumer_of(unique, topic)) as follower:
        # Pause in the middle of what was fetched, again and again.
        for seen in range(1, 80, 8):
            follower.consumer.resume([here])
            await eventually(partial(follower.has_read, seen), every=0)
            follower.consumer.pause([here])
        follower.consumer.resume([here])
        await eventually(lambda: len(follower.read) == 100)
    assert follower.values() == numbers(0, 100)


async def test_partitions_come_paused(kafka: str, unique: str, consumer_of: Build, write: Write) -> None:
    topic = await make_topic(kafka, unique, partitions=2)
    closed = TopicPartition(topic, 1)
    await write(topic, b"open", partition=0)
    await write(topic, b"closed", partition=1)
    async with Follower(consumer_of(unique, topic), paused=[closed]) as follower:
        await eventually(lambda: follower.values() == [b"open"])
        await write(topic, b"open 2", partition=0)
        await eventually(lambda: follower.values() == [b"open", b"open 2"])
        follower.consumer.resume([closed])
        await eventually(lambda: b"closed" in follower.values())


async def test_a_group_goes_on_where_it_has_committed(
    kafka: str, unique: str, consumer_of: Build, write: Write
) -> None:
    topic = await make_topic(kafka, unique)
    here = TopicPartition(topic, 0)
    await write(topic, *numbers(0, 10))
    async with Follower(consumer_of(unique, topic), begin=2) as follower:
        await eventually(lambda: len(follower.read) == 8)
        assert await follower.consumer.committed([here]) == {here: None}
        await follower.consumer.commit({here: 6})
        assert await follower.consumer.committed([here]) == {here: 6}
        assert await follower.consumer.position(here) == 10
        await follower.consumer.commit({})
    async with Follower(consumer_of(unique, topic)) as follower:
        await eventually(lambda: follower.values() == numbers(6, 10))


async def test_a_rebalance_hands_partitions_over_with_their_offsets(
    kafka: str, unique: str, consumer_of: Build, write: Write
) -> None:
    topic = await make_topic(kafka, unique, partitions=4)
    for partition in range(4):
        await write(topic, *numbers(0, 20), partition=partition)
    async with Follower(consumer_of(unique, topic)) as first:
        await eventually(lambda: len(first.read) == 80)
        await first.commit()
        async with Follower(consumer_of(unique, topic)) as second:
            await eventually(lambda: second.consumer.joined and len(second.consumer.assignment()) == 2)
            await eventually(lambda: first.consumer.joined and len(first.consumer.assignment()) == 2)
            assert [len(lost) for lost in first.lost] == [2]
            assert [len(gained) for gained in first.gained] == [4, 0, 0]
            assert not first.consumer.assignment() & second.consumer.assignment()
            # What stayed, stayed, and each consumer tells only its own.
            assert first.consumer.assignment() < first.gained[0]
            for partition in range(4):
                await write(topic, b"new", partition=partition)
            await eventually(lambda: first.values().count(b"new") + second.values().count(b"new") == 4)
            assert len(first.read) + len(second.read) == 84


async def test_consumers_in_one_process_do_not_mix_up_their_assignments(
    kafka: str, unique: str, consumer_of: Build
) -> None:
    topic, other = await make_topic(kafka, f"{unique}-a", 12), await make_topic(kafka, f"{unique}-b", 12)
    async with (
        Follower(consumer_of(f"{unique}.a", topic)) as first,
        Follower(consumer_of(f"{unique}.a", topic)) as second,
    ):
        await eventually(lambda: all(settled(member, 6) for member in (first, second)))
        kept = {first: first.consumer.assignment(), second: second.consumer.assignment()}
        async with Follower(consumer_of(f"{unique}.b", other)) as elsewhere:
            await eventually(lambda: settled(elsewhere, 12))
            async with Follower(consumer_of(f"{unique}.a", topic)) as third:
                await eventually(lambda: all(settled(member, 4) for member in (first, second, third)))
                for member, before in kept.items():
                    assert member.consumer.assignment() < before


async def test_a_rebalance_that_waits_for_a_dead_member_stops_nobody(
    kafka: str, unique: str, consumer_of: Build, write: Write
) -> None:
    topic = await make_topic(kafka, unique, partitions=2)
    async with Follower(consumer_of(unique, topic)) as first:
        await eventually(lambda: settled(first, 2))
        async with dies(consumer_of(unique, topic)) as dead:
            await eventually(lambda: settled(first, 1) and settled(dead, 1))
        (kept,) = first.consumer.assignment()
        async with Follower(consumer_of(unique, topic)) as newcomer:
            # Until the session of the dead one has ended the group answers nobody.
            await eventually(lambda: first.consumer.rebalancing)
            for value in numbers(0, 20):
                await write(topic, value, partition=kept.partition)
                await eventually(partial(has_read, first, value))
            assert first.consumer.rebalancing
            assert not newcomer.consumer.joined
            await eventually(lambda: settled(first, 1) and settled(newcomer, 1))
            assert first.consumer.assignment() == {kept}
    assert first.values() == numbers(0, 20)


async def test_what_is_lost_goes_to_nobody_before_it_is_given_up(
    kafka: str, unique: str, consumer_of: Build, write: Write
) -> None:
    topic = await make_topic(kafka, unique, partitions=2)
    for partition in range(2):
        await write(topic, *numbers(0, 9), partition=partition)
    async with Follower(consumer_of(unique, topic)) as first:
        first.releases = False
        await eventually(lambda: settled(first, 2))
        async with Follower(consumer_of(unique, topic)) as second:
            await eventually(lambda: bool(first.lost))
            (lost,) = first.lost
            async with Follower(consumer_of(unique, topic)) as third:  # another rebalance changes nothing
                await eventually(lambda: third.consumer.joined)
                assert not second.consumer.assignment() | third.consumer.assignment()
            await first.consumer.commit(dict.fromkeys(lost, 7))
            first.consumer.release(lost)
            await eventually(lambda: second.consumer.assignment() == lost)
            assert await second.consumer.committed(lost) == dict.fromkeys(lost, 7)
            with pytest.raises(NotAMember):
                await first.consumer.commit(dict.fromkeys(lost, 8))


@asynccontextmanager
async def dies(consumer: GroupConsumer) -> AsyncIterator[Follower]:
    """A member that ends as a killed process does: without a word to its group."""
    member = Follower(consumer)
    await member.__aenter__()
    yield member
    member.consumer._consumer._coordinator._maybe_leave_group = nothing
    await member.__aexit__()


async def nothing() -> None:
    pass


def has_read(member: Follower, value: bytes) -> bool:
    return value in member.values()


def settled(member: Follower, partitions: int) -> bool:
    return member.consumer.joined and len(member.consumer.assignment()) == partitions


async def test_what_a_callback_raises_ends_the_reading(kafka: str, unique: str, consumer_of: Build) -> None:
    topic = await make_topic(kafka, unique)
    follower = Follower(consumer_of(unique, topic))
    follower.fail_on_gained = ValueError("no room")
    with pytest.raises(ExceptionGroup) as ended:
        async with follower:
            await asyncio.sleep(30)
    assert ended.group_contains(ValueError, match="no room")


async def test_a_position_that_is_not_in_the_log_is_told_and_can_be_mended(
    kafka: str, unique: str, consumer_of: Build, write: Write
) -> None:
    topic = await make_topic(kafka, unique, partitions=2)
    gone, fine = TopicPartition(topic, 0), TopicPartition(topic, 1)
    await write(topic, b"there", partition=0)
    consumer = consumer_of(unique, topic)
    member = Follower(consumer)
    await consumer.start(member)
    try:
        while not consumer.joined:
            await consumer.records(50)
        consumer.seek(gone, 1000)
        with pytest.raises(OutOfRange) as told:
            await consumer.records(5000)
        assert told.value.positions == {gone: 1000}
        consumer.seek(gone, 0)
        await write(topic, b"fine", partition=1)
        read: dict[TopicPartition, Sequence[Record]] = {}
        while len(read) < 2:
            read |= await consumer.records(50)
        assert {partition: records[0].value for partition, records in read.items()} == {gone: b"there", fine: b"fine"}
    finally:
        await consumer.stop()


async def test_a_commit_of_a_partition_that_is_not_ours_is_refused(kafka: str, unique: str, consumer_of: Build) -> None:
    topic = await make_topic(kafka, unique)
    async with Follower(consumer_of(unique, topic)) as follower:
        await eventually(lambda: follower.consumer.joined)
        with pytest.raises(NotAMember):
            await follower.consumer.commit({TopicPartition("other", 0): 1})
        with pytest.raises(NotAMember):
            follower.consumer.seek(TopicPartition("other", 0), 1)
        with pytest.raises(NotAMember):
            await follower.consumer.position(TopicPartition("other", 0))


async def test_offsets_are_found_by_time_and_at_both_ends(
    kafka: str, unique: str, consumer_of: Build, write: Write
) -> None:
    topic = await make_topic(kafka, unique)
    here = TopicPartition(topic, 0)
    await write(topic, *numbers(0, 3))
    async with Follower(consumer_of(unique, topic)) as follower:
        await eventually(lambda: len(follower.read) == 3)
        consumer, second = follower.consumer, follower.read[1].timestamp
        assert await consumer.beginning_offsets([here]) == {here: 0}
        assert await consumer.end_offsets([here]) == {here: 3}
        assert (await consumer.offsets_for_times({here: second}))[here] in (0, 1)
        assert await consumer.offsets_for_times({here: -5}) == {here: 0}
        assert await consumer.offsets_for_times({here: second + 1_000_000}) == {here: None}
        assert consumer.end_seen(here) == 3
        assert consumer.end_seen(TopicPartition("other", 0)) is None


async def test_a_topic_that_appears_later_is_read(kafka: str, unique: str, consumer_of: Build, write: Write) -> None:
    there = await make_topic(kafka, f"{unique}-there")
    later = f"{unique}-later"
    async with Follower(consumer_of(unique, there, later)) as follower:
        await eventually(lambda: follower.consumer.joined)
        assert (follower.consumer.partitions_for(there), follower.consumer.partitions_for(later)) == (1, 0)
        await make_topic(kafka, later)
        await write(later, b"at last")
        await eventually(lambda: follower.values() == [b"at last"])


async def test_partitions_that_are_added_are_read(kafka: str, unique: str, consumer_of: Build, write: Write) -> None:
    topic = await make_topic(kafka, unique)
    async with Follower(consumer_of(unique, topic)) as follower:
        await eventually(lambda: follower.consumer.joined)
        async with admin(kafka) as client:
            from aiokafka.admin import NewPartitions  # noqa: PLC0415

            await client.create_partitions({topic: NewPartitions(2)})
        await eventually(lambda: follower.consumer.partitions_for(topic) == 2)
        await write(topic, b"new", partition=1)
        await eventually(lambda: follower.values() == [b"new"])
