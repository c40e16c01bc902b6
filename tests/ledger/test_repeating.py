"""Whether a trigger that a person had repeated, or its repetition, may be called."""

from collections.abc import Sequence

import pytest
from ledger.folding import T, finished, folded
from ledger.samples import accepted, dropped, ended, intent, parked, refused, released, trigger, unknown
from msgspec import structs
from msgspec.structs import replace

from bridge.ledger.fold import Fold
from bridge.ledger.item import rank_of
from bridge.ledger.records import Accepted, Dropped, Ended, Intent, Parked, Record
from bridge.ledger.repeating import Free, Kinship, NotYet, Superseded, kinship
from bridge.triggers import OnUnknown, Repeats, Trigger, repetition_id

RESEND = OnUnknown.RESEND
OfOne = Intent | Accepted | Ended | Parked | Dropped


def repetition(number: int, *, doubtful: bool = False) -> Trigger:
    return structs.replace(trigger(), id=repetition_id(T, number), repeats=Repeats(T, number, doubtful))


def of(number: int, *records: OfOne) -> list[Record]:
    """The same records, told of the repetition of that number."""
    return [replace(record, id=repetition_id(T, number)) for record in records]


def judged(one: Trigger, *records: Record, fold: Fold | None = None, read: Sequence[str] = ()) -> Kinship:
    return kinship(one, folded(*records) if fold is None else fold, lambda trigger: trigger in read)


def test_a_trigger_that_nobody_repeats_is_free() -> None:
    assert judged(trigger()) == Free(doubtful=False)


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        ([dropped(outcome="expired")], Free(doubtful=False)),
        ([dropped(outcome="rejected")], Free(doubtful=False)),
        ([dropped(outcome="unmapped")], Free(doubtful=False)),
        ([dropped(outcome="unknown")], Free(doubtful=True)),
        ([intent(), refused()], Free(doubtful=False)),
        ([intent(), ended(outcome="failed")], Free(doubtful=False)),
        ([intent(), unknown()], Free(doubtful=True)),
        ([intent(), unknown(), released()], Free(doubtful=False)),
        ([parked()], Free(doubtful=False)),
        ([intent(policy=RESEND), unknown(policy=RESEND)], Free(doubtful=True)),
        ([intent()], NotYet()),
        ([intent(), unknown(), intent(nonce="b")], NotYet()),
    ],
)
def test_what_the_original_came_to_decides(records: list[Record], expected: Kinship) -> None:
    assert judged(repetition(1), *records) == expected


@pytest.mark.parametrize(
    "records",
    [
        [intent(), accepted()],
        [intent(), unknown(), accepted()],
        [intent(), ended(outcome="published")],
        [intent(), ended(outcome="lost")],
        [intent(), ended(outcome="unresolved")],
        [intent(), ended(outcome="lost"), intent(nonce="b"), ended(nonce="b", outcome="failed")],
    ],
)
def test_what_had_an_effect_after_all_is_not_repeated(records: list[Record]) -> None:
    assert isinstance(judged(repetition(1), *records), Superseded)


@pytest.mark.parametrize(
    ("outcome", "free"), [("published", False), ("lost", False), ("unresolved", False), ("failed", True)]
)
def test_of_an_original_that_is_only_remembered_its_rank_decides(outcome: str, free: bool) -> None:
    fold = finished(intent(), ended(outcome=outcome))
    assert isinstance(judged(repetition(1), fold=fold), Free if free else Superseded)


@pytest.mark.parametrize("doubtful", [False, True])
def test_of_an_original_that_is_forgotten_only_is_known_what_was_when_a_person_asked(doubtful: bool) -> None:
    assert judged(repetition(1, doubtful=doubtful)) == Free(doubtful)


def test_every_repetition_before_counts() -> None:
    was_unknown: list[Record] = [intent(), unknown()]
    assert judged(repetition(2), *was_unknown, *of(1, intent(), ended(outcome="failed"))) == Free(doubtful=True)
    assert judged(repetition(2), *was_unknown, *of(1, intent(nonce="b"))) == NotYet()
    assert isinstance(judged(repetition(2), *was_unknown, *of(1, accepted())), Superseded)


def test_a_failure_does_not_hide_that_another_attempt_may_have_had_an_effect() -> None:
    fold = folded(intent(), unknown(), intent(nonce="b"), ended(nonce="b", outcome="failed"))
    fold.settle(T, rank_of(ended(outcome="failed")))
    assert judged(repetition(1), fold=fold) == Free(doubtful=True)


@pytest.mark.parametrize("number", [0, 1])
@pytest.mark.parametrize("known", [[parked()], [intent()], [intent(), accepted()], [dropped()]])
def test_what_has_a_successor_goes_on_no_more(number: int, known: list[OfOne]) -> None:
    one = repetition(number) if number else trigger()
    assert isinstance(judged(one, *of(number + 1, *known)), Superseded)


def test_a_successor_counts_from_when_it_is_read_whatever_the_ledger_says_of_it_yet() -> None:
    assert isinstance(judged(trigger(), read=[repetition_id(T, 1)]), Superseded)
    assert judged(trigger(), read=[repetition_id(T, 2)]) == Free(doubtful=False)


def test_repetitions_have_ids_of_their_own_and_always_the_same() -> None:
    ids = [repetition_id(T, number) for number in range(5)]
    assert ids[0] == T
    assert len(set(ids)) == 5
    assert ids == [repetition_id(T, number) for number in range(5)]
    assert isinstance(of(1, parked())[0], Parked)
