from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from routing.tables import NOW, event

from bridge.routing.paths import MISSING, BadPath, parse_path

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("team.name", "Germany"),
        ("goals[0].minute", 3),
        ('["x.y"].z', 1),
        ('team["name"]', "Germany"),
        ('deep["a}b"]', 2),
        ("größe", 9),
        ("team.none", None),
        ("$key", "some key"),
        ("$headers.origin", "feed"),
        ("$record.timestamp", NOW - 1000),
        ("$record.topic", "sports.match-events"),
        ("$record.offset", 17),
    ],
)
def test_a_path_leads_to_its_value(text: str, value: Any) -> None:
    body = {
        "team": {"name": "Germany", "none": None},
        "goals": [{"minute": 3}],
        "x.y": {"z": 1},
        "deep": {"a}b": 2},
        "größe": 9,
    }
    assert parse_path(text).read(event(body)) == value


@pytest.mark.parametrize(
    "text", ["nope", "team.name.first", "goals[1]", "goals.first", "team[0]", "$headers.nope", "$ce.type"]
)
def test_what_is_not_there_is_missing_and_not_null(text: str) -> None:
    assert parse_path(text).read(event({"team": {"name": "Germany"}, "goals": [1]})) is MISSING


@pytest.mark.parametrize(
    "text",
    ["", " ", ".a", "a.", "a..b", "a b", "{a}", "a[-1]", "a[x]", "a['x']", 'a["x', "a:>5", "$nope.x", "$", "$key.x", "$headers", "$headers.a.b", "$record.nope", "$record", "$ce", "$ce[0]"],
)  # fmt: skip
def test_what_is_no_path_is_refused(text: str) -> None:
    with pytest.raises(BadPath):
        parse_path(text)


@given(st.lists(st.text(max_size=6) | st.integers(0, 50), min_size=1, max_size=4), JSON)
def test_a_path_written_out_is_the_same_path_and_reads_anything(segments: list[str | int], body: Any) -> None:
    steps = (
        f"[{one}]" if isinstance(one, int) else '["' + one.replace("\\", "\\\\").replace('"', '\\"') + '"]'
        for one in segments
    )
    path = parse_path("".join(steps))
    assert path.segments == tuple(segments)
    assert parse_path(str(path)) == path
    path.read(event(body))
