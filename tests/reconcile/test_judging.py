"""What each answer to a status request means for the execution."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.events import Source
from bridge.holds.model import Reason
from bridge.ledger.records import About, Accepted, Attempt, Ended
from bridge.reconcile.judging import END_NAMES, Following, HoldBrand, NotYet, judge, overdue
from bridge.triggers import OnUnknown
from bridge.vendor import answers
from bridge.vendor.answers import StatusAnswer

NOW = 1_770_000_000_000
FOLLOWING = Following(deadline=1_800_000, lag=60_000, corrections=21_600_000)
ABOUT = About("acme", "goal", "gen-1", "topic", "e1", Source("events", 0, 1), None, NOW, OnUnknown.PARK, NOW, 7)


def accepted(ago: int = 5_000) -> Accepted:
    """An execution accepted so many milliseconds before NOW."""
    return Accepted("0" * 32, ABOUT, Attempt("nonce", 2, NOW - ago - 10, True), "exec-1", NOW - ago)


def ended(answer: StatusAnswer, ago: int = 5_000) -> Ended:
    end = judge(accepted(ago), answer, NOW, FOLLOWING)
    assert isinstance(end, Ended)
    return end


def test_published_ends_it_with_its_audience_and_the_vendors_time() -> None:
    end = ended(answers.Published(127_450, NOW - 1_000))
    assert (end.outcome, end.audience_size, end.at, end.reason) == ("published", 127_450, NOW - 1_000, None)
    assert (end.execution_id, end.attempt, end.accepted) == ("exec-1", accepted().attempt, NOW - 5_000)


@pytest.mark.parametrize("audience", [None, 0])
def test_an_audience_that_is_missing_and_one_of_0_stay_what_they_are(audience: int | None) -> None:
    assert ended(answers.Published(audience, None)).audience_size == audience
    assert ended(answers.Failed("E", None, audience, None)).audience_size == audience


def test_failed_ends_it_with_code_and_message() -> None:
    end = ended(answers.Failed("AUDIENCE_RESOLUTION_FAILED", "no such topic", None, None))
    assert (end.outcome, end.error_code, end.error_message) == (
        "failed",
        "AUDIENCE_RESOLUTION_FAILED",
        "no such topic",
    )
    assert end.reason == "no such topic"


def test_failed_with_a_code_alone_gives_it_as_the_reason() -> None:
    assert ended(answers.Failed("E42", None, None, None)).reason == "E42"


@given(at=st.integers(0, 2 * NOW))
def test_a_time_of_the_vendor_that_cannot_be_is_not_believed(at: int) -> None:
    end = ended(answers.Published(1, at))
    assert end.at == (at if NOW - 5_000 <= at <= NOW else NOW)


@given(ago=st.integers(0, 60_000))
def test_not_found_within_the_grace_period_is_lag(ago: int) -> None:
    assert judge(accepted(ago), answers.NotFound(), NOW, FOLLOWING) == NotYet()


@given(ago=st.integers(60_001, 10_000_000))
def test_not_found_after_the_grace_period_is_lost(ago: int) -> None:
    assert ended(answers.NotFound(), ago).outcome == "lost"


@pytest.mark.parametrize(
    "answer", [answers.Running("queued"), answers.Running("paused"), answers.PollError("status 500")], ids=repr
)
@given(ago=st.integers(0, 10_000_000))
def test_what_says_nothing_of_the_end_is_asked_again(answer: StatusAnswer, ago: int) -> None:
    assert judge(accepted(ago), answer, NOW, FOLLOWING) == NotYet()


def test_throttled_holds_the_brand_as_long_as_the_vendor_says() -> None:
    hold = judge(accepted(), answers.PollThrottled(20_000), NOW, FOLLOWING)
    assert isinstance(hold, HoldBrand)
    assert (hold.reason, hold.until) == (Reason.THROTTLED, NOW + 20_000)


def test_throttled_without_a_time_holds_the_brand_for_a_second() -> None:
    hold = judge(accepted(), answers.PollThrottled(None), NOW, FOLLOWING)
    assert isinstance(hold, HoldBrand)
    assert hold.until == NOW + 1_000


@pytest.mark.parametrize("status", [401, 403])
def test_refused_holds_the_brand_until_a_status_request_says_that_it_works_again(status: int) -> None:
    hold = judge(accepted(), answers.PollRefused(status, "who are you"), NOW, FOLLOWING)
    assert hold == HoldBrand(Reason.UNAUTHORIZED, f"{status} on a status request: who are you", None)


@given(ago=st.integers(0, 10_000_000))
def test_at_the_deadline_and_not_before_it_is_unresolved(ago: int) -> None:
    end = overdue(accepted(ago), NOW, FOLLOWING)
    assert (end is not None) == (ago >= FOLLOWING.deadline)
    assert end is None or end.outcome == "unresolved"


def test_every_answer_has_a_name_for_the_metrics() -> None:
    assert set(END_NAMES) == set(StatusAnswer.__args__)
