"""The ids of finished triggers."""

from hypothesis import given
from hypothesis import strategies as st
from ledger.samples import trigger_named

from bridge.ledger.ids import ENTRY
from bridge.ledger.remembered import Remembered

HOUR = 3_600_000
FINISHED = st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(1, 6), st.integers(0, 5 * HOUR)))


@given(FINISHED)
def test_the_highest_revision_of_a_trigger_is_remembered(finished: list[tuple[str, int, int]]) -> None:
    remembered = Remembered(8 * HOUR)
    best: dict[str, int] = {}
    for name, revision, at in finished:
        revision = max(revision, best.get(name, 0))  # noqa: PLW2901 - a trigger's revision never falls
        best[name] = revision
        remembered.add(trigger_named(name), revision, at)
    assert {name: remembered.revision(trigger_named(name)) for name in "abcdef"} == dict.fromkeys("abcdef", 0) | best


@given(FINISHED, st.integers(0, 7 * HOUR))
def test_forgetting_takes_nothing_that_is_young_enough_and_little_that_is_too_old(
    finished: list[tuple[str, int, int]], before: int
) -> None:
    remembered = Remembered(8 * HOUR)
    for name, revision, at in finished:
        remembered.add(trigger_named(name), revision, at)
    remembered.forget_before(before)
    kept = {bytes.fromhex(trigger_named(name)) for name, _, at in finished if at >= before}
    too_old = {bytes.fromhex(trigger_named(name)) for name, _, at in finished if at + HOUR <= before} - {
        bytes.fromhex(trigger_named(name)) for name, _, at in finished if at + HOUR > before
    }
    assert kept <= set(remembered)
    assert not too_old & set(remembered)


def test_what_is_forgotten_is_no_news() -> None:
    remembered = Remembered(8 * HOUR, news=True)
    remembered.add(trigger_named("old"), 1, 0)
    remembered.add(trigger_named("young"), 1, 5 * HOUR)
    remembered.forget_before(2 * HOUR)
    assert sum(len(page.entries) // ENTRY for page in remembered.take_news(10)) == 1


@given(FINISHED, st.integers(1, 3))
def test_what_is_loaded_is_remembered_as_what_was_taken(finished: list[tuple[str, int, int]], most: int) -> None:
    remembered, loaded = Remembered(8 * HOUR, news=True), Remembered(8 * HOUR)
    for name, revision, at in finished:
        remembered.add_at_least(trigger_named(name), revision, at)
    pages = remembered.take_news(most)
    assert remembered.take_news(most) == []
    remembered.put_back(pages)
    assert sorted(remembered.take_news(most), key=repr) == sorted(pages, key=repr)
    for page in pages:
        loaded.load(page)
    for name in "abcdef":
        assert loaded.revision(trigger_named(name)) == remembered.revision(trigger_named(name))
    assert set(loaded) == set(remembered)


def test_a_trigger_finished_twice_is_remembered_from_the_later_time() -> None:
    remembered = Remembered(8 * HOUR)
    remembered.add(trigger_named("t"), 1, 0)
    remembered.add(trigger_named("t"), 5, 3 * HOUR)
    remembered.forget_before(2 * HOUR)
    assert remembered.revision(trigger_named("t")) == 5
    assert len(remembered) == 1


def test_a_higher_revision_from_before_is_remembered_as_long_as_the_later_one() -> None:
    remembered = Remembered(8 * HOUR)
    for name, revision, at in (("t", 5, 0), ("t", 1, 3 * HOUR), ("u", 5, 3 * HOUR), ("u", 1, 3 * HOUR)):
        remembered.add_at_least(trigger_named(name), revision, at)
    remembered.forget_before(2 * HOUR)
    assert [remembered.revision(trigger_named(name)) for name in "tu"] == [5, 5]
    assert len(remembered) == 2
