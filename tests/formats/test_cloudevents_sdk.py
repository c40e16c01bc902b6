"""What the official library writes for Kafka is read as it was meant, in both modes."""

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, to_binary_event, to_structured_event
from cloudevents.core.v03.event import CloudEvent as Older
from cloudevents.core.v1.event import CloudEvent
from hypothesis import given
from hypothesis import strategies as st
from kafka.members import Read

from bridge.durations import parse_instant
from bridge.errors import Undecodable
from bridge.events import Event
from bridge.formats import decode

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# The specification's String, and what may be in a URI-reference.
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cn", "Cs")), min_size=1, max_size=20)
SOURCES = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cn", "Cs", "Z")), min_size=1, max_size=20)
NAMES = st.text("abcxyz019", min_size=1, max_size=20).filter(lambda name: name not in ("id", "data"))
ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
JSON = st.dictionaries(
    st.text(max_size=5),
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.text(max_size=5), st.lists, max_leaves=5
    ),
)


@st.composite
def attributes(draw: st.DrawFn) -> dict[str, Any]:
    extensions = draw(st.dictionaries(NAMES, TEXTS | st.integers(-(2**31), 2**31 - 1), max_size=4))
    optional = draw(
        st.fixed_dictionaries(
            {},
            optional={
                "subject": TEXTS,
                "time": st.datetimes(timezones=ZONES),
                "dataschema": SOURCES,
                "partitionkey": TEXTS,
            },
        )
    )
    required = draw(st.fixed_dictionaries({"id": TEXTS, "source": SOURCES, "type": TEXTS}))
    return extensions | optional | required


def read(message: KafkaMessage) -> Event:
    key = message.key.encode() if isinstance(message.key, str) else message.key
    return decode(Read(message.value, key=key, headers=list(message.headers.items())), "cloudevents")


def assert_same(ours: Event, event: CloudEvent, data: Any) -> None:
    ce, theirs = dict(ours.ce), dict(event.get_attributes())
    assert parse_instant(ce.pop("time")) == (theirs.pop("time") - EPOCH) // timedelta(milliseconds=1)
    assert ce == {name: str(value) for name, value in theirs.items()}
    assert ours.key == (None if "partitionkey" not in theirs else str(theirs["partitionkey"]))
    assert ours.body == data


def both_modes(event: CloudEvent) -> list[Event]:
    return [read(message) for message in (to_binary_event(event), to_structured_event(event))]


@given(attributes(), JSON | st.none(), st.sampled_from([None, "application/json", "application/vnd.acme+json"]))
def test_data_that_is_json(given: dict[str, Any], data: Any, content_type: str | None) -> None:
    event = CloudEvent(given | ({} if content_type is None else {"datacontenttype": content_type}), data)
    for ours in both_modes(event):
        assert_same(ours, event, data)


@given(attributes(), TEXTS, st.sampled_from(["text/plain", "text/html; charset=utf-8"]))
def test_data_that_is_text_also_as_bytes(given: dict[str, Any], data: str, content_type: str) -> None:
    for written in (data, data.encode()):
        event = CloudEvent(given | {"datacontenttype": content_type}, written)
        for ours in both_modes(event):
            assert_same(ours, event, data)


@given(attributes(), JSON)
def test_json_that_comes_as_bytes(given: dict[str, Any], data: Any) -> None:
    event = CloudEvent(given | {"datacontenttype": "application/json"}, json.dumps(data).encode())
    for ours in both_modes(event):
        assert_same(ours, event, data)


@given(attributes(), st.binary(min_size=1), st.sampled_from(["application/avro", "image/png"]))
def test_data_that_is_not_read_in_either_mode(given: dict[str, Any], data: bytes, content_type: str) -> None:
    event = CloudEvent(given | {"datacontenttype": content_type}, data)
    for message in (to_binary_event(event), to_structured_event(event)):
        with pytest.raises(Undecodable, match="which is not read"):
            read(message)


@given(attributes())
def test_the_version_before_is_refused_in_either_mode(given: dict[str, Any]) -> None:
    known = {name: value for name, value in given.items() if name in ("id", "source", "type")}
    event = Older(known | {"specversion": "0.3"}, {"a": 1})
    for message in (to_binary_event(event), to_structured_event(event)):
        with pytest.raises(Undecodable, match=r"version '0\.3'"):
            read(message)
