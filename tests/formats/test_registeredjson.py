import time
from typing import Any

import orjson
import pytest
from formats.schemas import event

from bridge.errors import Undecodable
from bridge.formats.registeredjson import json_schema_reader
from bridge.formats.schemas import Part, Reader, Unfit, Written

GOAL: Any = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "type": "object",
    "properties": {
        "id": {"type": "string"},
        "minute": {"type": "integer"},
        "code": {"type": "string", "pattern": "^(?=.*a)[a-z]+$"},
    },
    "required": ["id"],
    "additionalProperties": False,
}


def reader(schema: Any, **parts: Any) -> Reader:
    known = tuple(Part(name, orjson.dumps(part).decode()) for name, part in parts.items())
    return json_schema_reader(Written("JSON", orjson.dumps(schema).decode(), known))


def read(schema: Any, value: Any, **parts: Any) -> Any:
    return event(reader(schema, **parts), orjson.dumps(value), "json-schema").body


def test_an_event_that_fits_is_read() -> None:
    value = {"id": "e1", "minute": 12, "code": "ab"}
    assert read(GOAL, value) == value


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ({"id": 5}, "breaks #/properties/id/type"),
        ({}, "breaks #/required"),
        ({"id": "x", "minute": "90+3"}, "breaks #/properties/minute/type"),
        ({"id": "x", "secret name": 1}, "breaks #/additionalProperties"),
        ({"id": "x", "code": "bbb"}, "breaks #/properties/code/pattern"),
    ],
)
def test_an_event_that_does_not_fit_is_refused_without_a_word_of_it(value: Any, reason: str) -> None:
    with pytest.raises(Undecodable, match=f"schema 7: .*{reason}") as refused:
        read(GOAL, value)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"", "empty"),
        (b"[1]", "a list, not a JSON object"),
        (b"{", "not JSON"),
        (b'{"id": 99999999999999999999}', "64 bits"),
    ],
)
def test_what_is_no_json_object_is_refused_as_in_a_source_of_json(payload: bytes, reason: str) -> None:
    with pytest.raises(Undecodable, match=reason):
        event(reader({}), payload, "json-schema")


TEAM = {"type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"]}


@pytest.mark.parametrize(
    ("schema", "name", "part"),
    [
        ({"properties": {"team": {"$ref": "team.json"}}}, "team.json", TEAM),
        ({"properties": {"team": {"$ref": "team.json#/definitions/t"}}}, "team.json", {"definitions": {"t": TEAM}}),
        (
            {"$id": "https://example.com/goal.json", "properties": {"team": {"$ref": "team.json"}}},
            "team.json",
            TEAM,
        ),
        (
            {"properties": {"team": {"$ref": "https://example.com/team.json"}}},
            "https://example.com/team.json",
            TEAM,
        ),
        (
            {"properties": {"team": {"$ref": "https://example.com/team.json"}}},
            "sports.team",
            TEAM | {"$id": "https://example.com/team.json"},
        ),
    ],
)
def test_what_a_schema_refers_to_is_checked_too(schema: Any, name: str, part: Any) -> None:
    assert read(schema, {"team": {"id": "GER"}}, **{name: part})
    with pytest.raises(Undecodable, match="it breaks"):
        read(schema, {"team": {}}, **{name: part})


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "https://example.com/team.json"},
        {"$ref": "file:///etc/passwd"},
        {"properties": {"a": {"$ref": "other.json"}}},
    ],
)
def test_nothing_is_fetched_from_elsewhere(schema: Any) -> None:
    with pytest.raises(Unfit, match="can't be used"):
        reader(schema)


@pytest.mark.parametrize(
    "text", ["{", '{"type": "nonsense"}', '{"$schema": "https://example.com/own"}', '{"pattern": "("}', "5"]
)
def test_what_is_no_json_schema_is_refused(text: str) -> None:
    with pytest.raises(Unfit):
        json_schema_reader(Written("JSON", text))


def test_a_schema_that_refers_to_itself_ends() -> None:
    assert read({"$ref": "#"}, {"a": 1}) == {"a": 1}
    assert read({"properties": {"n": {"$ref": "#"}}}, {"n": {"n": {}}}) == {"n": {"n": {}}}


def test_a_pattern_that_takes_for_ever_ends_as_refused() -> None:
    hostile = {"properties": {"a": {"pattern": "^(?=a)(a|a)*$"}}}
    started = time.process_time()
    with pytest.raises(Undecodable, match="it breaks #/properties/a/pattern"):
        read(hostile, {"a": "a" * 60 + "!"})
    # Without a bound it would be 2**60 steps: this is no measurement.
    assert time.process_time() - started < 60
