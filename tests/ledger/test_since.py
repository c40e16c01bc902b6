"""From which offset on a ledger tells all of an item: whoever reads it from there knows as much as who has read everything."""

from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ledger.samples import about, accepted, dropped, ended, intent, parked, refused, released, trigger_named, unknown
from msgspec.structs import replace

from bridge.ledger import items
from bridge.ledger.carrying import carried
from bridge.ledger.fold import Fold
from bridge.ledger.item import Item
from bridge.ledger.records import Claim, Line, Record, is_decision

NAMES = "ab"
RIVALS = "xyz"


@pytest.fixture(autouse=True, params=[1, 4])
def soon(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Items are packed soon."""
    monkeypatch.setattr(items, "_PACKED_AFTER", request.param)


@dataclass(frozen=True)
class Carry:
    """An owner writes an item again, as it was known `late` records ago."""

    name: str
    late: int


def rival(record: Record, number: int) -> Record:
    """The same of a trigger that a newer one replaces."""
    match record:
        case Claim():
            return record
        case _:
            place = replace(about(number), supersede_by="m1", topic_key="topic-1")
            return replace(record, about=place)


# Of one attempt there are no two facts that exclude one another.
ATTEMPTS = st.one_of(
    st.tuples(st.sampled_from([intent, unknown, accepted, ended]), st.sampled_from("ab")),
    st.tuples(st.sampled_from([intent, unknown, released]), st.just("c")),
    st.tuples(st.sampled_from([intent, unknown, refused]), st.just("d")),
)
STEP = st.one_of(
    st.builds(lambda made, name: made[0](name, made[1]), ATTEMPTS, st.sampled_from(NAMES)),
    st.builds(
        lambda made, number: rival(made[0](RIVALS[number], f"{made[1]}{number}"), number), ATTEMPTS, st.integers(0, 2)
    ),
    st.builds(dropped, st.sampled_from(NAMES), st.sampled_from(["expired", "unknown"])),
    st.builds(parked, st.sampled_from(NAMES)),
    st.builds(Carry, st.sampled_from(NAMES + RIVALS), st.integers(0, 2)),
)


def played(steps: list[Record | Carry]) -> tuple[list[Record], Fold]:
    """The log that these leave, and who has read all of it."""
    log: list[Record] = [Claim("first")]
    fold = Fold()
    states: list[dict[str, Item]] = [{}]
    apply(fold, log, 0)
    for step in steps:
        before = len(log)
        if isinstance(step, Carry):
            # Only facts can come between: who decides is the one who carries, or has taken the partition from it.
            facts = next(
                n for n, record in enumerate(reversed(log)) if is_decision(record) or isinstance(record, Claim)
            )
            known = len(states) - 1 - min(step.late, facts)
            item = states[known].get(trigger_named(step.name))
            log += [] if item is None else carried(trigger_named(step.name), item, known + 1)
        else:
            log.append(step)
        for offset in range(before, len(log)):
            apply(fold, [log[offset]], offset)
            states.append(
                {one: replace(fold.items[one], attempts=dict(fold.items[one].attempts)) for one in fold.items}
            )
    return log, fold


def apply(fold: Fold, records: list[Record], start: int) -> None:
    for offset, record in enumerate(records, start):
        fold.apply(offset, 1_000 + offset, Line(record, 0 if is_decision(record) else None))


def essence(item: Item) -> Item:
    """What must be the same: what is called for good can't be overtaken any more."""
    return replace(item, since=0, overtaken_by=None if item.called_for_good() else item.overtaken_by)


@settings(max_examples=400)
@given(st.lists(STEP, max_size=14))
def test_who_reads_from_there_knows_as_much(steps: list[Record | Carry]) -> None:
    log, fold = played(steps)
    for cut in range(1, len(log)):
        later = Fold()
        later.claim = 0
        apply(later, log[cut:], cut)
        for trigger, item in fold.items.items():
            if item.since >= cut:
                assert essence(later.items[trigger]) == essence(item)


UNRESOLVED = replace(ended(outcome="unresolved"), audience_size=None)
OPEN = st.builds(
    lambda made, name: replace(made, id=trigger_named(name)),
    st.sampled_from([intent(), accepted(), UNRESOLVED, unknown()]),
    st.sampled_from("abcdef"),
)


@settings(max_examples=300)
@given(st.lists(st.one_of(STEP, OPEN), max_size=16), st.integers(1, 3))
def test_those_of_which_something_lies_before_an_offset_are_found_packed_or_not(
    steps: list[Record | Carry], most: int
) -> None:
    log, fold = played(steps)
    for offset in range(len(log) + 1):
        wanted = {trigger for trigger, item in fold.items.items() if item.since < offset}
        assert {trigger for trigger, _item in fold.items.told_before(offset, 100)} == wanted
        assert len(fold.items.told_before(offset, most)) == min(most, len(wanted))


def test_an_open_execution_is_told_by_its_acceptance_alone() -> None:
    _log, fold = played([intent("a"), accepted("a"), intent("b")])
    assert {one: fold.items[trigger_named(one)].since for one in "ab"} == {"a": 2, "b": 3}


def test_what_takes_several_records_is_carried_by_the_last_of_them() -> None:
    log, fold = played([parked("a"), intent("a"), released("a"), Carry("a", 0)])
    assert [record.kind for record in log[4:]] == ["carried", "carried"]
    first = Fold()
    apply(first, log[:5], 0)
    assert first.items[trigger_named("a")].since == 1
    assert fold.items[trigger_named("a")].since == 4


def since(steps: list[Record | Carry], name: str) -> int:
    _log, fold = played(steps)
    return fold.items[trigger_named(name)].since


def test_an_acceptance_tells_not_that_the_trigger_was_unknown_before() -> None:
    assert since([intent("a"), unknown("a"), accepted("a")], "a") == 1


def test_an_acceptance_that_is_repeated_tells_nothing_new() -> None:
    assert since([intent("a"), accepted("a"), ended("a", outcome="unresolved"), accepted("a")], "a") == 3


def test_what_is_overtaken_is_told_with_what_overtook_it() -> None:
    steps: list[Record | Carry] = [rival(intent("x"), 0), rival(unknown("x"), 0), rival(intent("y"), 1), Carry("x", 0)]
    log, fold = played(steps)
    assert fold.items[trigger_named("x")].since == 4
    later = Fold()
    later.claim = 0
    apply(later, log[4:], 4)
    assert later.items[trigger_named("x")].overtaken_by == "e1"


def test_packed_ones_are_found_in_any_order_of_what_they_need() -> None:
    """One that was unknown needs more than its newest record; and two records of one may be packed late."""
    early: list[Record | Carry] = [intent("a"), unknown("a"), intent("b"), accepted("b"), accepted("a")]
    _log, fold = played([*early, *(intent("x", f"{number}") for number in range(4))])
    whole = {trigger for trigger, _item in fold.items.active()}
    assert not {trigger_named(name) for name in "ab"} & whole
    found = {trigger for trigger, _item in fold.items.told_before(2, 100)}
    assert found == {trigger_named("a")}
