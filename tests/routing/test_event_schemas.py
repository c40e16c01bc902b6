"""Where a source names the schema of its events, what a route reads of them is held against it."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from routing.tables import TABLE, spoiled, write

from bridge.configfile import ConfigError, Problem
from bridge.routing import load_table

JSON_SCHEMA: dict[str, Any] = {
    "$defs": {"side": {"type": "object", "properties": {"id": {"type": ["string", "integer"]}, "name": {"type": "string"}}}},
    "type": "object",
    "properties": {
        "id": {"type": "string"},
        "occurred_at": {"type": "string", "format": "date-time"},
        "match": {"allOf": [{"$ref": "#/$defs/side"}, {"properties": {"venue": {"type": "string"}}}]},
        "extra": {"type": "object", "properties": {"known": {}}, "additionalProperties": True},
    },
    "oneOf": [
        {"properties": {"type": {"const": "goal"}, "minute": {"type": "integer"}, "team": {"$ref": "#/$defs/side"}, "assist": {"anyOf": [{"type": "null"}, {"$ref": "#/$defs/side"}]}, "scorers": {"type": "array", "items": {"type": "string"}}, "xg": {"type": "number"}}},
        {"properties": {"type": {"const": "card"}, "minute": {"type": "string"}, "colour": {"enum": ["yellow", "red"]}}},
    ],
}  # fmt: skip
SIDE = {"type": "record", "name": "Side", "fields": [{"name": "id", "type": ["string", "int"]}, {"name": "name", "type": "string"}]}  # fmt: skip
AVRO: Any = {
    "type": "record",
    "name": "Match",
    "namespace": "sports",
    "fields": [
        {"name": "id", "type": "string"},
        {"name": "type", "type": {"type": "enum", "name": "Type", "symbols": ["goal", "card"]}},
        {"name": "occurred_at", "type": {"type": "string", "logicalType": "some-other"}},
        {"name": "match", "type": SIDE},
        {"name": "minute", "type": "int"},
        {"name": "team", "type": "Side"},
        {"name": "assist", "type": ["null", "sports.Side"]},
        {"name": "scorers", "type": {"type": "array", "items": "string"}},
        {"name": "colour", "type": "string"},
        {"name": "xg", "type": "double"},
        {"name": "extra", "type": {"type": "map", "values": "string"}},
    ],
}
SCHEMAS = {"events.json": JSON_SCHEMA, "events.avsc": AVRO}
KEY = '{lookup: teams, key: "{team.id}"}'


def found(folder: Path, text: str, file: str, schema: Any = None) -> list[Problem]:
    """What is said about a table whose source names this schema."""
    content = SCHEMAS[file] if schema is None else schema
    (folder / file).write_text(content if isinstance(content, str) else json.dumps(content))
    path = write(folder, spoiled("    event_id: ", f"    schema: {file}\n    event_id: ", text))
    try:
        return list(load_table(path, {}).warnings)
    except ConfigError as error:
        return list(error.problems)


@pytest.mark.parametrize("file", SCHEMAS)
def test_a_table_that_reads_what_events_have_is_fine(tmp_path: Path, file: str) -> None:
    assert found(tmp_path, TABLE, file) == []


BOTH = list(SCHEMAS)
MISTAKES = [
    ("event_id: id", "event_id: di", BOTH, "6:15 di is in no event: the schema of source matches (FILE) has no di: it has id, "),
    ("order_by: match.id", "order_by: match.idd", BOTH, "8:15 match.idd is in no event: the schema of source matches (FILE) has no idd in match; did you mean 'id'?"),
    ("event_time: occurred_at", "event_time: match", BOTH[:1], "7:17 match should be string for a time, but is object"),
    ("event_time: occurred_at", "event_time: {path: occurred_at, unit: epoch_ms}", BOTH[:1], "7:24 occurred_at should be integer for a time, but is string"),
    ("{type: goal}", "{tpye: goal}", BOTH, "24:19 tpye is in no event: the schema of source matches (FILE) has no tpye; did you mean 'type'?"),
    ("{type: goal}", "{type: gaol}", BOTH, "24:19 type is never \"gaol\", so the route can't match: by the schema of source matches (FILE) it is \"goal\", \"card\"; did you mean 'goal'?"),
    ("{type: goal}", "{type: [goal, 7]}", BOTH, "24:19 type is never 7: by the schema of"),
    ("{type: goal}", "{type: goal, minute: '12'}", BOTH[:1], "24:12 the schema of source matches (FILE) has no events with all of these, so the route can't match"),
    ("{type: goal}", "{type: goal, match.id: true}", BOTH, "24:35 match.id is never true, so the route can't match: by the schema of source matches (FILE) it is integer or string"),
    ("event.minute <= 120", "event.minutes <= 120", BOTH, "25:11 minutes is in no event that match lets through: "),
    ("event.minute <= 120", "has(event.team.nmae)", BOTH, "25:11 team.nmae is in no event that match lets through: "),
    ("event.minute <= 120", "event.minute <= 120 && event.team.title.startsWith('x')", BOTH, "25:11 team.title is in no event that match lets through: "),
    (KEY, '{lookup: teams, key: "{team.idd}"}', BOTH, "27:37 team.idd is in no event that match lets through: "),
    (KEY, "'{team}'", BOTH, "27:16 team should be integer or string for a key, but is object in "),
    (KEY, "['x', '{scorers}']", BOTH, "27:22 scorers should be integer or string for a key, but is array in "),
    ('"{match.id}/{id}"', '"{match.id}/{idd}"', BOTH, "28:16 idd is in no event that match lets through"),
    ('minute: "{minute}"', 'minute: "{team.name}"', BOTH, "31:15 team.name should be integer for minute, an integer by the contract, but is string in "),
    ('minute: "{minute}"', 'minute: "{colour}"', BOTH[:1], "31:15 colour is in no event that match lets through: the schema of source matches (FILE) has no colour"),
    ('minute: "{minute}"', "minute: {cel: event.minut}", BOTH, "31:21 minut is in no event that match lets through"),
    ('team_name: "{team.name}"', 'team_name: "{scorers}"', BOTH, "30:18 scorers should be string for team_name, a string by the contract, but is array in "),
    ('team_name: "{team.name}"', 'team_name: "{team.name} {scorers}"', BOTH, "30:18 scorers should be boolean or integer or number or string for a text, but is array"),
    ('team_name: "{team.name}"', 'team_name: "{scorers[0].first}"', BOTH, "30:18 scorers[0].first is in no event that match lets through"),
    ('team_name: "{team.name}"', 'team_name: {time: "{minute}", format: "HH:mm", zone: UTC}', BOTH, "30:25 minute should be string for a time, but is integer"),
    ('team_name: "{team.name}"', 'team_name: {number: "{team.name}", decimals: 1}', BOTH, "30:27 team.name should be integer or number for a number, but is string"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "file", "message"), [(old, new, file, message) for old, new, files, message in MISTAKES for file in files])  # fmt: skip
def test_what_no_event_has_or_has_otherwise_is_an_error_at_the_reference(
    tmp_path: Path, old: str, new: str, file: str, message: str
) -> None:
    problems = [one for one in found(tmp_path, spoiled(old, new), file) if one.severity == "error"]
    said = [f"{one.place.line}:{one.place.column} {one.message}" for one in problems if one.place]
    assert len(said) == len(problems) == 1, said
    assert said[0].startswith(message.replace("FILE", file)), said[0]


@pytest.mark.parametrize("file", SCHEMAS)
def test_a_type_that_only_some_events_have_is_a_warning(tmp_path: Path, file: str) -> None:
    for old, new, message in (
        ('team_name: "{team.name}"', 'team_name: "{team.id}"', "team.id should be string for team_name, a string by the contract, but may be integer in "),
        ('minute: "{minute}"', 'minute: "{xg}"', "xg should be integer for minute, an integer by the contract, but may be number in "),
        (KEY, '{lookup: teams, key: "{xg}"}', "xg should be integer or string for a key, but may be number in "),
    ):  # fmt: skip
        (warning,) = found(tmp_path, spoiled(old, new), file)
        assert warning.severity == "warning"
        assert warning.message.startswith(message)
        assert warning.message.endswith("such events are rejected")


@pytest.mark.parametrize("file", SCHEMAS)
def test_what_a_schema_leaves_open_may_be_anything(tmp_path: Path, file: str) -> None:
    assert found(tmp_path, spoiled('minute: "{minute}"', "minute: {cel: event.extra.size()}"), file) == []
    assert found(tmp_path, spoiled('team_name: "{team.name}"', 'team_name: "{extra.whatever}"'), file) == []
    assert found(tmp_path, spoiled('team_name: "{team.name}"', 'team_name: "{$headers.whatever}"'), file) == []


def test_a_route_with_another_mistake_is_held_against_the_schema_too(tmp_path: Path) -> None:
    text = spoiled(
        "5m", "5 m", spoiled("generator: goal-scored", "generator: none", spoiled("{team.name}", "{team.nmae}"))
    )
    assert len([one for one in found(tmp_path, text, "events.json") if one.severity == "error"]) == 3


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        ("events.json", "{", "events.json:1:2: error: is not JSON"),
        ("events.json", '{"type": "strng"}', "routes.yaml:5:13: error: events.json is no valid JSON Schema"),
        ("events.json", "[]", "routes.yaml:5:13: error: events.json is no valid JSON Schema"),
        ("events.json", "false", "routes.yaml:5:13: error: no event can fulfil events.json"),
        ("events.json", "[" * 100_000, "routes.yaml:5:13: error: events.json is nested too deeply"),
        ("events.avsc", "[]", "routes.yaml:5:13: error: no event can fulfil events.avsc"),
        ("events.txt", "{}", "routes.yaml:5:13: error: events.txt must end in .json"),
    ],
)  # fmt: skip
def test_a_schema_that_can_not_be_used_is_an_error(tmp_path: Path, file: str, content: str, message: str) -> None:
    (problem,) = found(tmp_path, TABLE, file, content)
    assert message in str(problem)


def test_a_schema_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"routes.yaml:5:13: error: can't read none.json: No such file"):
        load_table(write(tmp_path, spoiled("    event_id: ", "    schema: none.json\n    event_id: ")), {})


def test_a_schema_that_refers_to_itself_ends(tmp_path: Path) -> None:
    loop = {"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/a"}}}
    assert found(tmp_path, TABLE, "events.json", loop) == []
    tree = {"$defs": {"node": {"properties": {"id": {}, "occurred_at": {}, "type": {}, "minute": {}, "name": {}, **{name: {"$ref": "#/$defs/node"} for name in ("match", "team", "assist")}}}}, "$ref": "#/$defs/node"}  # fmt: skip
    assert found(tmp_path, TABLE, "events.json", tree) == []
    assert len(found(tmp_path, spoiled("{assist.name}", "{assist.team.assist.nme}"), "events.json", tree)) == 1


def test_if_and_then_tell_what_events_of_a_type_have(tmp_path: Path) -> None:
    rest: dict[str, Any] = {name: {} for name in ("id", "occurred_at", "match", "team", "assist", "type")}
    schema = {
        "properties": rest,
        "if": {"properties": {"type": {"const": "goal"}}},
        "then": {"properties": {"minute": {"type": "string"}}},
    }
    problems = found(tmp_path, TABLE, "events.json", schema)
    assert [one.message.split(",")[0] for one in problems] == ["minute should be integer for minute"]


WORDS = ["type", "properties", "items", "oneOf", "anyOf", "allOf", "$ref", "if", "then", "const", "enum", "additionalProperties", "fields", "symbols", "name", "values", "record", "enum", "array", "map", "string", "object", "#", "#/a", "logicalType", "team", "id"]  # fmt: skip
ODD = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2) | st.sampled_from(WORDS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=4),
    max_leaves=12,
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("schemas")


@pytest.mark.parametrize("file", SCHEMAS)
@given(schema=ODD)
def test_whatever_a_schema_holds_nothing_crashes(folder: Path, file: str, schema: Any) -> None:
    assert all(problem.place is not None for problem in found(folder, TABLE, file, schema))
