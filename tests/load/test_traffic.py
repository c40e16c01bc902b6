"""What is read out of the vendor's log of requests."""

import pytest
from load.traffic import Late, is_void, poorest_second, rate, worst_second


@pytest.mark.parametrize(
    ("times", "worst"),
    [([], 0), ([5], 1), ([0, 999], 2), ([0, 1_000], 1), ([0, 400, 800, 1_200, 1_300], 4), ([7, 7, 7], 3)],
)
def test_the_worst_rolling_second_is_open_at_its_far_end(times: list[int], worst: int) -> None:
    assert worst_second(times) == worst


def test_the_rate_and_the_poorest_second_are_of_a_span() -> None:
    times = [0, *range(1_000, 3_000, 100), 3_100, 3_200, 5_000]
    assert rate(times, 1_000, 3_000) == 10
    assert poorest_second(times, 1_000, 3_000) == 10
    assert poorest_second(times, 1_000, 4_500) == 2
    assert poorest_second(times, 1_000, 1_500) == 0


def test_what_was_counted_while_the_vendor_was_late_is_void() -> None:
    late = [Late(10_000, 50.0)]
    assert [is_void(at, late) for at in (9_949, 9_950, 10_000, 11_000, 11_001)] == [False, True, True, True, False]
