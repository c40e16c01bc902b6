"""Which audiences are told as far below the usual one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ledger.folding import T, item
from ledger.samples import accepted, ended, intent

from bridge.outcomes.audience import AudienceWatch
from bridge.outcomes.compose import compose
from bridge.outcomes.model import Outcome

_END = ended()
_PUBLISHED = compose(T, item(intent(), accepted(), _END), _END)
PEOPLE = st.integers(1, 1_000_000)


def published(audience: int | None, topic_key: str = "topic-1", outcome: str = "published") -> Outcome:
    return _PUBLISHED.model_copy(update={"audience_size": audience, "topic_key": topic_key, "outcome": outcome})


def watched(*audiences: int) -> AudienceWatch:
    watch = AudienceWatch()
    for audience in audiences:
        assert watch.look(published(audience)) is None
    return watch


def test_less_than_a_tenth_of_the_usual_audience_is_told_with_the_usual_one() -> None:
    watch = watched(1000, 1000, 1000, 1000, 1000)
    assert watch.look(published(100)) is None
    watch = watched(1000, 1000, 1000, 1000, 1000)
    assert watch.look(published(99)) == 1000


def test_nothing_is_usual_before_five_audiences_were_seen() -> None:
    watch = watched(1000, 1000, 1000, 1000)
    assert watch.look(published(1)) is None


def test_the_first_five_audiences_count_alike() -> None:
    assert watched(100, 1000, 1000, 1000, 1000).look(published(81)) == 820


def test_what_is_usual_follows_an_audience_that_has_grown() -> None:
    assert watched(*[1000] * 20, *[5000] * 10).look(published(450)) is not None


@pytest.mark.parametrize("noise", [published(None), published(0), published(3, outcome="failed")])
def test_only_people_in_published_audiences_count(noise: Outcome) -> None:
    watch = watched(1000, 1000, 1000, 1000)
    for _ in range(20):
        assert watch.look(noise) is None
    watch.look(published(1000))
    assert watch.look(noise) is None
    assert watch.look(published(99)) == 1000


@pytest.mark.parametrize(
    "other",
    [{"topic_key": "topic-2"}, {"event_generator_id": "gen-2"}, {"brand": "other"}],
)
def test_each_campaign_has_an_audience_of_its_own(other: dict[str, str]) -> None:
    watch = watched(*[1000] * 20)
    for _ in range(20):
        assert watch.look(published(1).model_copy(update=other)) is None


@given(usual=st.integers(100, 1_000_000), low=st.lists(st.integers(1, 9), min_size=1, max_size=9))
def test_some_low_audiences_do_not_become_usual(usual: int, low: list[int]) -> None:
    watch = watched(*[usual] * 10)
    for _ in range(3):
        assert [watch.look(published(one)) for one in low] == [usual] * len(low)
        assert watch.look(published(usual)) is None


def test_a_run_of_low_audiences_becomes_usual() -> None:
    watch = watched(*[100_000] * 10)
    told = [watch.look(published(50)) for _ in range(30)]
    assert told == [100_000] * 10 + [None] * 20


def test_a_run_of_still_lower_audiences_becomes_usual_in_turn() -> None:
    watch = watched(*[100_000] * 10)
    assert [watch.look(published(50)) for _ in range(10)] == [100_000] * 10
    assert [watch.look(published(4)) for _ in range(12)] == [50] * 10 + [None] * 2


@given(usual=st.integers(100, 10_000), huge=st.integers(1, 10**9))
def test_one_huge_audience_makes_no_usual_one_look_small(usual: int, huge: int) -> None:
    watch = watched(*[usual] * 10, max(huge, usual // 2))
    for _ in range(5):
        assert watch.look(published(usual)) is None


@given(st.lists(PEOPLE, min_size=1, max_size=60))
def test_what_is_told_as_low_is_far_below_the_largest_and_never_told_for_long(audiences: list[int]) -> None:
    watch = AudienceWatch()
    for number, audience in enumerate(audiences):
        usual = watch.look(published(audience))
        if usual is not None:
            assert number >= 5
            assert audience < usual <= max(audiences[:number])


@given(st.lists(st.floats(0.9, 2.0), min_size=5, max_size=100))
def test_an_audience_that_loses_a_tenth_at_a_time_is_never_told(steps: list[float]) -> None:
    watch = watched(*[100_000] * 10)
    audience = 100_000.0
    for step in steps:
        audience = min(max(100.0, audience * step), 10.0**9)
        assert watch.look(published(int(audience))) is None


def test_what_has_not_published_for_longest_is_forgotten_first() -> None:
    watch = AudienceWatch(most=2)
    for _ in range(5):
        for topic_key in ("a", "b"):
            watch.look(published(1000, topic_key))
    watch.look(published(1000, "a"))
    watch.look(published(1000, "c"))
    assert watch.look(published(1, "a")) == 1000
    assert watch.look(published(1, "b")) is None


def test_it_remembers_no_more_than_it_may() -> None:
    watch = AudienceWatch(most=100)
    for number in range(1_000):
        watch.look(published(1000, f"topic-{number}"))
    assert len(watch._usual) == 100
