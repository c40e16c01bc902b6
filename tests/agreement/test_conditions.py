import pytest

from bridge.agreement.conditions import match_as_written, match_in_words, when_in_words
from bridge.agreement.words import spoken
from bridge.routing.matching import Condition
from bridge.routing.paths import parse_path


@pytest.mark.parametrize(
    ("cel", "words"),
    [
        ("event.minute <= 120", "minute is at most 120"),
        ("event.stock.now>=20 && event.kind != 'test'", "stock now is at least 20 and kind is not “test”"),
        ("(event.a == 1) || event.b_c < 2.5", "either a is 1 or b c is below 2.5"),
        ("has(event.offset) && event.offset > 0", "offset is given and offset is above 0"),
        ("!has(event.x)", "x is missing"),
        ("event.x in ['a', \"b\", 3]", "x is “a”, “b” or 3"),
        ("!event.stream.rerun", "stream rerun is no"),
        ("event.ok && !event.name.startsWith('T || x')", "ok is yes and name does not begin with “T || x”"),
        ("event.ok == true", "ok is yes"),
    ],
)
def test_a_simple_condition_is_said_in_words(cel: str, words: str) -> None:
    assert when_in_words(cel) == words


@pytest.mark.parametrize(
    "cel",
    [
        "event.a == 1 && (event.b == 2 || event.c == 3)",  # in words it could be read in two ways
        "event.a + 1 == 2",
        "event.name.matches('^x')",
        "size(event.name) > 3",
        "event.a == event.b",
        "event.list.exists(x, x > 3 && x < 5)",
        "event.a == 'it\\'s'",
        "event.a == 1 &&",
        "record.partition == 3",
    ],
)
def test_what_words_would_blur_is_left_to_the_exact_condition(cel: str) -> None:
    assert when_in_words(cel) is None


def test_a_match_is_said_and_written() -> None:
    one = Condition.of(parse_path("goal.own_goal"), [False])
    several = Condition.of(parse_path("type"), ["half_time", "full_time", None, 3])
    assert match_in_words(one) == "goal own goal is no"
    assert match_as_written(one) == "goal.own_goal: false"
    assert match_in_words(several) == "type is “half_time”, “full_time”, null or 3"
    assert match_as_written(several) == 'type: ["half_time", "full_time", null, 3]'


@pytest.mark.parametrize(
    ("milliseconds", "words"),
    [
        (86_400_000, "24 hours"),
        (3_600_000, "1 hour"),
        (7 * 86_400_000, "7 days"),
        (600_000, "10 minutes"),
        (90_000, "90 seconds"),
        (250, "250 milliseconds"),
    ],
)
def test_a_duration_is_spoken(milliseconds: int, words: str) -> None:
    assert spoken(milliseconds) == words
