import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from measuring.runs import figure, saved

from bench.distribution import NEVER
from bench.result import Goal, read, write
from bench.table import cells, missed

FLOATS = st.floats(0.001, 1e6)


@given(st.lists(st.tuples(FLOATS, FLOATS), min_size=1, max_size=7))
def test_what_is_written_is_read_back_the_same(pairs: list[tuple[float, float]]) -> None:
    one = saved(figure(*(ours for ours, _ in pairs), reference=[theirs for _, theirs in pairs], goal=Goal(least=1.5)))
    assert read(write(one)) == one


def test_what_never_happened_is_read_back_as_never() -> None:
    (found,) = read(write(saved(figure(NEVER, NEVER, 3)))).figures.values()
    assert (found.median, cells(found)[1]) == (NEVER, "never")


def test_a_file_of_another_version_is_refused() -> None:
    with pytest.raises(ValueError, match="version 99"):
        read(write(msgspec.structs.replace(saved(), version=99)))


@pytest.mark.parametrize("spoilt", [b"{}", b"[]", b"no JSON", b'{"version": 1}'])
def test_what_is_no_run_is_refused(spoilt: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        read(spoilt)


@given(st.lists(st.tuples(FLOATS, FLOATS), min_size=1, max_size=7))
def test_the_ratio_is_of_values_of_the_same_round(pairs: list[tuple[float, float]]) -> None:
    one = figure(*(ours for ours, _ in pairs), reference=[theirs for _, theirs in pairs])
    assert one.ratio is not None
    each = sorted(ours / theirs for ours, theirs in pairs)
    assert each[0] <= one.ratio <= each[-1]
    assert one.low <= one.median <= one.high


def test_a_ratio_compares_no_round_with_another() -> None:
    assert figure(1, 10, 6, reference=[10, 1, 3]).ratio == 2


@pytest.mark.parametrize("one", [figure(1, 2), figure(1, 2, reference=[0, 1]), figure(1, NEVER, reference=[1, 1])])
def test_there_is_no_ratio_to_nothing(one: object) -> None:
    assert getattr(one, "ratio") is None  # noqa: B009 - of whatever parametrize gives


@pytest.mark.parametrize(
    ("goal", "met"),
    [
        (None, None),
        (Goal(least=2), True),
        (Goal(least=2.1), False),
        (Goal(most=2), True),
        (Goal(most=1.9), False),
        (Goal(least=0.5, of="ratio"), True),
        (Goal(most=0.4, of="ratio"), False),
    ],
)
def test_a_goal_is_for_the_median_or_for_the_ratio(goal: Goal | None, met: bool | None) -> None:
    assert figure(1, 2, 9, reference=[2, 4, 18], goal=goal).met is met


def test_a_goal_for_a_ratio_is_missed_where_there_is_none() -> None:
    assert figure(1, NEVER, reference=[1, 1], goal=Goal(most=5, of="ratio")).met is False


def test_goals_that_are_missed_are_told_with_their_figure() -> None:
    one = saved(figure(1, 2, 3, goal=Goal(least=2.5)), figure(1, goal=Goal(least=1), name="a.fine"))
    assert missed(one) == ["a.rate (how fast): 2 1/s, goal at least 2.50 1/s"]
