"""Protobuf: schemas as .proto text through the real compiler, payloads by Google's runtime."""

import asyncio
from base64 import b64encode
from functools import cache
from typing import Any

import pytest
from formats.schemas import event
from google.protobuf import json_format
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from bridge.errors import Undecodable
from bridge.formats.protobuf import protobuf_reader
from bridge.formats.schemas import Part, Reader, Unfit, Written
from bridge.registry.protoc import MAIN, compiled

TEAM = 'syntax = "proto3"; package common; message Team { string id = 1; Team parent = 2; }'
GOAL = """
syntax = "proto3";
package sports.v1;
import "common/team.proto";
import "google/protobuf/any.proto";
import "google/protobuf/duration.proto";
import "google/protobuf/field_mask.proto";
import "google/protobuf/struct.proto";
import "google/protobuf/timestamp.proto";
import "google/protobuf/wrappers.proto";
import "google/type/date.proto";
import "confluent/type/decimal.proto";
message First { int32 n = 1; }
message Goal {
  enum Kind { KIND_UNKNOWN = 0; KIND_GOAL = 1; }
  message Inner { message Deeper { string x = 1; } repeated Deeper all = 1; }
  string id = 1;
  int64 big = 2;
  uint64 huge = 3;
  bytes raw = 4;
  Kind kind = 5;
  optional int32 minute = 6;
  double ratio = 7;
  bool own = 8;
  common.Team team = 9;
  repeated string tags = 10;
  map<string, int64> counts = 11;
  map<int32, common.Team> teams = 12;
  oneof by { string player = 13; bool nobody = 14; }
  google.protobuf.Timestamp occurred_at = 15;
  google.protobuf.Duration took = 16;
  google.protobuf.Int64Value wrapped = 17;
  google.protobuf.Any detail = 18;
  google.protobuf.Struct extra = 19;
  google.protobuf.FieldMask mask = 20;
  google.type.Date day = 21;
  float small = 22;
  map<bool, bytes> flags = 23;
  google.protobuf.BytesValue wrapped_bytes = 24;
  repeated Kind kinds = 25;
  confluent.type.Decimal price = 26;
}
"""
PARTS = (Part("common/team.proto", TEAM),)


@cache
def files(text: str = GOAL) -> bytes:
    return asyncio.run(compiled(Written("PROTOBUF", text, PARTS if "common/" in text else ())))


@cache
def reader(text: str = GOAL) -> Reader:
    return protobuf_reader("PROTOBUF", files(text), MAIN)


@cache
def pool() -> DescriptorPool:
    made = DescriptorPool()
    for file in FileDescriptorSet.FromString(files()).file:
        made.AddSerializedFile(file.SerializeToString())
    return made


def message(name: str = "sports.v1.Goal", **fields: Any) -> Message:
    return json_format.ParseDict(fields, GetMessageClass(pool().FindMessageTypeByName(name))(), descriptor_pool=pool())


def read(**fields: Any) -> dict[str, Any]:
    body: dict[str, Any] = event(reader(), b"\x02\x02" + message(**fields).SerializeToString(), "protobuf").body
    return body


ALWAYS = {
    "id": "",
    "big": 0,
    "huge": 0,
    "raw": "",
    "kind": "KIND_UNKNOWN",
    "ratio": 0.0,
    "own": False,
    "tags": [],
    "counts": {},
    "teams": {},
    "small": 0.0,
    "flags": {},
    "kinds": [],
}


def test_fields_without_presence_are_always_there_and_others_only_when_they_were_set() -> None:
    assert read() == ALWAYS
    assert read(minute=0) == ALWAYS | {"minute": 0}
    assert read(player="") == ALWAYS | {"player": ""}
    assert read(team={}) == ALWAYS | {"team": {"id": ""}}


@pytest.mark.parametrize(
    ("fields", "becomes"),
    [
        ({"big": "-9223372036854775808"}, {"big": -(2**63)}),
        ({"huge": "18446744073709551615"}, {"huge": 2**64 - 1}),
        ({"raw": "AP8="}, {"raw": "AP8="}),
        ({"kind": "KIND_GOAL"}, {"kind": "KIND_GOAL"}),
        ({"kind": 7}, {"kind": 7}),
        ({"kinds": ["KIND_GOAL", 9]}, {"kinds": ["KIND_GOAL", 9]}),
        ({"ratio": "NaN", "small": "-Infinity"}, {"ratio": "NaN", "small": "-Infinity"}),
        ({"own": True}, {"own": True}),
        ({"team": {"id": "GER", "parent": {"id": "EU"}}}, {"team": {"id": "GER", "parent": {"id": "EU"}}}),
        ({"tags": ["a", "b"]}, {"tags": ["a", "b"]}),
        ({"counts": {"x": "5"}}, {"counts": {"x": 5}}),
        ({"teams": {"-3": {"id": "GER"}}}, {"teams": {"-3": {"id": "GER"}}}),
        ({"flags": {"true": "AA=="}}, {"flags": {"true": "AA=="}}),
        ({"player": "Musiala"}, {"player": "Musiala"}),
        ({"occurred_at": "2026-02-05T20:12:00.5Z"}, {"occurred_at": "2026-02-05T20:12:00.500Z"}),
        ({"took": "1.500s"}, {"took": "1.500s"}),
        ({"wrapped": "5"}, {"wrapped": 5}),
        ({"wrapped_bytes": "AA=="}, {"wrapped_bytes": "AA=="}),
        ({"extra": {"a": [1, None, {"b": "c"}]}}, {"extra": {"a": [1, None, {"b": "c"}]}}),
        ({"mask": "a.b,c"}, {"mask": "a.b,c"}),
        ({"day": {"year": 2026, "month": 2, "day": 5}}, {"day": {"year": 2026, "month": 2, "day": 5}}),
        (
            {"detail": {"@type": "type.googleapis.com/common.Team", "id": "GER"}},
            {"detail": {"@type": "type.googleapis.com/common.Team", "id": "GER"}},
        ),
        (
            {"detail": {"@type": "type.googleapis.com/google.protobuf.Duration", "value": "1s"}},
            {"detail": {"@type": "type.googleapis.com/google.protobuf.Duration", "value": "1s"}},
        ),
    ],
)
def test_each_type_becomes_what_the_page_says(fields: dict[str, Any], becomes: dict[str, Any]) -> None:
    assert read(**fields) == ALWAYS | becomes


def test_an_any_of_an_unknown_type_keeps_its_bytes() -> None:
    goal: Any = message()
    goal.detail.type_url, goal.detail.value = "type.googleapis.com/nobody.Knows", b"\xff"
    body = event(reader(), b"\x02\x02" + goal.SerializeToString(), "protobuf").body
    assert body["detail"] == {"@type": "type.googleapis.com/nobody.Knows", "value": "/w=="}


def test_which_message_it_is_is_said_by_indexes() -> None:
    assert event(reader(), b"\0\x08\x05", "protobuf").body == {"n": 5}
    assert event(reader(), b"\x06\x02\0\0" + b"\x0a\x01x", "protobuf").body == {"x": "x"}
    for indexes in (b"\x02\x04", b"\x04\x02\x06", b"\x04\0\0"):
        with pytest.raises(Undecodable, match="its schema has no message"):
            event(reader(), indexes, "protobuf")


def test_a_file_descriptor_in_base64_is_as_good_as_a_text() -> None:
    by_name = {file.name: file for file in FileDescriptorSet.FromString(files()).file}
    by_name[MAIN].name = "--plugin=evil"
    text = b64encode(by_name[MAIN].SerializeToString()).decode()
    team = b64encode(by_name["common/team.proto"].SerializeToString()).decode()
    for part in (TEAM, team):
        made = asyncio.run(compiled(Written("PROTOBUF", text, (Part("common/team.proto", part),))))
        payload = b"\x02\x02" + message(team={"id": "GER"}).SerializeToString()
        assert event(protobuf_reader("PROTOBUF", made, MAIN), payload, "protobuf").body["team"] == {"id": "GER"}


OLD = """
syntax = "proto2";
message Old { required string id = 1; optional int32 minute = 2 [default = 7]; optional group Extra = 3 { optional int32 n = 1; } }
"""


def test_proto2_has_presence_everywhere_and_required_fields_must_be_there() -> None:
    assert event(reader(OLD), b"\0\x0a\x01x", "protobuf").body == {"id": "x"}
    assert event(reader(OLD), b"\0\x0a\x01x\x1b\x08\x05\x1c", "protobuf").body == {"id": "x", "extra": {"n": 5}}
    with pytest.raises(Undecodable, match="lacks a field that its schema requires"):
        event(reader(OLD), b"\0\x10\x05", "protobuf")


def deep(levels: int) -> bytes:
    payload = b""
    for _ in range(levels):
        payload = b"\x12" + _length(len(payload)) + payload
    return payload


def _length(number: int) -> bytes:
    written = b""
    while number >= 128:
        written += bytes([number & 127 | 128])
        number >>= 7
    return written + bytes([number])


@pytest.mark.parametrize("levels", [99, 101, 20_000])
def test_a_payload_that_is_too_deep_is_refused(levels: int) -> None:
    team = reader('syntax = "proto3"; message Team { string id = 1; Team parent = 2; }')
    if levels < 100:
        assert event(team, b"\0" + deep(levels), "protobuf").body["parent"]["id"] == ""
        return
    with pytest.raises(Undecodable, match=r"deeper than 100 levels|can't be parsed"):
        event(team, b"\0" + deep(levels), "protobuf")


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"\x0a\x05ab", "can't be parsed as Protobuf"),
        (b"\x0a\x02\xff\xfe", "can't be parsed as Protobuf"),
        (b"\x7a\x0a\x08" + b"\x80" * 8 + b"\x40", "a google.protobuf.Timestamp can't be written"),
        (b"\x92\x01\x24\x0a\x1ftype.googleapis.com/common.Team\x12\x01\xff", "an Any does not hold what it says"),
    ],
)
def test_a_payload_that_does_not_fit_is_refused_with_a_reason(payload: bytes, reason: str) -> None:
    with pytest.raises(Undecodable, match=f"schema 7: .*{reason}"):
        event(reader(), b"\x02\x02" + payload, "protobuf")


@pytest.mark.parametrize(
    ("text", "parts", "reason"),
    [
        ("message", (), "protoc does not compile it"),
        ('syntax = "proto3"; import "gone.proto"; message A {}', (), "gone.proto"),
        ('syntax = "proto3"; import "../a"; message A {}', (Part("../a", TEAM),), "no name of a file"),
        ('syntax = "proto3"; import "/etc/passwd"; message A {}', (Part("/etc/passwd", TEAM),), "no name of a file"),
        ('syntax = "proto3"; import "/etc/passwd"; message A {}', (), "protoc does not compile it"),
        ('syntax = "proto3"; message A {}', (Part(MAIN, TEAM),), "what the schema itself is called"),
    ],
)
async def test_a_schema_that_does_not_compile_is_refused_with_a_reason(
    text: str, parts: tuple[Part, ...], reason: str
) -> None:
    with pytest.raises(Unfit, match=reason):
        await compiled(Written("PROTOBUF", text, parts))
