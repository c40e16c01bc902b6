from typing import Any

import pytest
from routing.tables import event

from bridge.routing.expressions import BadExpression, compile_expression
from bridge.routing.refusals import Absent, Refusal


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("event.minute + 1", 13),
        ('event["minute"]', 12),
        ("has(event.nope)", False),
        ("event.team.name.startsWith('Ger') && event.minute > 1", True),
        ("event.team.map(k, k).size()", 2),
        ("headers.origin + '/' + key", "feed/some key"),
        ("record.offset", 17),
        ("event.team.name.upperAscii()", "GERMANY"),
        ("'event.nope' + event.id // event.other", "event.nopee1"),
        ("[event.minute, 3]", [12, 3]),
    ],
)
def test_an_expression_sees_the_event_and_what_came_around_it(source: str, value: Any) -> None:
    assert compile_expression(source).value(event()) == value


@pytest.mark.parametrize(
    ("source", "fields"),
    [
        ("event.minute <= 120 && event.type == 'goal'", ("minute", "type")),
        ("event . minute", ("minute",)),
        ("event.goals.exists(g, g.event.minute > 90)", ("goals",)),
        ("'event.x' == event.y // event.z", ("y",)),
        ("key", ()),
        ("event['minute']", None),
        ("event == {}", None),
        ("event.map(k, k) == [event.x]", None),
    ],
)
def test_only_the_fields_that_it_uses_are_passed(source: str, fields: tuple[str, ...] | None) -> None:
    assert compile_expression(source).fields == fields


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("event.minute <=", "is not CEL, at character 16"),
        ("evnt.minute", "unknown variable evnt; did you mean 'event'"),
        ("event.a == nope", "unknown variable nope"),
        ("nope(event.a)", "unknown function nope"),
        ("event.a.startWith('x')", "did you mean 'startsWith'"),
        ("event.a.exists(x, y > 1)", "unknown variable y"),
        ("(" * 500 + "1" + ")" * 500, "is not CEL"),
    ],
)
def test_what_can_not_work_is_found_before_any_event(source: str, message: str) -> None:
    with pytest.raises(BadExpression, match=message):
        compile_expression(source)


@pytest.mark.parametrize("source", ["event.nope", "event.team.nope", "event.team['nope']", "null", "''"])
def test_what_the_event_lacks_is_absent(source: str) -> None:
    with pytest.raises(Absent):
        compile_expression(source).value(event())


@pytest.mark.parametrize(
    "source",
    ["event.minute + 'x'", "1 / 0", "9223372036854775807 + event.minute", "0.0 / 0.0", "b'x'", "timestamp('2026-01-01T00:00:00Z')", "[0.0 / 0.0]", "event.minute.split(',')", "{1: 2}"],
)  # fmt: skip
def test_what_fails_or_is_no_json_is_refused(source: str) -> None:
    with pytest.raises(Refusal):
        compile_expression(source).value(event())


def test_a_condition_that_gives_no_boolean_is_refused() -> None:
    with pytest.raises(Refusal, match="should be true or false, is integer 12"):
        compile_expression("event.minute").holds(event())


def test_a_body_that_is_no_object_is_passed_whole() -> None:
    assert compile_expression("event").value(event([1])) == [1]
    with pytest.raises(Refusal):
        compile_expression("event.minute").value(event([1]))
