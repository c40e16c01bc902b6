"""When to ask: by properties."""

from hypothesis import given
from hypothesis import strategies as st

from bridge.reconcile.pace import Pace

SECONDS = st.floats(0.01, 600)
JITTER = st.floats(0, 1)


@given(first=SECONDS, longest=SECONDS, jitter=JITTER, asked=st.integers(1, 10_000))
def test_no_pause_is_longer_than_the_longest_but_for_jitter(
    first: float, longest: float, jitter: float, asked: int
) -> None:
    pace = Pace(first, longest, lambda: jitter)
    for wait in (pace.first_wait("gen-1"), pace.next_wait(asked)):
        assert 0 < wait <= longest * 1.15 + 1e-9


@given(longest=SECONDS, asked=st.integers(1, 200))
def test_pauses_grow_until_they_are_the_longest(longest: float, asked: int) -> None:
    pace = Pace(5, longest, lambda: 0.5)
    assert pace.next_wait(asked) <= pace.next_wait(asked + 1)
    assert abs(pace.next_wait(200) - longest) < 1e-6


@given(jitter=JITTER)
def test_jitter_moves_a_pause_by_less_than_a_sixth(jitter: float) -> None:
    steady, moved = Pace(5, 30, lambda: 0.5), Pace(5, 30, lambda: jitter)
    assert abs(moved.next_wait(3) / steady.next_wait(3) - 1) <= 0.151


@given(usual=st.floats(0.5, 25), took=st.lists(st.floats(0, 60), max_size=10))
def test_the_first_question_comes_when_executions_of_that_generator_usually_have_ended(
    usual: float, took: list[float]
) -> None:
    pace = Pace(5, 30, lambda: 0.5)
    for seconds in (*took, *[usual] * 40):
        pace.learn("gen-1", seconds)
    assert usual <= pace.first_wait("gen-1") <= max(usual * 1.3, usual + 0.1)
    # Another generator's executions say nothing about it.
    assert Pace(5, 30, lambda: 0.5).first_wait("gen-2") == pace.first_wait("gen-2")


@given(took=st.lists(st.floats(1, 20), min_size=1, max_size=30))
def test_the_estimate_stays_between_the_shortest_and_the_longest_seen(took: list[float]) -> None:
    pace = Pace(5, 1_000, lambda: 0.5)
    for seconds in took:
        pace.learn("gen-1", seconds)
    assert min(took) * 1.149 <= pace.first_wait("gen-1") <= max(took) * 1.151
