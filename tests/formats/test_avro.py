"""Avro against another implementation's writer, and against payloads that mean harm."""

import math
from contextlib import suppress
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from formats.schemas import avro, encoded, event
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.errors import Undecodable
from bridge.formats.avro import avro_reader
from bridge.formats.schemas import Unfit

NODE: Any = {"type": "record", "name": "Node", "fields": [{"name": "next", "type": ["null", "Node"]}]}


def one(kind: Any) -> dict[str, Any]:
    return {"type": "record", "name": "One", "fields": [{"name": "a", "type": kind}]}


def read(kind: Any, value: Any) -> Any:
    """What becomes of a field's value that fastavro wrote."""
    return event(avro_reader(avro(one(kind))), encoded(one(kind), {"a": value}), "avro").body["a"]


def read_bytes(kind: Any, payload: bytes) -> Any:
    return event(avro_reader(avro(one(kind))), payload, "avro").body["a"]


@pytest.mark.parametrize(
    ("kind", "value", "becomes"),
    [
        ("null", None, None),
        ("boolean", True, True),
        ("int", -(2**31), -(2**31)),
        ("long", 2**63 - 1, 2**63 - 1),
        ("long", -(2**63), -(2**63)),
        ("float", 0.5, 0.5),
        ("double", 1e300, 1e300),
        ("double", math.nan, "NaN"),
        ("double", math.inf, "Infinity"),
        ("float", -math.inf, "-Infinity"),
        ("string", "Köln 🏟", "Köln 🏟"),
        ("bytes", b"\x00\xff", "AP8="),
        ({"type": "fixed", "name": "F", "size": 2}, b"\x00\xff", "AP8="),
        ({"type": "enum", "name": "E", "symbols": ["GOAL", "CARD"]}, "CARD", "CARD"),
        ({"type": "array", "items": "bytes"}, [b"", b"a"], ["", "YQ=="]),
        ({"type": "map", "values": ["null", "bytes"]}, {"x": b"a", "y": None}, {"x": "YQ==", "y": None}),
        (["null", "string"], None, None),
        (["null", "string"], "x", "x"),
        ({"type": "string", "avro.java.string": "String"}, "x", "x"),
        (
            {"type": "long", "logicalType": "timestamp-millis"},
            datetime(2026, 2, 5, 20, 12, 0, 5000, tzinfo=UTC),
            "2026-02-05T20:12:00.005Z",
        ),
        (
            {"type": "long", "logicalType": "timestamp-micros"},
            datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
            "1969-12-31T23:59:59.999999Z",
        ),
        ({"type": "long", "logicalType": "timestamp-nanos"}, 1_000_000_001, "1970-01-01T00:00:01.000000001Z"),
        (
            {"type": "long", "logicalType": "local-timestamp-millis"},
            datetime(2026, 2, 5, 20, 12),  # noqa: DTZ001 - what it means
            "2026-02-05T20:12:00.000",
        ),
        ({"type": "int", "logicalType": "date"}, date(2026, 2, 5), "2026-02-05"),
        ({"type": "int", "logicalType": "time-millis"}, time(20, 12, 0, 5000), "20:12:00.005"),
        ({"type": "long", "logicalType": "time-micros"}, time(20, 12, 0, 5), "20:12:00.000005"),
        ({"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2}, Decimal("-0.05"), "-0.05"),
        ({"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2}, Decimal("12.5"), "12.50"),
        ({"type": "bytes", "logicalType": "decimal", "precision": 9}, Decimal(1200), "1200"),
        (
            {"type": "fixed", "name": "D", "size": 8, "logicalType": "decimal", "precision": 9, "scale": 3},
            Decimal("12.345"),
            "12.345",
        ),
        (
            {"type": "string", "logicalType": "uuid"},
            UUID("89791762-2336-4186-9674-299b90a802e2"),
            "89791762-2336-4186-9674-299b90a802e2",
        ),
        (
            {"type": "fixed", "name": "U", "size": 16, "logicalType": "uuid"},
            UUID("89791762-2336-4186-9674-299b90a802e2").bytes,
            "89791762-2336-4186-9674-299b90a802e2",
        ),
        (
            {"type": "fixed", "name": "S", "size": 12, "logicalType": "duration"},
            b"\x01\0\0\0\x02\0\0\0\xdc\x05\0\0",
            "P1M2DT1.500S",
        ),
        ({"type": "string", "logicalType": "iso-country"}, "DE", "DE"),
        ({"type": "int", "logicalType": "timestamp-millis"}, 5, 5),
        ({"type": "bytes", "logicalType": "big-decimal"}, b"a", "YQ=="),
    ],
)
def test_each_type_becomes_what_the_page_says(kind: Any, value: Any, becomes: Any) -> None:
    found = read(kind, value)
    assert (found, type(found)) == (becomes, type(becomes))


plain = st.one_of(
    st.just(("null", st.none())),
    st.just(("boolean", st.booleans())),
    st.just(("int", st.integers(-(2**31), 2**31 - 1))),
    st.just(("long", st.integers(-(2**63), 2**63 - 1))),
    st.just(("double", st.floats(allow_nan=False, allow_infinity=False))),
    st.just(("string", st.text())),
)
kinds = st.recursive(
    plain,
    lambda inner: st.one_of(
        inner.map(lambda one: ({"type": "array", "items": one[0]}, st.lists(one[1], max_size=5))),
        inner.map(lambda one: ({"type": "map", "values": one[0]}, st.dictionaries(st.text(), one[1], max_size=5))),
    ),
    max_leaves=5,
)


@given(kinds.flatmap(lambda kind: kind[1].map(lambda value: (kind[0], value))))
def test_whatever_another_writer_wrote_is_read_as_it_was(written: tuple[Any, Any]) -> None:
    kind, value = written
    assert read(kind, value) == value


def test_what_a_schema_refers_to_is_read_by_its_parts() -> None:
    team = {"type": "record", "name": "Team", "namespace": "x", "fields": [{"name": "id", "type": "string"}]}
    both = {"type": "record", "name": "Both", "namespace": "x", "fields": [{"name": "home", "type": "Team"}]}
    goal = {
        "type": "record",
        "name": "y.Goal",
        "fields": [{"name": "teams", "type": "x.Both"}, {"name": "by", "type": ["null", "x.Team"]}],
    }
    reader = avro_reader(avro(goal, team, both))
    assert event(reader, b"\x06GER\x02\x06ARG", "avro").body == {"teams": {"home": {"id": "GER"}}, "by": {"id": "ARG"}}


def test_a_schema_that_is_a_union_of_records_reads_each_of_them() -> None:
    union = [
        {"type": "record", "name": "Goal", "fields": [{"name": "minute", "type": "int"}]},
        {"type": "record", "name": "Card", "fields": [{"name": "colour", "type": "string"}]},
    ]
    reader = avro_reader(avro(union))
    assert event(reader, b"\x00\x18", "avro").body == {"minute": 12}
    assert event(reader, b"\x02\x06red", "avro").body == {"colour": "red"}


def test_arrays_in_blocks_with_their_sizes_are_read() -> None:
    assert read_bytes({"type": "array", "items": "int"}, b"\x03\x04\x02\x04\x02\x06\x00") == [1, 2, 3]


@pytest.mark.parametrize("odd", [[], {}, 5, True, None, "nonsense", "decimal", "uuid"])
def test_a_logical_type_that_does_not_fit_is_the_type_below_it(odd: Any) -> None:
    assert read_bytes({"type": "long", "logicalType": odd}, b"\x0a") == 5
    assert read_bytes({"type": "fixed", "name": "F", "size": 1, "logicalType": odd, "scale": -1}, b"\x0a") == "Cg=="


BIG = b"\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01"  # 2**63 - 1


@pytest.mark.parametrize(
    ("kind", "payload", "reason"),
    [
        ("string", b"\x0aab", "a: the payload ends within it"),
        ("string", b"", "the payload ends within it"),
        ("string", BIG + b"ab", "the payload ends within it"),
        ("bytes", b"\x01ab", "the payload ends within it"),
        ("string", b"\x04\xff\xfe", "not UTF-8"),
        ("string", b"\x06\xed\xa0\x80", "not UTF-8"),
        ("int", BIG, "more than 32 bits"),
        ("long", b"\xff" * 9 + b"\x7f", "more than 64 bits"),
        ("long", b"\xff" * 50, "more than 64 bits"),
        ("boolean", b"\x05", "the byte 5"),
        (["null", "string"], b"\x04", "no type 2"),
        (["null", "string"], b"\x01", "no type -1"),
        ({"type": "enum", "name": "E", "symbols": ["A", "B"]}, b"\x01", "no symbol -1"),
        ({"type": "enum", "name": "E", "symbols": ["A", "B"]}, b"\x04", "no symbol 2"),
        ({"type": "array", "items": "null"}, BIG + b"\0", "more items than bytes"),
        ({"type": "map", "values": "null"}, BIG, "more items than bytes"),
        ({"type": "array", "items": "int"}, BIG, "more items than bytes"),
        ({"type": "long", "logicalType": "timestamp-millis"}, BIG, "outside of the years"),
        ({"type": "int", "logicalType": "date"}, b"\xfe\xff\xff\xff\x0f", "outside of the years"),
        ({"type": "int", "logicalType": "time-millis"}, b"\x01", "not within a day"),
        (
            {"type": "bytes", "logicalType": "decimal", "precision": 4},
            b"\x82\x02" + b"\x7f" * 129,
            "more than 128 bytes",
        ),
        ("int", b"\x02\x02\x02", "goes on for 2 bytes"),
    ],
)
def test_a_payload_that_does_not_fit_is_refused_with_a_reason(kind: Any, payload: bytes, reason: str) -> None:
    with pytest.raises(Undecodable, match=f"schema 7: .*{reason}") as refused:
        read_bytes(kind, payload)
    assert len(str(refused.value)) < 300


def test_a_schema_that_refers_to_itself_is_read_to_a_hundred_levels() -> None:
    reader = avro_reader(avro(NODE))
    body = event(reader, b"\x02" * 99 + b"\0", "avro").body
    for _ in range(99):
        body = body["next"]
    assert body == {"next": None}
    for levels in (100, 20_000, 2_000_000):
        with pytest.raises(Undecodable, match=r"deeper than 100 levels|next\.next"):
            event(reader, b"\x02" * levels + b"\0", "avro")


@settings(max_examples=300)
@given(st.binary(max_size=200))
def test_no_payload_does_more_than_be_refused(payload: bytes) -> None:
    kinds = [
        {"type": "array", "items": ["null", NODE, {"type": "map", "values": "Node"}]},
        {"type": "long", "logicalType": "timestamp-nanos"},
        ["bytes", "string", "double"],
    ]
    schema = {
        "type": "record",
        "name": "All",
        "fields": [{"name": f"f{number}", "type": kind} for number, kind in enumerate(kinds)],
    }
    reader = avro_reader(avro(schema))
    with suppress(Undecodable):
        event(reader, payload, "avro")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "not JSON"),
        ('"x.Team"', "refers to the type x.Team, which it does not have"),
        ('{"type": "record", "fields": []}', "has no name"),
        ('{"type": "record", "name": "A"}', "has no fields"),
        ('{"type": "enum", "name": "A"}', "has no symbols"),
        ('{"type": "fixed", "name": "A"}', "has no size"),
        ('{"type": "array"}', "neither a name, nor a list, nor an object"),
        ('{"type": ' * 1000 + '"int"' + "}" * 1000, "too deeply"),
        (
            '{"type": "record", "name": "A", "fields": [{"name": "a", "type": {"type": "fixed", "name": "A", "size": 1}}]}',
            "has the type A twice",
        ),
    ],
)
def test_a_schema_by_which_nothing_can_be_read_is_refused_with_a_reason(text: str, reason: str) -> None:
    written = avro({})
    with pytest.raises(Unfit, match=reason):
        avro_reader(type(written)("AVRO", text))


words = st.sampled_from(
    [
        "type",
        "name",
        "fields",
        "items",
        "values",
        "symbols",
        "size",
        "logicalType",
        "scale",
        "namespace",
        "record",
        "array",
        "map",
        "enum",
        "fixed",
        "null",
        "int",
        "long",
        "bytes",
        "string",
        "decimal",
        "date",
        "uuid",
        "A",
    ]
)
anything = st.recursive(
    st.one_of(words, st.integers(-2, 40), st.none(), st.booleans()),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(words, inner, max_size=5)),
    max_leaves=12,
)


@settings(max_examples=500)
@given(anything, st.binary(max_size=30))
def test_no_schema_does_more_than_be_refused(schema: Any, payload: bytes) -> None:
    with suppress(Unfit, Undecodable):
        event(avro_reader(avro(one(schema))), payload, "avro")


@pytest.mark.parametrize("kind", ["string", "int", ["null", "long"]])
def test_an_event_that_is_no_record_is_refused(kind: Any) -> None:
    with pytest.raises(Undecodable, match="the value is no record"):
        event(avro_reader(avro(kind)), encoded(kind, {"string": "x", "int": 4}.get(str(kind))), "avro")


def test_a_schema_of_another_type_than_the_source_says_is_refused() -> None:
    with pytest.raises(Undecodable, match="schema 7 is of the type AVRO, and the source's format is json-schema"):
        event(avro_reader(avro(NODE)), b"\0", "json-schema")
