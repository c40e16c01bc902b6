"""When a result is due, and when only the id of a trigger is kept."""

from ledger.folding import T, finished, folded, item
from ledger.samples import accepted, dropped, ended, intent, parked, refused, unknown

from bridge.ledger.item import Finished, New, rank_of
from bridge.ledger.records import Line, Reported


def test_the_result_of_a_parked_trigger_is_due_until_it_is_reported() -> None:
    assert item(parked(), dropped()).result_due() == dropped()
    assert item(parked(), dropped(), Reported(T)).result_due() is None


def test_better_news_after_a_reported_unknown_are_due() -> None:
    assert item(parked(), intent(), unknown(), Reported(T), refused()).result_due() == refused()


def test_the_result_of_an_ended_execution_was_written_before_the_record() -> None:
    assert item(accepted(), ended()).result_due() is None


def test_no_result_is_due_while_an_execution_is_open() -> None:
    assert item(refused(), accepted(nonce="b")).result_due() is None


def test_a_settled_unknown_stays_whole() -> None:
    fold = folded(intent(), unknown())
    fold.settle(T, rank_of(unknown()))
    assert fold.items[T].result_due() is None
    fold.apply(3, 3, Line(accepted(), None))
    assert fold.items[T].open_executions() == [accepted()]


def test_a_trigger_is_not_settled_before_its_result_is_written() -> None:
    fold = folded(intent(), refused())
    fold.settle(T)
    assert fold.items[T].result_due() == refused()


def test_a_settled_trigger_is_finished_for_ever() -> None:
    assert finished(intent(), refused()).standing(T) == Finished()


def test_a_decision_without_a_claims_number_does_not_count() -> None:
    fold = folded()
    assert fold.apply(1, 1, Line(dropped(), None)) is None
    assert fold.standing(T) == New()
