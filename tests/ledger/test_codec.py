"""Ledger records as bytes."""

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ledger.samples import accepted, dropped, ended, intent, parked, refused, released, trigger, trigger_named, unknown
from msgspec import UNSET

from bridge.errors import BridgeError
from bridge.events import Source
from bridge.ledger.codec import decode, encode, key_of, read_line
from bridge.ledger.log import LogRecord
from bridge.ledger.records import (
    About,
    Accepted,
    Attempt,
    Carried,
    Claim,
    Dropped,
    Ended,
    Intent,
    Line,
    Parked,
    Record,
    Refused,
    Released,
    Reported,
    Unknown,
    is_decision,
)
from bridge.triggers import Limit, OnUnknown, Priority, Rejected, Trigger, Unmapped

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
MAYBE = st.none() | TEXT
# What a trigger must name.
NAME = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)
# What orjson, and every other reader of JSON, can hold.
INTEGER = st.integers(-(2**53), 2**53)
IDS = st.binary(min_size=16, max_size=16).map(bytes.hex)
SOURCES = st.builds(Source, TEXT, INTEGER, INTEGER)
ABOUTS = st.builds(
    About,
    *[TEXT] * 5,
    SOURCES,
    st.none() | INTEGER,
    INTEGER,
    st.sampled_from(OnUnknown),
    INTEGER,
    INTEGER,
    supersede_by=MAYBE,
    trace=st.just(UNSET) | TEXT,
    test=st.just(UNSET) | st.just(value=True),
)
ATTEMPTS = st.builds(Attempt, TEXT, INTEGER, INTEGER, st.booleans())
JSON = st.recursive(
    st.none() | st.booleans() | INTEGER | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXT, inner, max_size=2),
    max_leaves=4,
)
TRIGGERS = st.builds(
    Trigger,
    id=IDS,
    brand=NAME,
    route=NAME,
    event_generator_id=NAME,
    topic_key=TEXT,
    event_id=TEXT,
    dedup_key=TEXT,
    order_by=MAYBE,
    priority=st.sampled_from(Priority),
    on_unknown=st.sampled_from(OnUnknown),
    context=st.dictionaries(TEXT, JSON, max_size=3),
    expires_at=INTEGER,
    event_time=st.none() | INTEGER,
    received=INTEGER,
    source=SOURCES,
    table=TEXT,
    limit=st.none() | st.builds(Limit, INTEGER, INTEGER, TEXT),
    verdict=st.none() | st.builds(Rejected, TEXT) | st.builds(Unmapped, TEXT, TEXT, TEXT),
    supersede_by=MAYBE,
)
PLAIN: st.SearchStrategy[Record] = st.one_of(
    st.builds(Intent, IDS, ABOUTS, ATTEMPTS),
    st.builds(Parked, IDS, TRIGGERS, INTEGER, TEXT),
    st.builds(Dropped, IDS, ABOUTS, TEXT, TEXT, INTEGER, INTEGER, st.booleans()),
    st.builds(Unknown, IDS, ABOUTS, ATTEMPTS, TEXT),
    st.builds(Released, IDS, ABOUTS, ATTEMPTS, TEXT),
    st.builds(Accepted, IDS, ABOUTS, ATTEMPTS, TEXT, INTEGER),
    st.builds(Refused, IDS, ABOUTS, ATTEMPTS, INTEGER, TEXT, INTEGER),
    st.builds(Ended, IDS, ABOUTS, ATTEMPTS, TEXT, INTEGER, TEXT, MAYBE, st.none() | INTEGER, MAYBE, MAYBE, INTEGER),
    st.builds(Reported, IDS),
)
RECORDS = st.one_of(st.builds(Claim, TEXT), PLAIN, st.builds(Carried, IDS, st.lists(PLAIN, max_size=3).map(tuple)))
ONE_OF_EACH: list[Record] = [
    Claim("replica-1"),
    intent(),
    parked(),
    dropped(),
    unknown(),
    Carried(trigger_named("t"), (parked(), unknown())),
    released(),
    accepted(),
    refused(),
    ended(),
    Reported(trigger_named("t")),
]


@given(RECORDS, INTEGER)
def test_a_record_is_read_as_it_was_written(record: Record, claim: int) -> None:
    assert decode(encode(record, claim)) == Line(record, claim if is_decision(record) else None)


@pytest.mark.parametrize("record", ONE_OF_EACH, ids=lambda record: str(record.kind))
def test_a_record_says_its_kind_and_decisions_say_their_claim(record: Record) -> None:
    fields = orjson.loads(encode(record, 17))
    assert fields["kind"] == record.kind
    assert fields.get("claim") == (17 if is_decision(record) else None)


@pytest.mark.parametrize("record", ONE_OF_EACH, ids=lambda record: str(record.kind))
def test_claims_alone_have_no_key(record: Record) -> None:
    assert key_of(record) == (None if isinstance(record, Claim) else trigger_named("t").encode())


def test_a_parked_trigger_is_held_as_it_lay_on_its_topic() -> None:
    assert orjson.loads(encode(parked()))["trigger"] == orjson.loads(trigger().encode())


def changed(record: Record, **fields: Any) -> bytes:
    return orjson.dumps(orjson.loads(encode(record, 1)) | fields)


NOT_OURS = {
    "a kind of later": changed(intent(), kind="handover"),
    "a policy of later": changed(intent(), about=orjson.loads(encode(intent()))["about"] | {"on_unknown": "ask"}),
    "a field too few": b'{"kind": "claim"}',
    "no kind": b"{}",
    "not JSON": b"claim",
    "nothing": b"",
    "null": b"null",
    "a text": b'"claim"',
    "a number": b"7",
    "a list": b"[]",
    "a list of nulls": changed(Carried(trigger_named("t"), ()), records=[None]),
    "a verdict that is a text": changed(parked(), trigger=orjson.loads(trigger().encode()) | {"verdict": "rejected"}),
    "not UTF-8": b'{"kind": "\xff"}',
}


@pytest.mark.parametrize("value", NOT_OURS.values(), ids=NOT_OURS.keys())
def test_a_record_of_a_newer_release_or_of_somebody_else_is_an_error_that_says_where(value: bytes) -> None:
    with pytest.raises(BridgeError, match="ledger partition 4, offset 77: not a record of this release"):
        read_line(4, LogRecord(77, 0, None, value))


def test_fields_of_a_newer_release_are_left_out_so_that_it_can_be_rolled_out_beside_this_one() -> None:
    later = {"nonce": "a", "number": 1, "called": accepted().attempt.called, "lane": "x"}
    assert decode(changed(accepted(), region="eu", attempt=later)) == Line(accepted(), None)


def test_a_record_of_a_release_without_supersede_by_is_read() -> None:
    older = encode(intent(), 1).replace(b',"supersede_by":null', b"", 1)
    assert older != encode(intent(), 1)
    assert decode(older) == Line(intent(), 1)


@given(st.binary(max_size=40) | JSON.map(orjson.dumps))
def test_any_other_bytes_are_that_error_too(value: bytes) -> None:
    with pytest.raises(BridgeError, match="offset 77"):
        read_line(4, LogRecord(77, 0, None, value))
