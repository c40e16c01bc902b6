"""Lookups from compacted topics: what a record means, and what a table makes of it."""

from pathlib import Path

import pytest
from routing.tables import event, only, spoiled, write

from bridge.configfile import ConfigError
from bridge.routing import load_table
from bridge.routing.live import FromTopic, LiveEntries
from bridge.routing.paths import parse_path
from bridge.triggers import Rejected, Unmapped


def entries(value: str | None = "topic_key") -> LiveEntries:
    return LiveEntries(FromTopic("creators", None if value is None else parse_path(value)))


def test_the_last_record_of_a_key_counts_and_one_without_a_value_takes_it_away() -> None:
    live = entries()
    for key, value in (
        (b"ada", b'{"topic_key": "one"}'),
        (b"bo", b'{"topic_key": 7}'),
        (b"ada", b'{"topic_key": "two"}'),
    ):
        assert live.learn(key, value) is None
    assert live.entries == {"ada": "two", "bo": 7}
    assert live.learn(b"bo", None) is None
    assert live.learn(b"nobody", None) is None
    assert live.entries == {"ada": "two"}


def test_without_a_path_the_value_is_the_text_as_it_is() -> None:
    live = entries(None)
    assert live.learn(b"ada", b"00000000-abcd") is None
    assert live.learn(b"bo", b"7") is None
    assert live.entries == {"ada": "00000000-abcd", "bo": "7"}


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (b"{", "its value is no JSON"),
        (b'{"other": 1}', "its value has no topic_key"),
        (b"7", "its value has no topic_key"),
        (b'{"topic_key": " "}', "its value is empty"),
        (b'{"topic_key": null}', "its value is empty"),
        (b'{"topic_key": {"a": 1}}', "must be a text, a number or a boolean, is object"),
    ],
)
def test_a_record_that_cannot_be_used_says_why_and_leaves_no_outdated_entry(value: bytes, why: str) -> None:
    live = entries()
    live.learn(b"ada", b'{"topic_key": "one"}')
    assert why in (live.learn(b"ada", value) or "")
    assert live.entries == {}


@pytest.mark.parametrize("key", [None, b"", b" ada", b"\xff"])
def test_a_key_that_is_none_says_why_and_changes_nothing(key: bytes | None) -> None:
    live = entries()
    live.learn(b"ada", b'{"topic_key": "one"}')
    assert live.learn(key, b'{"topic_key": "two"}')
    assert live.entries == {"ada": "one"}


def test_text_that_is_no_utf_8_is_not_a_value() -> None:
    assert "no text" in (entries(None).learn(b"ada", b"\xff") or "")


def _with_teams(folder: Path, lookup: str) -> Path:
    return write(folder, spoiled("teams: {file: teams.csv, key: team_id, value: topic_key}", lookup))


FROM_TOPIC = "teams: {topic: sports.teams, value: topic_key}"


def test_a_table_decides_by_what_the_topic_holds_at_the_moment(tmp_path: Path) -> None:
    known: dict[FromTopic, LiveEntries] = {}

    def live(origin: FromTopic) -> LiveEntries:
        return known.setdefault(origin, LiveEntries(origin))

    table = load_table(_with_teams(tmp_path, FROM_TOPIC), {}, live=live)
    (origin,) = known
    before = only(table, event())
    known[origin].learn(b"GER", b'{"topic_key": "00000000-abcd"}')
    after = only(table, event())
    assert isinstance(before.verdict, Unmapped)
    assert (after.verdict, after.topic_key) == (None, "00000000-abcd")
    assert before.id == after.id
    again = load_table(_with_teams(tmp_path, FROM_TOPIC), {}, live=live)
    assert only(again, event()).topic_key == "00000000-abcd"
    assert again.hash == table.hash
    elsewhere = load_table(_with_teams(tmp_path, "teams: {topic: other, value: topic_key}"), {}, live=live)
    assert elsewhere.hash != table.hash


def test_a_number_with_a_fraction_in_the_topic_refuses_its_events_and_no_table(tmp_path: Path) -> None:
    known: dict[FromTopic, LiveEntries] = {}

    def live(origin: FromTopic) -> LiveEntries:
        return known.setdefault(origin, LiveEntries(origin))

    load_table(_with_teams(tmp_path, FROM_TOPIC), {}, live=live)
    (origin,) = known
    known[origin].learn(b"GER", b'{"topic_key": 1.5}')
    decided = only(load_table(_with_teams(tmp_path, FROM_TOPIC), {}, live=live), event())
    assert isinstance(decided.verdict, Rejected)
    assert 'lookup teams holds number 1.5 for "GER": a topic key is a text' in decided.verdict.reason
    assert decided.topic_key == ""


@pytest.mark.parametrize(
    ("lookup", "message"),
    [
        ("teams: {value: topic_key}", "comes from a file or from a topic"),
        ("teams: {file: teams.csv, topic: x}", "comes from a file or from a topic"),
        ("teams: {topic: x, key: id}", "the keys of a topic are those of its records"),
        ("teams: {topic: x, value: 'a..b'}", "is not a path"),
        ("teams: {topic: x, value: '$key'}", "a path without $"),
    ],
)
def test_what_a_lookup_from_a_topic_may_not_say(tmp_path: Path, lookup: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message.replace("$", r"\$")):
        load_table(_with_teams(tmp_path, lookup), {})
