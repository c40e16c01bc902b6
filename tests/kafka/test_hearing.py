"""Which of a process' consumers is stuck."""

from bridge.kafka.hearing import Hearing

SESSION, PATIENCE = 10.0, 100.0


def looked(*looks: tuple[float, float | None, float | None]) -> list[str | None]:
    """What is said at each (time, when a was heard, when b was)."""
    hearing = Hearing(SESSION, PATIENCE)
    return [hearing.stuck([("a", a), ("b", b)], now) for now, a, b in looks]


def test_one_that_is_silent_for_long_while_the_other_is_heard_is_stuck() -> None:
    assert looked((10, 9, 9), (20, 9, 19), (119, 9, 118), (120, 9, 119)) == [None, None, None, "a"]


def test_one_that_never_was_heard_is_stuck_too() -> None:
    assert looked((0, 0, None), (100, 99, None)) == [None, "b"]


def test_when_both_are_silent_kafka_is_away_and_nobody_is_stuck() -> None:
    assert looked((20, 5, 5), (500, 5, 5)) == [None, None]


def test_the_time_counts_anew_after_kafka_was_away() -> None:
    assert looked((20, 5, 19), (119, 5, 5), (120, 5, 119), (219, 5, 218), (220, 5, 219)) == [
        None,
        None,
        None,
        None,
        "a",
    ]


def test_one_that_is_heard_again_was_not_stuck() -> None:
    assert looked((20, 5, 19), (110, 109, 109), (125, 109, 124)) == [None, None, None]


def test_a_single_group_is_never_said_to_be_stuck() -> None:
    hearing = Hearing(SESSION, PATIENCE)
    assert [hearing.stuck([("a", None)], now) for now in (0.0, 1_000.0)] == [None, None]
