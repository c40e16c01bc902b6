"""Who gets which partitions: properties, and how a group settles."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.kafka.records import TopicPartition
from bridge.kafka.sharing import Held, Joining, shares

Group = dict[str, Joining]

names = st.sampled_from(["a", "b", "c", "d", "e"])
topics = st.sampled_from(["t", "u", "v"])
topic_counts = st.dictionaries(topics, st.integers(0, 12), max_size=3)


@st.composite
def joinings(draw: st.DrawFn) -> Joining:
    held = draw(st.frozensets(st.builds(TopicPartition, topics, st.integers(0, 14)), max_size=20))
    return Joining(draw(st.frozensets(topics)), held, draw(st.integers(-1, 4)))


groups = st.dictionaries(names, joinings(), min_size=1)


def alike(count: int, *, topic: str = "t") -> Group:
    return {name: Joining(frozenset({topic})) for name in "abcdefgh"[:count]}


def every(partitions: Mapping[str, int]) -> set[TopicPartition]:
    return {TopicPartition(topic, number) for topic, count in partitions.items() for number in range(count)}


def joined_again(group: Group, given: Mapping[str, Held], generation: int) -> Group:
    """The members, when each has given up what it did not get."""
    return {name: Joining(one.topics, given[name], generation) for name, one in group.items()}


def settled(group: Group, partitions: Mapping[str, int]) -> tuple[Group, int]:
    """The group when nothing moves any more, and how many rebalances that took."""
    for rebalances in range(1, 4):
        after = joined_again(group, shares(group, partitions), rebalances + 10)
        if {name: one.held for name, one in after.items()} == {name: one.held for name, one in group.items()}:
            return group, rebalances - 1
        group = after
    raise AssertionError("the group does not settle")


@given(groups, topic_counts)
def test_a_partition_has_one_owner_at_most_and_only_one_who_reads_its_topic(
    group: Group, partitions: Mapping[str, int]
) -> None:
    given_out = [(where, name) for name, share in shares(group, partitions).items() for where in share]
    assert len({where for where, _ in given_out}) == len(given_out)
    assert {where for where, _ in given_out} <= every(partitions)
    assert all(where.topic in group[name].topics for where, name in given_out)


@given(groups, topic_counts)
def test_what_a_member_has_is_given_to_nobody_else(group: Group, partitions: Mapping[str, int]) -> None:
    for name, share in shares(group, partitions).items():
        for where in share:
            holders = [other for other in group if where in group[other].held and where.topic in group[other].topics]
            latest = max((group[other].generation for other in holders), default=None)
            assert not holders or (name in holders and group[name].generation == latest)


@given(groups, topic_counts)
def test_a_group_settles_within_two_rebalances_with_everything_given_out_fairly(
    group: Group, partitions: Mapping[str, int]
) -> None:
    after, rebalances = settled(group, partitions)
    assert rebalances <= 2
    read = {topic for one in group.values() for topic in one.topics}
    assert {where for one in after.values() for where in one.held} == {
        where for where in every(partitions) if where.topic in read
    }
    for one in after.values():
        for other in after.values():
            if one.topics == other.topics:
                assert abs(len(one.held) - len(other.held)) <= 1


@given(st.integers(1, 8), st.integers(0, 30))
def test_who_joins_takes_no_more_than_its_share(members: int, count: int) -> None:
    partitions = {"t": count}
    before, _ = settled(alike(members), partitions)
    after, _ = settled(before | {"z": Joining(frozenset({"t"}))}, partitions)
    moved = sum(len(before[name].held - after[name].held) for name in before)
    assert moved == len(after["z"].held) == count // (members + 1)
    assert all(after[name].held <= before[name].held for name in before)


@given(st.integers(2, 8), st.integers(0, 30))
def test_nobody_loses_anything_when_another_one_goes(members: int, count: int) -> None:
    before, _ = settled(alike(members), {"t": count})
    left = dict(list(before.items())[1:])
    given_out = shares(left, {"t": count})
    assert all(left[name].held <= given_out[name] for name in left)
    assert {where for share in given_out.values() for where in share} == every({"t": count})


def test_one_that_was_out_of_the_group_does_not_win_back_what_others_have() -> None:
    where = TopicPartition("t", 0)
    out = Joining(frozenset({"t"}), frozenset({where}), generation=3)
    there = Joining(frozenset({"t"}), frozenset({where}), generation=5)
    assert shares({"a": out, "b": there}, {"t": 1}) == {"a": frozenset(), "b": {where}}
    assert shares({"a": there, "b": out}, {"t": 1}) == {"a": {where}, "b": frozenset()}


@given(joinings())
def test_what_a_member_has_survives_the_wire(joining: Joining) -> None:
    assert Joining.decode(joining.topics, joining.encode()) == joining


@pytest.mark.parametrize(
    "data",
    [b"", b"\x00\x01", b"[]", b"{}", b'{"held": 1, "generation": 2}', b'{"held": {"t": ["x"]}, "generation": 1}'],
)
def test_what_cannot_be_read_is_nothing(data: bytes) -> None:
    assert Joining.decode({"t"}, data) == Joining(frozenset({"t"}))
