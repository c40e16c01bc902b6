"""What is known of one trigger: late news, several attempts, the rank of outcomes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ledger.folding import T, finished, folded, item
from ledger.samples import (
    accepted,
    dropped,
    ended,
    intent,
    parked,
    refused,
    released,
    unknown,
)
from msgspec.structs import replace

from bridge.ledger.carrying import carried as carried_again
from bridge.ledger.item import End, Finished, InFlight, New, Waiting, rank_of
from bridge.ledger.records import (
    Carried,
    Claim,
    Ended,
    Line,
    OfAttempt,
    Record,
    Refused,
    Reported,
    Unknown,
)
from bridge.triggers import OnUnknown

RESEND = OnUnknown.RESEND


def test_a_trigger_without_records_is_new() -> None:
    assert folded().standing(T) == New()


def test_an_intent_without_an_end_is_in_flight() -> None:
    assert item(intent()).standing() == InFlight((intent().attempt,))


def test_an_attempt_is_in_flight_beside_one_that_had_an_end() -> None:
    assert item(intent(), refused(), intent(nonce="b")).standing() == InFlight((intent(nonce="b").attempt,))


@pytest.mark.parametrize("end", [accepted(), refused(), ended(), unknown()], ids=lambda end: str(end.kind))
def test_a_trigger_with_an_end_is_finished(end: Record) -> None:
    assert item(intent(), end).standing() == Finished()


def test_a_drop_ends_a_trigger_without_a_call_or_after_the_last_one() -> None:
    assert item(dropped()).standing() == Finished()
    assert item(intent(), released(), dropped()).standing() == Finished()


def test_a_released_attempt_waits_for_another() -> None:
    assert item(intent(number=2), released(number=2)).standing() == Waiting(2, doubtful=False, parked=False)


def test_an_unknown_attempt_waits_for_another_where_the_policy_says_resend() -> None:
    known = item(intent(policy=RESEND), unknown(policy=RESEND))
    assert known.standing() == Waiting(1, doubtful=True, parked=False)
    assert known.result_due() is None


def test_an_unknown_whose_attempt_turns_out_released_waits_again() -> None:
    assert item(intent(), unknown(), released()).standing() == Waiting(1, doubtful=False, parked=False)


def test_a_fact_that_comes_before_the_unknown_is_not_undone_by_it() -> None:
    assert item(intent(), accepted(), unknown()).open_executions() == [accepted()]
    assert isinstance(item(intent(), released(), unknown()).standing(), Waiting)


def test_an_unknown_whose_attempt_turns_out_accepted_is_followed_to_its_end() -> None:
    known = item(intent(), unknown(), accepted())
    assert known.open_executions() == [accepted()]
    assert known.result_due() is None
    assert item(intent(), unknown(), accepted(), ended()).best_end() == ended()


def test_a_late_released_of_one_attempt_never_undoes_anothers_success() -> None:
    for success in (accepted(nonce="b"), refused(nonce="b"), ended(nonce="b")):
        assert item(intent(), unknown(), intent(nonce="b"), success, released()).standing() == Finished()


def test_one_given_up_in_doubt_waits_for_another_end_when_the_doubt_is_gone() -> None:
    records: list[Record] = [
        intent(policy=OnUnknown.RESEND),
        unknown(policy=OnUnknown.RESEND),
        dropped(outcome="unknown", attempts=1),
    ]
    assert item(*records).standing() == Finished()
    cleared = item(*records, released(policy=OnUnknown.RESEND))
    assert cleared.standing() == Waiting(made=1, doubtful=False, parked=False)
    assert item(*records, released(policy=OnUnknown.RESEND), dropped(attempts=1)).best_end() == dropped(attempts=1)


def test_one_that_the_ledger_can_not_tell_of_stays_unknown() -> None:
    assert item(dropped(outcome="unknown")).standing() == Finished()


def test_a_late_released_of_a_remembered_trigger_changes_nothing() -> None:
    fold = finished(intent(), unknown(), intent(nonce="b"), accepted(nonce="b"), ended(nonce="b"))
    fold.apply(9, 9, Line(released(), None))
    assert fold.standing(T) == Finished()
    fold.settle(T)
    assert fold.items == {}
    assert fold.remembered.revision(T) == 7


def test_a_late_accepted_of_a_remembered_trigger_is_followed_and_its_worse_end_not_told() -> None:
    fold = finished(intent(), unknown(), intent(nonce="b"), accepted(nonce="b"), ended(nonce="b"))
    fold.apply(9, 9, Line(accepted(), None))
    known = fold.items[T]
    assert known.open_executions() == [accepted()]
    assert fold.standing(T) == Finished()
    assert not known.improved_by(ended(outcome="failed"))
    fold.apply(10, 10, Line(ended(outcome="failed"), None))
    fold.settle(T, rank_of(ended(outcome="failed")))
    assert fold.items == {}
    assert fold.remembered.revision(T) == 7


def test_a_late_accepted_of_a_remembered_drop_is_followed_and_its_end_told() -> None:
    fold = finished(dropped())
    fold.apply(9, 9, Line(accepted(), None))
    assert fold.items[T].improved_by(ended(outcome="failed"))


def test_a_late_fact_of_a_trigger_that_was_never_heard_of_is_followed() -> None:
    assert item(accepted()).open_executions() == [accepted()]
    assert item(refused()).result_due() == refused()


def test_reported_of_a_trigger_that_is_done_with_is_nothing() -> None:
    assert folded(Reported(T)).items == {}


def test_each_accepted_attempt_is_followed_to_its_end() -> None:
    known = item(intent(), accepted(), intent(nonce="b"), accepted(nonce="b"), ended(nonce="b"))
    assert known.open_executions() == [accepted()]
    assert not folded(accepted(), accepted(nonce="b"), ended(nonce="b")).remembered


ORDER: list[tuple[int, End]] = [
    (0, accepted()),
    (1, dropped(outcome="expired")),
    (1, dropped(outcome="rejected")),
    (1, dropped(outcome="unmapped")),
    (1, dropped(outcome="superseded")),
    (2, unknown()),
    (2, dropped(outcome="unknown")),
    (2, dropped(outcome="unknown", attempts=1)),
    (3, dropped(outcome="expired", attempts=1)),
    (3, dropped(outcome="superseded", attempts=1)),
    (4, refused()),
    (5, ended(outcome="lost")),
    (5, ended(outcome="unresolved")),
    (6, ended(outcome="failed")),
    (7, ended(outcome="published")),
]


@pytest.mark.parametrize(("rank", "end"), ORDER, ids=lambda one: str(getattr(one, "outcome", one)))
def test_rank_of_outcomes(rank: int, end: End) -> None:
    assert rank_of(end) == rank


def end_named(outcome: str, nonce: str) -> Unknown | Refused | Ended:
    if outcome == "unknown":
        return unknown(nonce=nonce)
    return refused(nonce=nonce) if outcome == "refused" else ended(nonce=nonce, outcome=outcome)


OUTCOMES = st.sampled_from(["unknown", "refused", "lost", "unresolved", "failed", "published"])


@given(st.permutations("abc"), st.permutations("abc"), st.lists(OUTCOMES, min_size=3, max_size=3))
def test_the_outcome_is_the_best_by_rank_and_the_first_of_equals_stays(
    intents: list[str], arrivals: list[str], outcomes: list[str]
) -> None:
    ends = [end_named(outcome, nonce) for nonce, outcome in zip(arrivals, outcomes, strict=True)]
    known = item(*(intent(nonce=nonce) for nonce in intents), *ends)
    best = max(rank_of(end) for end in ends)
    assert known.best_end() == next(end for end in ends if rank_of(end) == best)


def test_of_two_drops_the_first_stays() -> None:
    assert item(dropped(outcome="expired"), dropped(outcome="rejected")).best_end() == dropped(outcome="expired")


def test_of_two_equal_ends_of_one_execution_the_first_stays_and_a_better_one_counts() -> None:
    late = replace(ended(outcome="lost"), at=ended().at + 60_000)
    assert item(ended(outcome="lost"), late).best_end() == ended(outcome="lost")
    assert item(ended(outcome="lost"), ended(outcome="published"), late).best_end() == ended()


FACTS: list[OfAttempt] = [intent(), unknown(), accepted(), ended()]


@given(st.permutations(FACTS), st.sampled_from(range(1, 5)))
def test_the_order_in_which_news_of_one_attempt_come_does_not_matter(news: list[OfAttempt], count: int) -> None:
    told = news[:count]
    assert item(*told).attempts == {"a": max(told, key=FACTS.index)}


@given(st.lists(st.sampled_from(FACTS), min_size=1), st.lists(st.sampled_from(FACTS)))
def test_what_is_said_twice_is_said_once(first: list[OfAttempt], then: list[OfAttempt]) -> None:
    assert item(*first, *first, *then).attempts == item(*first, *then).attempts


EVERYTHING: list[Record] = [
    parked(),
    *(made(nonce=nonce) for made in (intent, unknown, released, accepted, refused, ended) for nonce in ("a", "b")),
    dropped(),
]


@given(st.lists(st.sampled_from(EVERYTHING), min_size=1))
def test_an_item_that_is_carried_is_known_as_well_as_before(records: list[Record]) -> None:
    known = item(*records)
    carried = item(*carried_again(T, known, 7))
    assert carried.standing() == known.standing()
    assert carried.best_end() == known.best_end()
    assert carried.open_executions() == known.open_executions()
    assert (carried.parked, carried.about) == (known.parked, known.about)
    assert (carried.doubted, carried.written, carried.result_due()) == (
        known.doubted,
        known.written,
        known.result_due(),
    )


def test_what_is_carried_counts_only_under_the_newest_claim() -> None:
    fold = folded()
    fold.apply(1, 1, Line(Claim("replica-2"), None))
    fold.apply(2, 2, Line(Carried(T, (accepted(),)), 0))
    assert fold.standing(T) == New()
