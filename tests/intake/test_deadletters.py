"""A dead letter read back is the record that it was made of."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.intake.deadletters import CUT, REASON, Original, dead_letter, read_dead_letter
from bridge.kafka import Record

NOW = 1_800_000_000_000
NAMES = st.text(max_size=20) | st.sampled_from([REASON, CUT, "bridge-source"])


def written(record: Record, reason: str = "no event id", limit: int = 1_000_000) -> Original:
    """The record of its dead letter, as it is read."""
    letter = dead_letter(record, reason, topic="d", now=NOW, limit=limit)
    return Original("d", 0, 0, NOW, letter.key, letter.value, letter.headers)


@given(
    value=st.none() | st.binary(max_size=100),
    key=st.none() | st.binary(max_size=100),
    headers=st.lists(st.tuples(NAMES, st.none() | st.binary(max_size=20)), max_size=4),
    timestamp=st.integers(-1, NOW),
    reason=st.text(st.characters(codec="utf-8"), max_size=30),
)
def test_what_was_not_cut_is_the_record_again(
    value: bytes | None, key: bytes | None, headers: list[tuple[str, bytes | None]], timestamp: int, reason: str
) -> None:
    original = Original("a/topic", 3, 17, timestamp, key, value, headers)
    letter = read_dead_letter(written(original, reason))
    assert (letter.original, letter.reason, letter.cut) == (original, reason, False)


def test_a_dead_letter_that_was_published_again_and_died_again_is_read_by_its_last_reason() -> None:
    first = written(Original("matches", 3, 17, 5, b"k", b"v", []), "first")
    second = read_dead_letter(written(replace(first, topic="matches", offset=99), "second"))
    assert (second.reason, second.original.offset) == ("second", 99)
    assert read_dead_letter(second.original).reason == "first"


def test_one_that_was_cut_says_so() -> None:
    assert read_dead_letter(written(Original("matches", 3, 17, 5, b"k", b"v" * 5000, []), limit=1000)).cut


@pytest.mark.parametrize("headers", [[], [(REASON, b"x")], [(REASON, b"x"), ("bridge-source", b"matches/three/17")]])
def test_what_somebody_else_wrote_is_no_dead_letter(headers: list[tuple[str, bytes | None]]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - any will do
        read_dead_letter(Original("d", 0, 0, NOW, None, b"", headers))
