from typing import Any

import pytest
from routing.tables import event

from bridge.routing.paths import parse_path
from bridge.routing.refusals import Absent, Refusal
from bridge.routing.templates import BadTemplate, key_text, parse_template

BODY = {"s": "Müller", "i": 90, "f": 1.5, "t": True, "n": None, "blank": " ", "list": [1], "none": [], 'a"}b': "odd"}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{i}", 90),
        ("{t}", True),
        ("{f}", 1.5),
        ("{list}", [1]),
        ("{i}'", "90'"),
        ("{s} ({i})", "Müller (90)"),
        ("{f}/{t}", "1.5/true"),
        ("{{s}} {s}", "{s} Müller"),
        ("plain", "plain"),
        ('{["a\\"}b"]}!', "odd!"),
    ],
)
def test_one_reference_alone_keeps_its_type_and_inside_text_it_is_formatted(text: str, value: Any) -> None:
    made = parse_template(text).value(event(BODY))
    assert (made, type(made)) == (value, type(value))


@pytest.mark.parametrize("text", ["{nope}", "{n}", "{blank}", "{none}", "x {nope}", "x {n}", "x{blank}"])
def test_what_the_event_lacks_is_absent_also_inside_text(text: str) -> None:
    with pytest.raises(Absent):
        parse_template(text).value(event(BODY))


def test_a_list_can_not_stand_inside_a_text() -> None:
    with pytest.raises(Refusal, match="list can't stand inside a text, it is array of 1 parts"):
        parse_template("x{list}").value(event(BODY))


@pytest.mark.parametrize("text", ["{f}", "{t}", "{n}", "{list}"])
def test_a_key_takes_texts_and_integers_only(text: str) -> None:
    assert parse_template("{s}/{i}").key(event(BODY)) == "Müller/90"
    with pytest.raises(Refusal):
        parse_template(text).key(event(BODY))


@pytest.mark.parametrize(
    "text", ["", "  ", "{", "}", "{a", "a}", "{}", "{ }", "{a b}", "{a:>5}", "{a!r}", "{a|upper}", "{{a}"]
)
def test_what_is_no_template_is_refused(text: str) -> None:
    with pytest.raises(BadTemplate):
        parse_template(text)


def test_a_template_written_out_is_the_same_template() -> None:
    for text in ("{a}", "{{a}} {b[0]}{c}", '{["x y"]}'):
        template = parse_template(text)
        assert parse_template(str(template)) == template


@pytest.mark.parametrize("length", [1_000, 1_001])
def test_an_id_or_a_key_has_at_most_1000_characters(length: int) -> None:
    path = parse_path("s")
    long = event({"s": "x" * length})
    if length == 1_000:
        assert key_text(path, long) == "x" * length
    else:
        with pytest.raises(Refusal, match="s is longer than 1000 characters, too long for an id or a key"):
            key_text(path, long)
