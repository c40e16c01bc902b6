from itertools import pairwise
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st
from load.traffic import SECOND, by_second, worst_second

from bench.distribution import first_after, longest_gap, percentile

NUMBERS = st.lists(st.integers(-1_000, 100_000), min_size=1, max_size=60)
MOMENTS = st.lists(st.integers(0, 5_000), max_size=60)


@given(NUMBERS, st.floats(0, 1))
def test_a_percentile_is_the_smallest_value_that_its_share_does_not_exceed(values: list[int], share: float) -> None:
    found = percentile(values, share)
    needed = max(1, ceil(share * len(values)))
    assert found in values
    assert sum(value <= found for value in values) >= needed
    assert sum(value < found for value in values) < needed


@pytest.mark.parametrize("share", [-0.1, 1.1])
def test_a_share_outside_of_0_to_1_is_an_error(share: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        percentile([1], share)


def test_nothing_has_no_middle() -> None:
    with pytest.raises(ValueError, match="nothing was measured"):
        percentile([], 0.5)


@given(MOMENTS)
def test_the_worst_second_is_the_fullest_window_that_ends_at_a_moment(times: list[int]) -> None:
    assert worst_second(times) == max((sum(end - SECOND < at <= end for at in times) for end in times), default=0)


def test_two_moments_exactly_a_second_apart_are_in_different_seconds() -> None:
    assert worst_second([0, SECOND]) == 1
    assert worst_second([0, SECOND - 1]) == 2


@given(MOMENTS, st.integers(0, 2_000), st.integers(0, 5_000), st.integers(1, 1_500))
def test_each_moment_of_a_whole_step_is_counted_once(times: list[int], begin: int, span: int, width: int) -> None:
    steps = by_second(times, begin, begin + span, width)
    assert len(steps) == span // width
    assert sum(steps) == sum(begin <= at < begin + len(steps) * width for at in times)


@given(MOMENTS, st.integers(0, 4_000), st.integers(1, 1_000))
def test_the_longest_gap_holds_no_moment_and_no_other_is_longer(times: list[int], begin: int, span: int) -> None:
    end = begin + span
    gap = longest_gap(times, begin, end)
    marks = sorted({begin, end, *(at for at in times if begin < at < end)})
    assert gap == max(later - earlier for earlier, later in pairwise(marks))


@given(MOMENTS, st.integers(0, 5_000))
def test_the_first_after_is_at_or_after_the_moment_and_nothing_lies_between(times: list[int], begin: int) -> None:
    wait = first_after(times, begin)
    if wait is None:
        assert all(at < begin for at in times)
    else:
        assert begin + wait in times
        assert not any(begin <= at < begin + wait for at in times)
