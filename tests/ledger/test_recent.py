"""How often a route was called of late."""

from hypothesis import given
from hypothesis import strategies as st
from ledger.memory import START
from ledger.samples import about, attempt, intent, released, trigger
from msgspec import structs

from bridge.ledger.recent import Recent
from bridge.triggers import Limit

HOUR = 3_600_000
BY_ROUTE, BY_KEY = Limit(2, HOUR, "route"), Limit(2, HOUR, "topic_key")


def called(*at: int, longest: int = HOUR) -> Recent:
    recent = Recent(longest)
    for number, moment in enumerate(at):
        recent.learn(intent(nonce=f"n{number}"), moment)
    return recent


def test_a_route_reaches_its_limit_with_the_last_call_that_it_may_make() -> None:
    assert not called(START).reached(trigger(), BY_ROUTE, START + 1, 0)
    assert called(START, START).reached(trigger(), BY_ROUTE, START + 1, 0)


def test_what_began_longer_ago_does_not_count() -> None:
    assert not called(START, START + 1).reached(trigger(), BY_ROUTE, START + HOUR, 0)


def test_what_began_before_a_person_let_the_route_go_does_not_count() -> None:
    assert not called(START, START + 1).reached(trigger(), BY_ROUTE, START + 10, START + 5)


def test_an_attempt_without_an_effect_does_not_count() -> None:
    recent = called(START, START)
    recent.learn(released(nonce="n1"), START)
    assert not recent.reached(trigger(), BY_ROUTE, START + 1, 0)


def test_one_that_was_counted_before_its_intent_was_written_counts_once() -> None:
    recent = called(START)
    recent.began(about(), attempt("own"), START)
    recent.learn(intent(nonce="own"), START + 3)
    assert recent.reached(trigger(), BY_ROUTE, START + 5, 0)
    assert not recent.reached(trigger(), Limit(3, HOUR, "route"), START + 5, 0)


def test_topic_keys_and_routes_are_counted_apart() -> None:
    recent = called(START, START)
    assert recent.reached(trigger(), BY_KEY, START + 1, 0)
    assert not recent.reached(structs.replace(trigger(), topic_key="other"), BY_KEY, START + 1, 0)
    assert recent.reached(structs.replace(trigger(), topic_key="other"), BY_ROUTE, START + 1, 0)
    assert not recent.reached(structs.replace(trigger(), route="other"), BY_ROUTE, START + 1, 0)


def test_nothing_is_kept_where_no_route_has_a_limit() -> None:
    assert not called(START, START, longest=0).reached(trigger(), BY_ROUTE, START + 1, 0)


@given(st.lists(st.integers(START, START + 3 * HOUR), max_size=20), st.integers(START, START + 4 * HOUR))
def test_forgetting_changes_no_answer(at: list[int], now: int) -> None:
    kept, forgetful = called(*sorted(at)), called(*sorted(at))
    forgetful.forget_before(now)
    for limit in (BY_ROUTE, BY_KEY, Limit(5, HOUR, "route")):
        assert forgetful.reached(trigger(), limit, now, 0) == kept.reached(trigger(), limit, now, 0)
