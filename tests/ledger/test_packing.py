"""A million open executions in memory: what is packed is known as well as before, and takes little."""

import gc
import tracemalloc
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ledger.folding import T, folded, item
from ledger.samples import (
    about,
    accepted,
    attempt,
    dropped,
    ended,
    intent,
    parked,
    refused,
    released,
    trigger_named,
    unknown,
)
from msgspec import UNSET
from msgspec.structs import replace

from bridge.events import Source
from bridge.ledger import items
from bridge.ledger.fold import Fold
from bridge.ledger.item import Finished, Item, New
from bridge.ledger.items import Items
from bridge.ledger.packing import Packer
from bridge.ledger.records import About, Accepted, Attempt, Ended, Intent, Line, Record
from bridge.triggers import OnUnknown, Repeats

TIME = st.integers(0, 2**52)
TEXT = st.text(max_size=40)
UUIDS = st.uuids().flatmap(lambda one: st.sampled_from([str(one), one.hex, str(one).upper(), one.hex.upper()]))
# What looks like one, and is none.
ODD = st.text("0aF- ", min_size=32, max_size=36)
ID = TEXT | UUIDS | ODD


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Items are packed at once, so that a few show what many do."""
    monkeypatch.setattr(items, "_PACKED_AFTER", 0)


def plain_end(at: int) -> Ended:
    """An execution that is unresolved, and of which nothing else is known, as reconcile writes it."""
    return replace(ended(outcome="unresolved"), audience_size=None, at=at)


ABOUT = st.builds(
    About,
    brand=TEXT,
    route=TEXT,
    event_generator_id=TEXT,
    topic_key=TEXT,
    event_id=ID,
    source=st.builds(Source, TEXT, st.integers(0, 10_000), st.integers(0, 2**62)),
    event_time=st.none() | TIME,
    received=TIME,
    on_unknown=st.sampled_from(OnUnknown),
    expires_at=TIME,
    offset=st.integers(0, 2**62),
    supersede_by=st.none() | TEXT,
    trace=st.just(UNSET) | st.from_regex(r"0[01]-[0-9a-f]{32}-[0-9a-f]{16}-0[0-7]", fullmatch=True) | TEXT,
)
ATTEMPT = st.builds(Attempt, nonce=ID, number=st.integers(1, 1_000), called=TIME, possible_duplicate=st.booleans())
ACCEPTED = st.builds(Accepted, id=st.just(T), about=ABOUT, attempt=ATTEMPT, execution_id=ID, at=TIME)


@given(accepted=ACCEPTED, unresolved_at=st.none() | TIME, doubted=st.booleans(), floor=st.integers(0, 7), newest=TIME)
def test_what_is_packed_is_known_as_well_as_before(
    accepted: Accepted, unresolved_at: int | None, doubted: bool, floor: int, newest: int
) -> None:
    end: Accepted | Ended = accepted
    if unresolved_at is not None:
        end = Ended(
            T,
            accepted.about,
            accepted.attempt,
            accepted.execution_id,
            accepted.at,
            "unresolved",
            "why",
            None,
            None,
            None,
            unresolved_at,
        )
    known = Item(accepted.about, floor, {accepted.attempt.nonce: end}, doubted=doubted, at=newest)
    known.written = floor if unresolved_at is None else 5
    packer = Packer()
    packed = packer.pack(known)
    assert packed is not None
    assert packer.unpack(T, packed) == known
    packer.drop(packed)
    assert len(packer) == 0


def test_what_has_more_to_tell_stays_whole() -> None:
    repeated = replace(about(), repeats=Repeats("0" * 32, 1, doubtful=False))
    not_told = item(intent(), accepted())
    not_told.attempts = {"a": plain_end(1)}
    for whole in (
        item(intent()),
        item(intent(), unknown()),
        item(intent(), released()),
        item(intent(), refused()),
        item(intent(), ended()),
        item(intent(), ended(outcome="unresolved")),  # with an audience
        item(intent(), accepted(), unknown(nonce="b")),
        item(dropped(), accepted()),
        item(parked()),
        item(replace(accepted(), about=repeated)),
        item(replace(accepted(), about=replace(about(), test=True))),
        item(intent(offset=1), accepted(offset=2)),
        not_told,
    ):
        assert Packer().pack(whole) is None


def test_what_a_trigger_waited_with_is_let_go_when_it_is_accepted() -> None:
    for records in ((parked(), intent(), accepted()), (intent(), accepted(), parked())):
        assert item(*records).parked is None
        assert Packer().pack(item(*records)) is not None


def test_more_news_of_a_packed_one_count() -> None:
    fold = folded(intent(), accepted(), plain_end(7))
    fold.apply(9, 9, Line(ended(), None))
    assert fold.items[T].best_end() == ended()
    fold.settle(T)
    assert (fold.standing(T), len(fold.items), fold.remembered.revision(T)) == (Finished(), 0, 7)


def test_what_is_unresolved_is_kept_until_nobody_asks_any_more() -> None:
    fold = folded(intent(), accepted(), plain_end(7))
    fold.settle(T, 5)
    assert fold.items[T].unresolved() == [plain_end(7)]
    fold.forget_before(10**13)
    assert T in fold.items
    fold.give_up(T)
    assert (T in fold.items, fold.remembered.revision(T)) == (False, 5)


def test_a_trigger_with_an_open_execution_is_not_given_up() -> None:
    fold = folded(intent(), plain_end(7), accepted(nonce="b"))
    fold.give_up(T)
    assert fold.items[T].open_executions() == [accepted(nonce="b")]


def test_the_oldest_come_first_also_when_they_are_settled_meanwhile() -> None:
    fold, names = Fold(), [trigger_named(str(number)) for number in range(6)]
    for number, name in enumerate(names):
        fold.apply(number, 100 + number, Line(replace(accepted(), id=name), None))
    fold.apply(6, 106, Line(replace(plain_end(7), id=names[0]), None))
    fold.settle(names[1], 5)
    assert [trigger for trigger, _item in fold.items.open_before(105, 10)] == names[1:5]
    assert [trigger for trigger, _item in fold.items.open_before(105, 2)] == names[1:3]
    assert fold.items.active() == []


def test_one_that_has_more_news_is_packed_after_those_without(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(items, "_PACKED_AFTER", 3)
    fold, names = Fold(), [trigger_named(str(number)) for number in range(4)]
    for offset, number in enumerate((0, 1, 0, 2, 3, 3, 3)):
        fold.apply(offset, 100 + offset, Line(replace(accepted(), id=names[number]), None))
    packed = [trigger for trigger in fold.items if trigger not in dict(fold.items.active())]
    assert packed == [names[1], names[0], names[2]]
    assert [trigger for trigger, _item in fold.items.open_before(103, 10)] == [names[1], names[0]]


def test_whole_and_packed_are_told_alike() -> None:
    both = Items()
    other, packed = trigger_named("other"), item(intent(), accepted())
    both.put(T, packed)
    both.put(other, item(intent()))
    assert set(both) == {T, other}
    assert (len(both), T in both, other in both, "x" in both) == (2, True, True, False)
    assert both == {other: item(intent()), T: packed}
    assert [trigger for trigger, _item in both.active()] == [other]
    both.put(other, packed)
    both.put(T, item(intent()))
    assert [trigger for trigger, _item in both.active()] == [T]
    both.remove(T)
    both.remove(other)
    both.remove("x")
    assert both == {}


def _open(number: int) -> tuple[Record, Record]:
    name, event = trigger_named(str(number)), str(UUID(int=number))
    told = replace(
        about(number),
        event_generator_id="11111111-2222-3333-4444-555555555555",
        topic_key=f"9392bfd6-f01a-5ec9-6728-{number % 1_000:012}",
        event_id=event,
        source=Source("sports.match-events", number % 12, number),
    )
    tried = attempt(UUID(int=number + 1).hex)
    return Intent(name, told, tried), Accepted(name, told, tried, str(UUID(int=number + 2)), told.received + 40)


def test_a_trace_takes_its_ids_and_without_one_nothing_is_taken() -> None:
    plain, traced = item(intent(), accepted()), "00-" + "4b" * 16 + "-" + "f0" * 8 + "-01"
    packed = Packer().pack(plain)
    told = replace(accepted(), about=replace(about(), trace=traced))
    with_one = Packer().pack(item(replace(intent(), about=told.about), told))
    assert packed is not None
    assert with_one is not None
    assert len(msgspec.msgpack.decode(packed)) == 15
    assert len(with_one) - len(packed) <= 30


def _end(number: int) -> Ended:
    _intent, open_one = _open(number)
    assert isinstance(open_one, Accepted)
    return replace(ended(), id=open_one.id, about=open_one.about, attempt=open_one.attempt)


def test_an_open_execution_takes_little_memory_and_gives_it_back() -> None:
    """Whole it is 2 KB. With what reconcile needs (tests/reconcile/test_many.py) a million fit into 500 MB."""
    count = 5_000
    gc.collect()
    tracemalloc.start()
    try:
        fold = Fold()
        before, _peak = tracemalloc.get_traced_memory()
        for number in range(count):
            for record in _open(number):
                fold.apply(number, 1_770_000_000_000 + number, Line(record, 0))
        gc.collect()
        held, _peak = tracemalloc.get_traced_memory()
        for number in range(count):
            fold.apply(number, 1_770_000_000_000, Line(_end(number), None))
            fold.settle(trigger_named(str(number)))
        gc.collect()
        after, _peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(fold.remembered) == count
    assert fold.standing("0" * 32) == New()
    assert (held - before) / count < 400
    assert (after - before) / count < 250
