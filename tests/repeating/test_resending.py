"""Which triggers are sent again as they are, and as what."""

from pathlib import Path

import pytest
from msgspec import structs
from repeating.results import NOW, T, family, result
from repeating.works import EVENT_TIME, terms, trigger
from routing.tables import TABLE, table

from bridge.outcomes.reading import WrittenResult
from bridge.repeating.families import Member
from bridge.repeating.plan import Asked, Fate, Left, Send
from bridge.repeating.resending import fate, judged
from bridge.repeating.terms import Found, Terms
from bridge.routing.table import Table
from bridge.triggers import Rejected, Repeats, Trigger, repetition_id

WINDOW = 24 * 3_600_000


def becomes(made: Trigger, on: Terms, *results: WrittenResult, asked: str | None = None, partition: int = 11) -> Fate:
    """What becomes of the family of T with these results; `made` is the trigger of its latest member."""
    one = family(*results)
    latest = judged(one, ("unknown", "failed", "expired"))
    assert isinstance(latest, Member)
    found = {latest.result.trigger_id: Found(structs.replace(made, id=latest.result.trigger_id), partition)}
    if asked is not None:
        found[asked] = Found(made, partition)
    return fate(one, latest, found, on)


@pytest.mark.parametrize("outcome", ["unknown", "failed", "expired"])
def test_one_that_is_wanted_is_sent_as_the_first_repetition_to_its_own_partition(outcome: str, routes: Table) -> None:
    made = trigger(routes)
    sent = becomes(made, terms(routes), result(0, outcome), partition=11)
    doubtful = outcome == "unknown"
    assert sent == Send(
        structs.replace(made, id=repetition_id(T, 1), repeats=Repeats(T, 1, doubtful), received=NOW), partition=11
    )


def test_the_repetition_of_a_repetition_repeats_the_original(routes: Table) -> None:
    made = structs.replace(trigger(routes), repeats=Repeats(T, 1, doubtful=True))
    sent = becomes(made, terms(routes), result(0, "unknown"), result(1, "expired"))
    assert isinstance(sent, Send)
    assert (sent.trigger.id, sent.trigger.repeats) == (repetition_id(T, 2), Repeats(T, 2, doubtful=True))


def test_one_that_was_asked_for_and_has_not_ended_is_not_written_again(routes: Table) -> None:
    again = repetition_id(T, 1)
    assert becomes(trigger(routes), terms(routes), result(), asked=again) == Asked(again)


@pytest.mark.parametrize(
    ("results", "why"),
    [
        ([result(0, "published")], "it is published"),
        ([result(0, "unknown", test=True)], "it is a test"),
        ([result(0, "unknown"), result(1, "published")], "it is published"),
        ([result(0, "published"), result(1, "superseded")], "it is published"),
        ([result(0, "lost")], "it was accepted"),
        ([result(0, "unresolved")], "it was accepted"),
        ([result(0, "rejected", attempts=1)], "the vendor refused it"),
        ([result(0, "unknown"), result(1, "rejected", attempts=1)], "the vendor refused it"),
        ([result(0, "rejected")], "redrive --rejected"),
        ([result(0, "unmapped")], "redrive --unmapped"),
        ([result(0, "superseded")], "another one goes on"),
        ([result(0, "expired")], "say --outcome expired"),
        ([result(0, "unknown"), result(1, "failed")], "say --outcome failed"),
    ],
)
def test_why_one_is_left_alone(results: list[WrittenResult], why: str) -> None:
    left = judged(family(*results), ("unknown",))
    assert isinstance(left, Left)
    assert why in left.why


def test_what_has_expired_needs_a_new_expiry(routes: Table) -> None:
    made = trigger(routes)
    late = terms(routes, now=made.expires_at)
    assert isinstance(left := becomes(made, late, result()), Left)
    assert "give --expires-after" in left.why
    sent = becomes(made, terms(routes, now=made.expires_at, expires_after=60_000), result())
    assert isinstance(sent, Send)
    assert sent.trigger.expires_at == made.expires_at + 60_000
    assert sent.trigger.event_time == EVENT_TIME


def test_a_new_expiry_is_no_longer_than_what_the_ledger_remembers(routes: Table) -> None:
    assert isinstance(becomes(trigger(routes), terms(routes, expires_after=WINDOW), result()), Send)
    left = becomes(trigger(routes), terms(routes, expires_after=WINDOW + 1), result())
    assert left == Left("--expires-after is longer than the dedup_window of route goal, 1d")


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        ("name: goal\n", "name: other\n", "route goal is not in the routing table any more"),
        ("expires_after: 5m\n", "expires_after: 5m\n    mode: off\n", "route goal is off now"),
        ("expires_after: 5m\n", "expires_after: 5m\n    mode: shadow\n", "route goal is in shadow now"),
        ("id: 11111111", "id: 99999999", "another event generator"),
        ("brand: acme", "brand: beta", "another event generator"),
    ],
)
def test_a_route_that_would_not_call_it_any_more_leaves_it_alone(
    before: str, after: str, why: str, routes: Table, tmp_path: Path
) -> None:
    made = trigger(routes)
    changed = table(tmp_path, TABLE.replace(before, after))
    left = becomes(made, terms(changed), result())
    assert isinstance(left, Left)
    assert why in left.why


def test_one_that_is_gone_or_that_must_not_be_called_or_that_does_not_fit_is_left_alone(routes: Table) -> None:
    one = family(result())
    latest = judged(one, ("unknown",))
    assert isinstance(latest, Member)
    assert isinstance(left := fate(one, latest, {}, terms(routes)), Left)
    assert "no longer kept" in left.why
    forbidden = structs.replace(trigger(routes), verdict=Rejected("the clock"))
    assert becomes(forbidden, terms(routes), result()) == Left("it must not be called: the clock")
    assert isinstance(left := becomes(trigger(routes), terms(routes, limit=300), result()), Left)
    assert "at most 300" in left.why
