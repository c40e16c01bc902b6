from typing import Any
from uuid import UUID

import pytest
from confluent_kafka.schema_registry import header_schema_id_serializer, prefix_schema_id_serializer
from confluent_kafka.schema_registry.common.serde import SchemaId as Theirs
from confluent_kafka.serialization import MessageField, SerializationContext
from hypothesis import given
from hypothesis import strategies as st
from kafka.members import Read

from bridge.errors import Undecodable
from bridge.formats.wire import HEADER, Framed, framed

GUID = UUID("89791762-2336-4186-9674-299b90a802e2")
CONTEXT = SerializationContext("t", MessageField.VALUE, [])
indexes = st.lists(st.integers(0, 65_535), min_size=1, max_size=32).map(tuple)


@given(st.integers(0, 2**31 - 1), st.binary(max_size=50))
def test_an_id_stands_before_the_payload_as_confluent_writes_it(schema: int, payload: bytes) -> None:
    value = prefix_schema_id_serializer(payload, CONTEXT, Theirs("AVRO", schema))
    assert framed(Read(value), message=False) == Framed(schema, payload)


@given(st.binary(max_size=50))
def test_a_guid_stands_in_a_header_as_confluent_writes_it(payload: bytes) -> None:
    headers: list[Any] = []
    context = SerializationContext("t", MessageField.VALUE, headers)
    value = header_schema_id_serializer(payload, context, Theirs("AVRO", guid=str(GUID)))
    assert framed(Read(value, headers=headers), message=False) == Framed(GUID, payload)


@given(indexes, st.binary(max_size=50))
def test_which_message_it_is_follows_the_id_wherever_that_stands(message: tuple[int, ...], payload: bytes) -> None:
    theirs = Theirs("PROTOBUF", 7, str(GUID), list(message))
    before = prefix_schema_id_serializer(payload, CONTEXT, theirs)
    assert framed(Read(before), message=True) == Framed(7, payload, message)
    assert framed(Read(payload, headers=[(HEADER, theirs.guid_to_bytes())]), message=True) == Framed(
        GUID, payload, message
    )


def test_a_single_zero_is_short_for_the_first_message() -> None:
    assert framed(Read(b"\0\0\0\0\x07\0rest"), message=True) == Framed(7, b"rest", (0,))


def test_the_last_header_of_the_name_counts() -> None:
    headers = [(HEADER, b"\0\0\0\0\x01"), ("other", b"x"), (HEADER, b"\0\0\0\0\x02")]
    assert framed(Read(b"payload", headers=headers), message=False) == Framed(2, b"payload")


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (None, "no value"),
        (b"", "the value is empty"),
        (b'{"id": "e1"}', "begins with the byte 123"),
        (b"\x02\0\0\0\x01", "begins with the byte 2"),
        (b"\0\0\0", "ends within the id"),
        (b"\x01" + b"\0" * 15, "ends within the id"),
        (b"\0\xff\xff\xff\xff", "schema 4294967295, which no registry has"),
        (b"\0\0\0\0\x01", "the indexes of its message"),
        (b"\0\0\0\0\x01\x04\x02", "the indexes of its message"),
        (b"\0\0\0\0\x01\x03\x02", "the indexes of its message"),
        (b"\0\0\0\0\x01" + b"\xff" * 1000, "the indexes of its message"),
        (b"\0\0\0\0\x01\xfe\xff\x03", "the indexes of its message"),
    ],
)
def test_what_is_not_of_the_wire_format_is_refused_with_a_reason(value: bytes | None, reason: str) -> None:
    with pytest.raises(Undecodable, match=reason):
        framed(Read(value), message=True)


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        (b"", "is empty"),
        (b"\x05", "begins with the byte 5"),
        (b"\0\0\0\0\x01\0", "longer"),
        (b"\x01abc", "ends within"),
    ],
)
def test_a_header_that_says_no_schema_is_refused(header: bytes, reason: str) -> None:
    with pytest.raises(Undecodable, match=f"the header {HEADER} .*{reason}|the header {HEADER} {reason}"):
        framed(Read(b"\0\0\0\0\x01payload", headers=[(HEADER, header)]), message=False)
