"""Expressions over events that were made to keep them busy. Each of these would run for seconds to hours without a bound."""

from typing import Any

import pytest
from routing.tables import event

from bridge.routing.bounds import MOST_VALUES, allowance
from bridge.routing.expressions import BadExpression, compile_expression
from bridge.routing.refusals import Refusal

HUGE = list(range(300_000))


def refused(source: str, body: dict[str, Any]) -> str:
    with pytest.raises(Refusal) as refusal:
        compile_expression(source).value(event(body))
    return str(refusal.value)


@pytest.mark.parametrize(
    "source",
    [
        "event.l.map(x, x + 1).size() > 2",
        "event.l.filter(x, x > 1).size() > 2",
        "event.l.all(x, x in event.l)",
        "event.l.exists(x, event.l[x] > 300000)",
        "event.l.all(x, event.l.exists(y, y == x))",
        "event.l.all(x, event.l.all(y, sort(event.l)[0] == 0))",
        "distinct(event.l).size() > 1",
        "event.l.map(x, 'x').join('').size() > 1",
        "size(event.l) > 2",
        "event.l == event.l",
    ],
)
def test_a_list_of_hundreds_of_thousands_is_not_looked_at(source: str) -> None:
    assert "more values than can be looked at in time" in refused(source, {"l": HUGE})


def test_an_object_of_very_many_fields_is_not_looked_at() -> None:
    assert "more values" in refused("event.d.all(k, event.d[k] >= 0)", {"d": {str(n): n for n in range(5_000)}})


def test_what_is_nested_counts_with_all_that_is_inside() -> None:
    assert "more values" in refused("event.l.all(x, x.size() > 0)", {"l": [[1] * 1_000] * 100})


def test_a_text_in_a_loop_cannot_fill_the_memory() -> None:
    body = {"l": list(range(400)), "s": "x" * 1_000_000}  # 400 copies of it, each time round
    assert "beside texts of 1000002 characters" in refused("event.l.map(x, event.s + event.s).size() > 0", body)


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("event.s.split('').map(x, event.s).size() > 1", "pieces"),
        ("event.s.replace('x', event.s).size() > 1", "a text of more than"),
        ("event.l.flatten().map(x, x).size() > 1", "more values"),
        ("event.t.split(',').join(event.s).size() > 1", "a text of more than"),
    ],
)
def test_functions_that_make_much_of_little_make_no_more_than_a_bound(source: str, complaint: str) -> None:
    body = {"s": "x" * 30_000, "t": "," * 1_000, "l": [[1] * 500] * 10}
    assert complaint in refused(source, body)


@pytest.mark.parametrize(
    "source", ["event.s.matches(event.p)", "matches('x', event.p)", "event.s.matches('x' + event.p)"]
)
def test_a_pattern_that_the_event_brings_is_refused_before_any_event(source: str) -> None:
    with pytest.raises(BadExpression, match="must be written out"):
        compile_expression(source)


def test_a_pattern_that_goes_back_for_ever_elsewhere_takes_linear_time() -> None:
    happened = event({"s": "a" * 1_000_000 + "b"})
    assert compile_expression("event.s.matches('^(a+)+$')").value(happened) is False


@pytest.mark.parametrize("pattern", ["(a{1000}){1000}", r"\\pL{5000}", "(", "(?=x)"])
def test_a_pattern_that_grows_too_large_or_is_none_is_found_before_any_event(pattern: str) -> None:
    with pytest.raises(BadExpression, match="can't be used"):
        compile_expression(f"event.s.matches('{pattern}')")


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("event.l.all(a, event.l.all(b, event.l.all(c, c > 0)))", "inside one another"),
        ("event.l" + ".map(x, [x, x]).flatten()" * 9, "more than 8"),
        ("event.a" + " + event.a" * 300, "longer than 2000 characters"),
    ],
)
def test_loops_in_loops_in_loops_are_refused_before_any_event(source: str, complaint: str) -> None:
    with pytest.raises(BadExpression, match=complaint):
        compile_expression(source)


def test_brackets_and_names_in_texts_are_no_loops() -> None:
    source = "event.s != '.all(x, .map(y, .filter(z, (((' && event.l.all(x, x > 0)"
    assert compile_expression(source).level == 1


def test_what_people_write_is_as_it_was() -> None:
    body = {"l": [{"name": f"Player {n}", "minute": n} for n in range(60)], "s": "x" * 100_000}
    for source in (
        "event.l.filter(g, g.minute > 45).map(g, g.name.upperAscii()).join(', ').size() > 0",
        "event.l.all(g, event.l.exists(h, h.minute == g.minute))" if allowance(2, 540) > 180 else "true",
        "event.s.size() == 100000 && event.s.startsWith('x')",
    ):
        assert compile_expression(source).value(event(body)) is True
    assert compile_expression("event.l.size()").value(event({"l": list(range(MOST_VALUES - 2))})) == MOST_VALUES - 2
