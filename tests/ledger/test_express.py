"""What a restore passes by is known as well as when the fold looks at it."""

from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ledger.samples import (
    about,
    accepted,
    dropped,
    ended,
    intent,
    parked,
    refused,
    released,
    trigger_named,
    unknown,
)
from msgspec.structs import replace

from bridge.ledger.codec import encode, key_of, read_line
from bridge.ledger.express import without_usual
from bridge.ledger.fold import Fold
from bridge.ledger.log import LogRecord
from bridge.ledger.records import Claim, Record

NAMES = "abc"
_RIVAL = replace(about(), supersede_by="m1")


def usual(name: str, nonce: str = "a") -> list[Record]:
    return [intent(name, nonce), accepted(name, nonce), ended(name, nonce)]


def rivals(name: str) -> list[Record]:
    """The same of one that may be replaced by another."""
    return [
        replace(intent(name), about=_RIVAL),
        replace(accepted(name), about=_RIVAL),
        replace(ended(name), about=_RIVAL),
    ]


ONE = st.one_of(
    st.builds(
        lambda make, name, nonce: [make(name, nonce)],
        st.sampled_from([intent, unknown, released, accepted, refused, ended]),
        st.sampled_from(NAMES),
        st.sampled_from("ab"),
    ),
    st.builds(lambda name: [dropped(name)], st.sampled_from(NAMES)),
    st.builds(lambda name: [parked(name)], st.sampled_from(NAMES)),
    st.builds(usual, st.sampled_from(NAMES), st.sampled_from("ab")),
    st.builds(
        lambda name, outcome: [intent(name), accepted(name), ended(name, outcome=outcome)],
        st.sampled_from(NAMES),
        st.sampled_from(["published", "failed", "lost", "unresolved"]),
    ),
    st.builds(rivals, st.sampled_from(NAMES)),
    st.just([Claim("another")]),
)
LOG = st.lists(ONE, max_size=8).map(lambda several: [record for some in several for record in some])


def log_of(records: list[Record], claims: list[int]) -> list[LogRecord]:
    lines = [Claim("first"), *records]
    return [
        LogRecord(offset, 1_000 + offset, key_of(one), encode(one, claims[offset % len(claims)]))
        for offset, one in enumerate(lines)
    ]


def apply(fold: Fold, raws: list[LogRecord], committed: int) -> None:
    touched = {one for raw in raws if (one := fold.apply(raw.offset, raw.timestamp, read_line(0, raw))) is not None}
    fold.settle_committed(touched, committed)


def known(fold: Fold) -> object:
    revisions = {name: fold.remembered.revision(trigger_named(name)) for name in NAMES}
    return dict(fold.items), revisions, fold.claim, fold.latest, fold.count


@given(LOG, st.lists(st.integers(0, 30), min_size=1, max_size=3), st.integers(1, 30), st.sampled_from([0, 9]))
def test_a_fold_knows_the_same(records: list[Record], claims: list[int], size: int, committed: int) -> None:
    log = log_of(records, claims)
    plain, quick = Fold(), Fold()
    for start in range(0, len(log), size):
        batch = log[start : start + size]
        apply(plain, batch, committed)
        apply(quick, list(chain.from_iterable(without_usual(batch, quick, 10**6))), committed)
        assert known(quick) == known(plain)


def left(*records: Record, calls_since: float = 10**6) -> list[LogRecord]:
    """Of these, what must be looked at when there is one more behind them."""
    fold, log = Fold(), log_of([*records, *usual("c")], [0])
    apply(fold, log[:1], 0)
    return [raw for raw in chain.from_iterable(without_usual(log[1:], fold, calls_since)) if raw.offset <= len(records)]


def test_a_trigger_that_was_called_and_has_ended_is_passed_by() -> None:
    assert left(*usual("a"), *usual("b")) == []


@pytest.mark.parametrize(
    "records",
    [
        usual("a")[:2],
        usual("a")[1:],
        [*usual("a"), released("a", "b")],
        [intent("a", "b"), accepted("a"), ended("a")],
        [intent("a"), accepted("a", "b"), ended("a")],
        [intent("a"), accepted("a"), ended("a", outcome="unresolved")],
        rivals("a"),
    ],
)
def test_anything_else_is_looked_at(records: list[Record]) -> None:
    assert len(left(*records)) == len(records)


def test_calls_that_count_for_a_limit_are_looked_at() -> None:
    assert len(left(*usual("a"), calls_since=1_000)) == 3
    assert left(*usual("a"), calls_since=1_001) == []


def test_the_last_trigger_of_a_batch_is_looked_at_so_that_its_place_on_its_topic_is_known() -> None:
    records = [*usual("a"), *usual("b")]
    log = log_of(records, [0])
    fold = Fold()
    apply(fold, log[:1], 0)
    batch = list(chain.from_iterable(without_usual(log[1:], fold, 10**6)))
    assert [raw.offset for raw in batch] == [4, 5, 6]
    apply(fold, batch, 0)
    assert fold.furthest == (about().offset, trigger_named("b"))


def test_no_piece_of_a_large_batch_takes_long() -> None:
    """Neither what is passed by nor what is looked at comes all at once."""
    names = [f"t{number}" for number in range(1_000)]
    lines = [*(record for name in names for record in usual(name)), *(intent(f"open {name}") for name in names)]
    log = log_of(lines, [0])
    fold = Fold()
    apply(fold, log[:1], 0)
    passed, looked_at, before = [], [], 1
    for piece in without_usual(log[1:], fold, 10**6):
        passed.append(fold.count - before)
        before = fold.count
        looked_at.append(len(piece))
    assert (sum(passed), sum(looked_at)) == (3_000, 1_000)
    assert (max(passed), max(looked_at)) <= (600, 200)
