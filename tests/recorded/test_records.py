"""Recorded events in files: bare, in an envelope, as kcat writes them."""

import json
from pathlib import Path
from typing import Any

import pytest

from bridge.errors import Undecodable
from bridge.formats.jsonformat import decode_json
from bridge.recorded.files import events
from bridge.recorded.records import NotRecorded, Recorded, bare, enveloped
from bridge.recorded.topics import place_of

NOW = 1_700_000_000_000


def read(envelope: Any) -> Recorded:
    return enveloped(json.dumps(envelope).encode(), "f:1", NOW)


def test_a_bare_event_is_a_record_of_now_with_the_bytes_of_its_line() -> None:
    assert bare(b'\xef\xbb\xbf{"id":  1}', NOW) == Recorded(b'{"id":  1}', NOW, bare=True)


def test_an_envelope_gives_all_that_came_around_the_event() -> None:
    given = {
        "value": {"id": 1},
        "key": "k",
        "headers": {"h": "x"},
        "timestamp": 5,
        "topic": "t",
        "partition": 2,
        "offset": 9,
    }
    assert read(given) == Recorded(b'{"id": 1}', 5, "t", 2, 9, b"k", (("h", b"x"),))


def test_an_envelope_needs_its_value_only() -> None:
    assert read({"value": {"id": 1}}) == Recorded(b'{"id": 1}', NOW)


def test_kcat_writes_envelopes() -> None:
    line = '{"topic":"t","partition":0,"offset":7,"tstype":"create","ts":5,"broker":1,"headers":["h","x"],"key":null,"payload":"{\\"id\\":1}"}'
    assert enveloped(line.encode(), "f:1", NOW) == Recorded(b'{"id":1}', 5, "t", 0, 7, None, (("h", b"x"),))


def test_a_value_in_an_envelope_is_not_read_more_kindly_than_in_kafka() -> None:
    with pytest.raises(Undecodable, match="more than 64 bits"):
        decode_json(enveloped(b'{"value": {"id": 123456789012345678901234567890}}', "f:1", NOW))


@pytest.mark.parametrize(
    ("envelope", "told"),
    [
        ([], "the envelope is not a JSON object"),
        ({"id": 1}, "the envelope has no value"),
        ({"value": {}, "hedaers": {}}, "the envelope has the unknown key hedaers; there are value, payload"),
        ({"key": "k"}, "the envelope has no value"),
        ({"value": {}, "headers": "x"}, "has headers that are no object"),
        ({"value": {}, "headers": {"h": 1}}, "has a header that is no text"),
        ({"value": {}, "timestamp": True}, "has a timestamp that is neither"),
        ({"value": {}, "timestamp": "soon"}, "'soon' is not an RFC 3339 time"),
        ({"value": {}, "key": 1}, "has no text as its key"),
        ({"value": {}, "offset": 1.5}, "has no integer as its offset"),
    ],
)
def test_an_envelope_that_is_none_says_where_and_why(envelope: Any, told: str) -> None:
    with pytest.raises(NotRecorded, match=f"^f:1: .*{told}"):
        read(envelope)


def test_each_line_has_its_place_and_blank_ones_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "e.jsonl"
    path.write_text('{"id": 1}\n\n  {"id": 2}')
    found = [(where, record.value) for where, record in events(str(path), NOW, envelope=False)]
    assert found == [(f"{path}:1", b'{"id": 1}'), (f"{path}:3", b'{"id": 2}')]


@pytest.mark.parametrize("text", ["a/b/c", "t/1", "t/1/2/3", "t/1/x", "folder/1/2.json", "/1/2"])
def test_what_is_no_place_in_kafka(text: str) -> None:
    assert place_of(text) is None


def test_a_place_in_kafka() -> None:
    assert str(place_of("sports.match-events/3/17")) == "sports.match-events/3/17"
