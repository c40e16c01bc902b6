import pytest
from hypothesis import given
from hypothesis import strategies as st
from measuring.runs import figure, saved

from bench.comparing import Change, change_of, differences
from bench.result import Figure

VALUES = st.lists(st.floats(1, 100), min_size=1, max_size=5)


@pytest.mark.parametrize(
    ("before", "now", "change"),
    [
        (figure(10, 11, 12), figure(13, 14, 15), Change.BETTER),
        (figure(10, 11, 12), figure(7, 8, 9), Change.WORSE),
        (figure(10, 11, 12, better="less"), figure(13, 14, 15, better="less"), Change.WORSE),
        (figure(10, 11, 12, better="less"), figure(7, 8, 9, better="less"), Change.BETTER),
        (figure(10, 11, 12), figure(12, 14, 15), Change.NOISE),
        (figure(10.0, 10.1), figure(10.2, 10.3), Change.NOISE),
        (figure(0, 0, 0, better="less"), figure(3, 3, 4, better="less"), Change.WORSE),
    ],
)
def test_a_difference_counts_where_the_spreads_are_apart(before: Figure, now: Figure, change: Change) -> None:
    assert change_of(before, now) is change


def test_a_machine_that_is_slower_for_the_reference_too_is_no_change() -> None:
    assert change_of(figure(10, 11, reference=[5, 5.5]), figure(5, 5.5, reference=[2.5, 2.75])) is Change.NOISE


@given(VALUES, VALUES)
def test_what_is_better_one_way_is_worse_the_other_way(one: list[float], other: list[float]) -> None:
    there, back = change_of(figure(*one), figure(*other)), change_of(figure(*other), figure(*one))
    opposite = {Change.BETTER: Change.WORSE, Change.WORSE: Change.BETTER}
    if there in opposite and back in opposite:
        assert back is opposite[there]


@given(VALUES)
def test_a_run_does_not_differ_from_itself(values: list[float]) -> None:
    assert change_of(figure(*values), figure(*values)) is Change.NOISE


def test_figures_that_came_and_went_are_told() -> None:
    found = differences(saved(figure(1), figure(1, name="a.old")), saved(figure(1), figure(1, name="a.new")))
    assert [(one.id, one.change) for one in found] == [
        ("a.rate", Change.NOISE),
        ("a.new", Change.NEW),
        ("a.old", Change.GONE),
    ]
