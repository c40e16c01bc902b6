"""A trigger and its repetitions, as their results tell of them."""

import pytest
from repeating.results import T, family, result

from bridge.outcomes.reading import WrittenResult
from bridge.repeating.families import families, original_of
from bridge.triggers import repetition_id


def test_the_results_of_repetitions_belong_to_the_original() -> None:
    assert original_of(result(2)) == T == original_of(result(0))
    one = family(result(1, "expired"), result(0, "unknown"), result(0, "unknown", original="f" * 32))
    assert [(member.number, member.outcome) for member in one.members] == [(0, "unknown"), (1, "expired")]


def test_of_each_member_the_highest_revision_counts() -> None:
    one = family(result(0, "unknown"), result(0, "published"), result(0, "expired"))
    assert [member.outcome for member in one.members] == ["published"]


@pytest.mark.parametrize(
    ("ended", "following"), [([], 1), ([0], 1), ([0, 1], 2), ([0, 1, 2], 3), ([1], 2), ([0, 2], 1)]
)
def test_the_next_number_is_the_first_that_has_not_ended(ended: list[int], following: int) -> None:
    assert family(*(result(number, "expired") for number in ended)).next_number == following


def test_a_result_that_no_number_explains_is_left_out_and_looking_for_it_ends() -> None:
    one = family(result(0, "failed"), result(1, "unknown", trigger_id="9" * 32))
    assert [member.number for member in one.members] == [0]


def test_an_original_without_any_result_has_a_family_without_members() -> None:
    one = families([], {T})[T]
    assert (one.members, one.latest, one.next_number, one.doubtful) == ((), None, 1, False)


@pytest.mark.parametrize("outcome", ["published", "lost", "unresolved"])
@pytest.mark.parametrize("number", [0, 1, 2])
def test_what_one_of_them_may_have_achieved_forbids_another(outcome: str, number: int) -> None:
    outcomes = ["unknown", "expired", "failed"]
    outcomes[number] = outcome
    assert family(*(result(at, one) for at, one in enumerate(outcomes))).reached() is not None


def test_the_latest_is_the_last_that_was_not_superseded() -> None:
    one = family(result(0, "unknown"), result(1, "failed"), result(2, "superseded"))
    assert one.latest is not None
    assert one.latest.number == 1
    assert one.next_number == 3


@pytest.mark.parametrize(
    ("first", "second", "doubtful"),
    [
        (result(0, "unknown"), result(1, "expired"), True),
        (result(0, "failed", possible_duplicate=True), result(1, "expired"), True),
        (result(0, "superseded"), result(1, "expired"), False),
        (result(0, "failed"), result(1, "expired"), False),
    ],
)
def test_doubt_about_one_of_them_stays(first: WrittenResult, second: WrittenResult, doubtful: bool) -> None:
    assert family(first, second).doubtful is doubtful


def test_a_person_may_call_it_by_the_event_or_by_any_of_its_triggers() -> None:
    assert family(result(0, "unknown"), result(1, "expired")).names == {T, repetition_id(T, 1), "e1"}
