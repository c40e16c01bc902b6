"""What a member has over rebalances."""

from hypothesis import given
from hypothesis import strategies as st

from bridge.kafka.holding import Change, Holding
from bridge.kafka.records import TopicPartition

A, B, C = (TopicPartition("t", number) for number in range(3))


def held(*partitions: TopicPartition) -> Holding:
    holding = Holding()
    holding.joining({"t"}, out=True)
    holding.ended(frozenset(partitions), 1)
    return holding


def change(**parts: object) -> Change:
    return Change(**{"kept": frozenset(), "gained": frozenset(), "lost": frozenset(), "again": False} | parts)  # type: ignore[arg-type]


def rebalance(holding: Holding, *assigned: TopicPartition, out: bool = False) -> Change:
    holding.joining({"t"}, out=out)
    return holding.ended(frozenset(assigned), 2)


def test_what_is_kept_is_neither_gained_nor_lost() -> None:
    holding = held(A, B)
    assert rebalance(holding, A, C) == change(kept={A}, gained={C}, lost={B})
    assert holding.held == {A, B, C}


def test_what_is_lost_is_told_once_and_held_until_it_is_given_up() -> None:
    holding = held(A, B)
    rebalance(holding, A)
    assert rebalance(holding, A) == change(kept={A})
    assert holding.joining({"t"}, out=False).held == {A, B}
    assert holding.released([B])
    assert holding.joining({"t"}, out=False).held == {A}
    assert not holding.released([B])


def test_what_comes_back_while_it_is_given_up_is_gained_after_that() -> None:
    holding = held(A)
    rebalance(holding)
    assert rebalance(holding, A) == change()
    assert holding.released([A])
    assert rebalance(holding, A) == change(gained={A})


def test_the_group_shares_anew_when_something_was_given_up_since_it_was_asked() -> None:
    holding = held(A)
    rebalance(holding)
    holding.joining({"t"}, out=False)
    holding.released([A])
    assert holding.ended(frozenset(), 3) == change(again=True)
    assert rebalance(holding) == change()


def test_only_what_nobody_else_can_have_is_committed() -> None:
    holding = held(A, B)
    assert holding.may_commit(A)
    assert not holding.may_commit(C)
    rebalance(holding, A)
    assert holding.may_commit(B)
    holding.released([B])
    assert not holding.may_commit(B)
    rebalance(holding, out=True)
    assert not holding.may_commit(A)
    holding.released([A])
    rebalance(holding, A)
    assert holding.may_commit(A)


steps = st.lists(
    st.tuples(st.frozensets(st.sampled_from([A, B, C])), st.booleans(), st.frozensets(st.sampled_from([A, B, C]))),
    max_size=12,
)


@given(steps)
def test_a_member_hears_of_each_partition_in_turn(
    taken: list[tuple[frozenset[TopicPartition], bool, frozenset[TopicPartition]]],
) -> None:
    holding, working, leaving = Holding(), set[TopicPartition](), set[TopicPartition]()
    for assigned, out, released in taken:
        holding.joining({"t"}, out=out)
        told = holding.ended(assigned, 1)
        assert told.kept <= working
        assert told.lost <= working
        assert not told.gained & (working | leaving)
        working = (working - told.lost) | told.gained
        leaving |= told.lost
        assert holding.held == working | leaving
        holding.released(released)
        leaving -= released
        assert holding.held == working | leaving
