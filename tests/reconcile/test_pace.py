"""When to ask: by properties, and by what it comes to for executions of many kinds."""

import random
from collections.abc import Callable
from itertools import pairwise
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.reconcile.pace import Pace

SECONDS = st.floats(0.01, 600)
JITTER = st.floats(0, 1)
TOOK = st.lists(st.floats(0.01, 300), max_size=60)
Duration = Callable[[random.Random, float], float]
# By how much a question may come after the moment that is meant: margin, and jitter at its largest.
AFTER = 1.01 * 1.021


def taught(*took: float, first: float = 5.0, longest: float = 1_000.0, jitter: float = 0.5) -> Pace:
    """A pace that has seen executions of gen-1 take so long, by the vendor's word."""
    pace = Pace(first, longest, lambda: jitter)
    for seconds in took:
        pace.learn("gen-1", 0.0, seconds + 1, seconds)
    return pace


def questions(pace: Pace, until: float) -> list[float]:
    """The ages at which an execution of gen-1 is asked about that ends at that age."""
    ages = [pace.wait("gen-1", 0.0, 0)]
    while ages[-1] < until:
        ages.append(ages[-1] + pace.wait("gen-1", ages[-1], len(ages)))
    return ages


@given(longest=SECONDS, jitter=JITTER, took=TOOK, age=st.floats(0, 5_000), asked=st.integers(0, 10_000))
def test_no_pause_is_longer_than_the_longest_but_for_jitter(
    longest: float, jitter: float, took: list[float], age: float, asked: int
) -> None:
    wait = taught(*took, longest=longest, jitter=jitter).wait("gen-1", age, asked)
    assert 0 <= wait <= longest * 1.15 + 1e-9


@given(longest=st.floats(1, 600), jitter=JITTER, took=TOOK, age=st.floats(0, 5_000), asked=st.integers(1, 10_000))
def test_after_a_question_nothing_is_asked_at_once(
    longest: float, jitter: float, took: list[float], age: float, asked: int
) -> None:
    assert taught(*took, longest=longest, jitter=jitter).wait("gen-1", age, asked) >= 0.3


@given(took=TOOK, longest=st.floats(1, 60))
def test_pauses_grow_after_the_time_that_all_have_taken_until_they_are_the_longest(
    took: list[float], longest: float
) -> None:
    pace = taught(*took, longest=longest)
    ages = questions(pace, 5_000)
    late = [after - before for before, after in pairwise(ages) if before > max([5.2, *took]) * 1.1]
    assert late == sorted(late, key=lambda pause: round(pause, 6))
    assert late[-1] == pytest.approx(longest)


@given(jitter=JITTER, age=st.floats(0, 600), asked=st.integers(1, 50))
def test_jitter_moves_a_pause_by_less_than_a_sixth(jitter: float, age: float, asked: int) -> None:
    steady, moved = Pace(5, 30, lambda: 0.5), Pace(5, 30, lambda: jitter)
    assert abs(moved.wait("gen-1", age, asked) / steady.wait("gen-1", age, asked) - 1) <= 0.151
    assert abs(moved.rare_wait(age) / steady.rare_wait(age) - 1) <= 0.151


@given(usual=st.floats(1, 500), took=TOOK)
def test_the_first_question_comes_when_executions_of_that_generator_usually_have_ended(
    usual: float, took: list[float]
) -> None:
    pace = taught(*took, *[usual] * 200)
    assert usual < pace.wait("gen-1", 0.0, 0) <= usual * AFTER + 0.2
    # Another generator's executions say nothing about it.
    assert pace.wait("gen-2", 0.0, 0) == Pace(5, 1_000, lambda: 0.5).wait("gen-2", 0.0, 0)


@given(took=st.lists(st.floats(1, 300), min_size=5, max_size=60), jitter=JITTER)
def test_the_first_questions_lie_between_the_shortest_and_the_longest_duration_seen(
    took: list[float], jitter: float
) -> None:
    ages = questions(taught(*took, jitter=jitter), max(took))
    assert min(took) <= ages[0] <= max(took) * AFTER + 0.2
    assert ages[-1] <= max(took) * AFTER + 0.2, "the last question that is due to durations, when all have ended"


def test_an_execution_that_is_older_than_any_is_asked_about_at_once() -> None:
    assert taught(*[3.0] * 50).wait("gen-1", 100.0, 0) == 0.0


def test_while_little_is_known_the_setting_says_when_to_ask_first() -> None:
    assert taught(60.0, 60.0, 60.0, 60.0).wait("gen-1", 0.0, 0) == pytest.approx(5.0, rel=0.02)
    assert taught(60.0, 60.0, 60.0, 60.0, 60.0).wait("gen-1", 0.0, 0) > 60.0


@given(age=st.floats(1_800, 86_400))
def test_what_is_unresolved_is_asked_about_every_5_to_30_minutes(age: float) -> None:
    pace = Pace(5, 30, lambda: 0.5)
    assert 300 <= pace.rare_wait(age) <= pace.rare_wait(age + 60) <= 1_800


# How often executions are asked about, and how long after their end they are known to have ended.


def followed(duration: Duration, *, told: bool, ahead: float = 0.0, count: int = 4_000) -> tuple[float, float]:
    """Questions for each of `count` executions but the first 200, and the median delay, in seconds.

    `duration(dice, part)`: how long one takes, when that part of them has been made. `told`: whether the vendor says when
    an execution ended, by a clock that is `ahead`.
    """
    dice = random.Random(1)
    pace, asked, delays = Pace(5, 30, dice.random), 0, []
    for number in range(count):
        ends = duration(dice, number / count)
        ages = [pace.wait("gen-1", 0.0, 0)]
        while ages[-1] < ends:
            ages.append(ages[-1] + pace.wait("gen-1", ages[-1], len(ages)))
        before = ages[-2] if len(ages) > 1 else 0.0
        said = ends + ahead if told and 0 <= ends + ahead <= ages[-1] else None
        pace.learn("gen-1", before, ages[-1], said)
        if number >= 200:
            asked += len(ages)
            delays.append(ages[-1] - ends)
    return asked / len(delays), median(delays)


@pytest.mark.parametrize("told", [True, False])
def test_executions_of_5_to_12_seconds_take_at_most_2_questions_and_are_known_soon(told: bool) -> None:
    polls, delay = followed(lambda dice, _part: dice.uniform(5, 12), told=told)
    assert polls <= 2.0
    assert delay <= 1.5


@pytest.mark.parametrize("ahead", [-3.0, -1.0, 1.0, 3.0])
def test_a_vendor_whose_clock_is_wrong_is_asked_little_more(ahead: float) -> None:
    polls, delay = followed(lambda dice, _part: dice.uniform(5, 12), told=True, ahead=ahead)
    assert polls <= 2.3
    assert delay <= 1.5


@pytest.mark.parametrize("told", [True, False])
@pytest.mark.parametrize(
    ("duration", "most_polls", "longest_delay"),
    [
        pytest.param(lambda _dice, _part: 3.0, 1.7, 0.5, id="always the same"),
        pytest.param(lambda _dice, _part: 0.2, 1.7, 0.5, id="always short"),
        pytest.param(lambda dice, _part: dice.choice([2, 10]) + dice.uniform(0, 0.3), 2.0, 1.5, id="two kinds"),
        pytest.param(lambda dice, _part: 6 * dice.lognormvariate(0, 0.8), 2.1, 3.0, id="a heavy tail"),
        pytest.param(lambda _dice, part: 3 + 17 * part, 2.0, 2.5, id="slower and slower"),
        pytest.param(lambda _dice, part: 20 - 17 * part, 2.0, 1.5, id="faster and faster"),
        pytest.param(lambda dice, part: (3 if part < 0.5 else 15) + dice.random(), 2.0, 1.5, id="suddenly slower"),
        pytest.param(lambda dice, part: (15 if part < 0.5 else 3) + dice.random(), 2.0, 1.5, id="suddenly faster"),
    ],
)
def test_executions_of_other_kinds_take_few_questions_too(
    told: bool, duration: Duration, most_polls: float, longest_delay: float
) -> None:
    polls, delay = followed(duration, told=told)
    assert polls <= most_polls
    assert delay <= longest_delay


def test_without_the_vendors_word_the_estimate_does_not_creep_up() -> None:
    """Were the moment of the answer taken for the end, each first question would come later than the last."""
    pace = Pace(5, 1_000, lambda: 0.5)
    for _ in range(500):
        ages = [pace.wait("gen-1", 0.0, 0)]
        while ages[-1] < 3.0:
            ages.append(ages[-1] + pace.wait("gen-1", ages[-1], len(ages)))
        pace.learn("gen-1", ages[-2] if len(ages) > 1 else 0.0, ages[-1], None)
    assert 1.5 < pace.wait("gen-1", 0.0, 0) < 4.0
