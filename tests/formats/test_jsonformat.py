import json
import re
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kafka.members import Read

from bridge.errors import Undecodable
from bridge.events import Source
from bridge.formats.jsonformat import decode_json


def nested(levels: int) -> bytes:
    return b'{"a":' * levels + b"1" + b"}" * levels


def test_an_object_becomes_an_event_with_what_came_around_it() -> None:
    event = decode_json(
        Read(b'{"id":"e1"}', key=b"k\xff", headers=[("type", b"goal"), ("odd", b"\xfe"), ("none", None)])
    )
    assert event.body == {"id": "e1"}
    assert event.source == Source("matches", 3, 17)
    assert event.timestamp == 1_770_000_000_000
    assert event.key == "k\ufffd"
    assert event.headers == {"type": "goal", "odd": "\ufffd", "none": ""}


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (None, "no value"),
        (b"", "empty"),
        (b"   ", "not JSON"),
        (b'{"id": ', "not JSON"),
        (b"{'id': 1}", "not JSON"),
        (b'{"id": NaN}', "not JSON"),
        (b'{"id": 1e999}', "not JSON"),
        (b'{"id": "\\ud800"}', "not JSON"),
        (b'{"id": "M\xfcller"}', "not JSON in UTF-8"),
        ('{"id": "e1"}'.encode("utf-16"), "not JSON in UTF-8"),
        (b'\xef\xbb\xbf{"id": "e1"}', "not JSON in UTF-8"),
        (b"[1]", "a list, not a JSON object"),
        (b'"e1"', "a text, not a JSON object"),
        (b"12", "a number, not a JSON object"),
        (b"true", "true or false, not a JSON object"),
        (b"null", "null, not a JSON object"),
        (nested(101), "deeper than 100"),
        (nested(5000), "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b'{"id": 18446744073709551616}', "more than 64 bits"),
        (b'{"id": -9223372036854775809}', "more than 64 bits"),
        (b'{"id": ' + b"9" * 10_000 + b"}", "JSON"),
    ],
)
def test_what_is_no_event_is_refused_with_a_reason(value: bytes | None, reason: str) -> None:
    with pytest.raises(Undecodable, match=reason) as refused:
        decode_json(Read(value))
    assert len(str(refused.value)) <= 200


@pytest.mark.parametrize(
    "value",
    [
        nested(100),
        b'{"id": 18446744073709551615}',
        b'{"id": -9223372036854775808}',
        b'{"id": 0.1234567890123456789012}',
        b'{"id": "12345678901234567890123"}',
        b'{"brackets": "' + b"[" * 1000 + b'"}',
    ],
)
def test_the_largest_that_can_be_read_exactly_is_an_event(value: bytes) -> None:
    assert decode_json(Read(value)).body == orjson.loads(value)


INTEGERS = st.integers() | st.sampled_from([-(2**63), 2**64 - 1, 10**18, 10**19]).flatmap(
    lambda edge: st.integers(edge - 2, edge + 2)
)


@given(
    st.recursive(
        INTEGERS | st.text('0123456789[{"\\'), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_an_integer_is_read_as_it_was_sent_or_refused(sent: Any) -> None:
    value = json.dumps({"sent": sent}, ensure_ascii=False).encode("utf-8", "replace")
    integers = re.findall(rb"-?[0-9]+", re.sub(rb'"(?:[^"\\]|\\.)*"', b"", value))
    if all(-(2**63) <= int(one) <= 2**64 - 1 for one in integers):
        assert decode_json(Read(value)).body == json.loads(value)
    else:
        with pytest.raises(Undecodable, match="more than 64 bits"):
            decode_json(Read(value))


@pytest.mark.parametrize("before", range(20))
def test_an_integer_of_19_digits_may_need_more_than_64_bits_wherever_it_stands(before: int) -> None:
    with pytest.raises(Undecodable, match="more than 64 bits"):
        decode_json(Read(b" " * before + b'{"":-9999999999999999999}'))


@pytest.mark.parametrize("levels", range(98, 104))
@pytest.mark.parametrize(("opening", "closing"), [(b"[", b"]"), (b'{"a":', b"}"), (b'[{"a":', b"}]")])
def test_a_hundred_levels_are_read_and_not_one_more(opening: bytes, closing: bytes, levels: int) -> None:
    each = len(closing)
    value = b'{"a":' + opening * (levels // each) + b"1" + closing * (levels // each) + b"}"
    if 1 + levels // each * each <= 100:
        assert decode_json(Read(value)).body == orjson.loads(value)
    else:
        with pytest.raises(Undecodable, match="deeper than 100"):
            decode_json(Read(value))


@given(st.binary() | st.text().map(str.encode) | st.recursive(st.none(), st.lists).map(orjson.dumps))
def test_no_bytes_stop_the_decoding(value: bytes) -> None:
    try:
        event = decode_json(Read(value, key=value, headers=[("h", value)]))
    except Undecodable:
        return
    assert isinstance(event.body, dict)


def test_a_header_name_that_is_no_utf_8_is_read_as_such_a_value_is() -> None:
    escaped = b"caf\xe9".decode("utf-8", "surrogateescape")
    assert decode_json(Read(b"{}", headers=[(escaped, b"1"), ("café", b"2")])).headers == {
        "caf\ufffd": "1",
        "café": "2",
    }
