"""What was turned away, by the routing table as it is now."""

from pathlib import Path
from typing import Any

import pytest
from repeating.results import NOW, family, result
from repeating.works import Read, goal, source_of, terms, trigger

from bridge.outcomes.reading import WrittenResult
from bridge.repeating.plan import Asked, Fate, Left, Send, Subject
from bridge.repeating.redriving import Case, cases, decide, fate, judged, line, no_event
from bridge.repeating.terms import Found
from bridge.routing import load_table
from bridge.routing.table import Table
from bridge.triggers import Rejected, Repeats, Trigger, Unmapped, repetition_id

OLDEST = NOW - 30 * 86_400_000
SUBJECT = Subject("e1", "t", "goal", "", "dead letter: no event id", NOW)


def becomes(made: Trigger, routes: Table, *results: WrittenResult, found: dict[str, Found] | None = None) -> Fate:
    """What becomes of a trigger that was decided now, whose own family has these results."""
    one = family(*results, original=made.id)
    known = {made.id: Found(made, 9)} if results and found is None else found or {}
    return fate(made, one, known, terms(routes), OLDEST)


@pytest.mark.parametrize("outcome", ["rejected", "unmapped", "expired"])
def test_a_trigger_that_ended_before_any_call_is_written_as_its_repetition_where_it_lies(
    outcome: str, routes: Table
) -> None:
    made = trigger(routes)
    sent = becomes(made, routes, result(0, outcome, original=made.id))
    assert isinstance(sent, Send)
    assert (sent.trigger.id, sent.partition) == (repetition_id(made.id, 1), 9)
    assert sent.trigger.repeats == Repeats(made.id, 1, doubtful=False)
    assert sent.trigger.context == made.context


def test_a_trigger_that_was_never_decided_is_written_as_intake_would(routes: Table) -> None:
    made = trigger(routes)
    sent = becomes(made, routes)
    assert isinstance(sent, Send)
    assert (sent.trigger.id, sent.trigger.repeats) == (made.id, None)
    assert sent.partition != 9


def test_what_was_written_and_has_not_ended_is_not_written_again(routes: Table) -> None:
    made = trigger(routes)
    again = repetition_id(made.id, 1)
    assert becomes(made, routes, found={made.id: Found(made, 9)}) == Asked(made.id)
    turned_away = result(0, "rejected", original=made.id)
    assert becomes(made, routes, turned_away, found={again: Found(made, 9)}) == Asked(again)


@pytest.mark.parametrize(
    ("outcomes", "why"),
    [
        (["published"], "it is published"),
        (["lost"], "it was accepted"),
        (["unknown"], "bridge resend"),
        (["failed"], "bridge resend"),
        (["unmapped", "published"], "it is published"),
        (["unmapped", "unknown"], "bridge resend"),
    ],
)
def test_what_may_have_been_called_is_never_decided_again(outcomes: list[str], why: str, routes: Table) -> None:
    made = trigger(routes)
    left = becomes(made, routes, *(result(at, one, original=made.id) for at, one in enumerate(outcomes)))
    assert isinstance(left, Left)
    assert why in left.why
    assert isinstance(judged(family(*(result(at, one) for at, one in enumerate(outcomes))), ("unmapped",)), Left)


def test_what_the_vendor_refused_is_not_decided_again() -> None:
    assert judged(family(result(0, "rejected", attempts=1)), ("rejected",)) == Left(
        "the vendor refused it, and would again"
    )


def test_what_is_still_turned_away_is_told_shortly_or_with_the_new_reason(routes: Table) -> None:
    made = trigger(routes, minute="90+3")
    assert isinstance(made.verdict, Rejected)
    same = result(0, "rejected", original=made.id, reason=made.verdict.reason)
    assert becomes(made, routes, same) == Left("it still is")
    other = becomes(made, routes, result(0, "unmapped", original=made.id, reason="another"))
    assert other == Left(f"it is rejected now: {made.verdict.reason}")


def test_what_is_older_than_the_results_is_not_taken_for_new(routes: Table) -> None:
    made = trigger(routes)
    assert isinstance(fate(made, family(original=made.id), {}, terms(routes), NOW), Left)


def test_a_record_is_decided_once_for_each_route_however_many_triggers_it_made() -> None:
    results = [result(0, "unmapped", original=one * 32) for one in "ab"]
    results += [result(0, "unmapped", original="c" * 32, route="other")]
    turned_away = []
    for one in results:
        its = family(one, original=one.trigger_id)
        turned_away.append((its, its.members[0]))
    first, second = cases(turned_away)
    assert (first.route, second.route) == ("goal", "other")
    assert first.known == frozenset({"a" * 32, "b" * 32})


def test_others_that_the_record_made_are_left_out_unless_they_are_new() -> None:
    case = Case(source_of(goal()), "goal", (SUBJECT,), frozenset({"a" * 32}))
    assert case.means(family(result(0, "unmapped", original="a" * 32), original="a" * 32))
    assert not case.means(family(result(0, "published", original="b" * 32), original="b" * 32))
    assert case.means(family(original="c" * 32))


def decided(routes: Table, record: Read, route: str | None = "goal") -> list[Trigger] | Left:
    return decide(routes, record, Case(source_of(record), route, (SUBJECT,)), terms(routes))


@pytest.mark.parametrize(
    ("changes", "route", "why"),
    [
        ({"type": "corner"}, "goal", "route goal does not want it any more"),
        ({"type": "corner"}, None, "no route wants it"),
        ({}, "gone", "not in the routing table"),
    ],
)
def test_why_a_record_makes_nothing(changes: dict[str, Any], route: str | None, why: str, routes: Table) -> None:
    left = decided(routes, goal(**changes), route)
    assert isinstance(left, Left)
    assert why in left.why


def test_what_is_no_event_is_told_shortly_when_that_was_known() -> None:
    case = Case(source_of(goal()), None, (SUBJECT,))
    assert no_event(case, "no event id") == Left("it still is no event")
    assert no_event(case, "the value is empty") == Left("it is no event: the value is empty")


def test_a_source_that_is_gone_is_told(routes: Table) -> None:
    record = Read(goal().value, topic="another")
    assert decided(routes, record, None) == Left("topic another is no source of the routing table any more")


def test_a_lookup_that_got_the_key_makes_the_same_id(routes: Table, tmp_path: Path) -> None:
    unmapped = trigger(routes, team={"id": "CRC", "name": "Costa Rica"})
    assert isinstance(unmapped.verdict, Unmapped)
    (tmp_path / "teams.csv").write_text("team_id,topic_key\nCRC,00000000-c0c0\n")
    mended = trigger(load_table(tmp_path / "routes.yaml", {}), team={"id": "CRC", "name": "Costa Rica"})
    assert (mended.id, mended.verdict, mended.topic_key) == (unmapped.id, None, "00000000-c0c0")


def test_the_line_tells_how_it_ended_before(routes: Table) -> None:
    made = trigger(routes)
    case = Case(made.source, "goal", (SUBJECT,))
    told = line(case, made, family(original=made.id), Left("x")).subject
    assert (told.event_id, told.trigger_id, told.was) == ("e1", made.id, "dead letter: no event id")
    its = family(result(0, "unmapped", original=made.id, reason="y"), original=made.id)
    assert line(case, made, its, Left("x")).subject.was == "unmapped: y"
