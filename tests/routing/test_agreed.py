"""A JSON Schema file as a contract: what it says is checked, and what it can't say is refused where it stands."""

import json
from pathlib import Path
from typing import Any

import pytest
from routing.tables import TABLE, event, only, problems, reason, spoiled, table, write

from bridge.configfile import ConfigError
from bridge.routing import Table, load_table
from bridge.routing.contract import FieldType
from bridge.routing.places import Places

CONTEXT = TABLE[TABLE.index("    context:\n") : TABLE.index("lookups:")]
AGREED = spoiled(CONTEXT, "    schema: goal.schema.json\n")
SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "https://example.com/goal.schema.json",
    "title": "Goal Scored",
    "type": "object",
    "required": ["team_name", "minute", "url"],
    "properties": {
        "team_name": {"type": "string", "description": "The team that the goal counts for"},
        "minute": {"$ref": "#/$defs/minute", "description": "As the clock counts"},
        "url": {"type": "string", "format": "uri", "pattern": "^https://example\\.com/"},
        "assist": {"enum": ["Wirtz", "Kimmich"]},
    },
    "$defs": {"minute": {"type": "integer", "minimum": 1, "maximum": 130}},
}


def agreed(folder: Path, schema: Any, text: str = AGREED) -> Path:
    content = schema if isinstance(schema, str) else json.dumps(schema, indent=2)
    return write(folder, text, {"teams.csv": "team_id,topic_key\nGER,t\n", "goal.schema.json": content})


def changed(field: str, **keywords: Any) -> dict[str, Any]:
    return {**SCHEMA, "properties": {**SCHEMA["properties"], field: keywords}}


def found(folder: Path, schema: Any) -> list[str]:
    """What is wrong, each as `line: severity: message`."""
    path = agreed(folder, schema)
    try:
        noted = load_table(path, {}).warnings
    except ConfigError as error:
        noted = error.problems
    return [
        f"{one.place.file.rsplit('/', 1)[-1]}:{one.place.line}: {one.severity}: {one.message}"
        for one in noted
        if one.place
    ]


@pytest.fixture
def of(tmp_path: Path) -> Table:
    return load_table(agreed(tmp_path, SCHEMA), {})


def test_properties_become_fields(of: Table) -> None:
    fields = of.routes["goal"].generator.contract.fields
    assert {name: (one.type, one.required) for name, one in fields.items()} == {
        "team_name": (FieldType.STRING, True),
        "minute": (FieldType.INTEGER, True),
        "url": (FieldType.URL, True),
        "assist": (FieldType.STRING, False),
    }
    assert fields["minute"].description == "As the clock counts"
    assert fields["minute"].rules == "at least 1, at most 130"
    assert fields["assist"].rules == 'one of "Wirtz", "Kimmich"'
    assert of.warnings == ()


def test_a_running_service_watches_the_file(of: Table, tmp_path: Path) -> None:
    assert tmp_path / "goal.schema.json" in of.files


def test_what_fits_is_sent(of: Table) -> None:
    assert only(of, event()).verdict is None


def test_what_a_contract_has_no_word_for_is_checked_all_the_same(of: Table) -> None:
    assert reason(of, event(minute=0)) == (
        "route goal: field minute is integer 0, and by the agreed schema it is less than the minimum of 1"
    )
    assert "by the agreed schema it is not one of" in reason(of, event(assist={"name": "Kroos"}))


def test_the_types_are_as_strict_as_everywhere(of: Table) -> None:
    assert "field minute should be an integer, is number 12.0" in reason(of, event(minute=12.0))
    assert "field team_name" in reason(of, event(team={"id": "GER", "name": 5}))


def test_what_the_fields_ask_of_one_another_is_checked(tmp_path: Path) -> None:
    of = load_table(agreed(tmp_path, {**SCHEMA, "dependentRequired": {"team_name": ["assist"]}}), {})
    assert only(of, event()).verdict is None
    assert reason(of, event(assist=...)) == (
        'route goal: context does not fit goal.schema.json: "assist" is a required property'
    )


def test_what_only_the_whole_asks_of_a_field_is_checked(tmp_path: Path) -> None:
    of = load_table(agreed(tmp_path, {**SCHEMA, "allOf": [{"properties": {"minute": {"minimum": 20}}}]}), {})
    assert "field minute does not fit goal.schema.json: it is less than the minimum of 20" in reason(of, event())


def test_an_older_draft_is_read_by_its_own_rules(tmp_path: Path) -> None:
    old = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$id": "https://example.com/old.json",
        "definitions": {"minute": {"type": "integer", "maximum": 45}},
        "properties": {**SCHEMA["properties"], "minute": {"$ref": "#/definitions/minute"}},
    }
    of = load_table(agreed(tmp_path, old), {})
    assert only(of, event()).verdict is None
    assert "the maximum of 45" in reason(of, event(minute=46))


def test_a_schema_may_refer_to_itself_by_its_id(tmp_path: Path) -> None:
    whole = changed("minute", **{"$ref": "https://example.com/goal.schema.json#/$defs/minute", "type": "integer"})
    of = load_table(agreed(tmp_path, whole), {})
    assert "the minimum of 1" in reason(of, event(minute=0))


def test_a_constant_is_held_against_the_schema_before_any_event(tmp_path: Path) -> None:
    text = spoiled('assist: "{assist.name}"', "assist: Kroos", AGREED)
    with pytest.raises(ConfigError, match=r'routes.yaml:\d+:15: error: assist is string "Kroos", and by the agreed'):
        load_table(agreed(tmp_path, SCHEMA, text), {})


def test_descriptions_change_no_fingerprint_and_rules_do(tmp_path: Path) -> None:
    of = load_table(agreed(tmp_path, SCHEMA), {})
    described = load_table(agreed(tmp_path, {**SCHEMA, "title": "x", **changed("team_name", type="string")}), {})
    stricter = load_table(agreed(tmp_path, changed("team_name", type="string", maxLength=9)), {})
    assert described.route_fingerprints == of.route_fingerprints
    assert stricter.route_fingerprints != of.route_fingerprints
    assert stricter.identity == of.identity


def test_a_description_in_the_table_changes_no_fingerprint(tmp_path: Path) -> None:
    plain = table(tmp_path)
    text = spoiled("minute: integer", 'minute: {type: integer, description: "As the clock counts"}')
    described = table(tmp_path, spoiled("match: {type: goal}", "match: {type: goal}\n    description: A goal.", text))
    assert described.hash == plain.hash
    assert described.routes["goal"].description == "A goal."
    assert described.generators["goal-scored"].contract.fields["minute"].description == "As the clock counts"


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ("[]", "goal.schema.json:1: error: a JSON Schema must be an object, is array"),
        ("{", "goal.schema.json:1: error: not YAML"),
        ({"type": "object"}, "goal.schema.json:1: error: the contract of generator goal-scored has no fields"),
        ({**SCHEMA, "type": "array"}, 'goal.schema.json:5: error: the context of a call is an object, is string "arr'),
        (changed("minute", minimum=3), "goal.schema.json:16: error: minute must have one type of string, integer"),
        (changed("minute", anyOf=[{"type": "string"}]), "goal.schema.json:16: error: minute must have one type of"),
        (changed("minute", type=["integer", "null"]), "goal.schema.json:17: error: minute may be null"),
        (changed("minute", type=["integer", "string"]), "goal.schema.json:17: error: minute must have one type"),
        (changed("minute", type="int"), "goal.schema.json:17: error: not a JSON Schema that can be used: "),
        (changed("minute", type="integer", minimum="1"), "goal.schema.json:18: error: not a JSON Schema"),
        (changed("minute", type="string", pattern="(?=a)"), "patterns have neither look-around"),
        (changed("minute", type="string", format="money"), "nobody could check it"),
        (changed("minute", **{"$ref": "minute.json"}), "put what it refers to under $defs"),
        (changed("minute", **{"$ref": "#/$defs/minite"}), "goal.schema.json:1: error: not a JSON Schema"),
        ({**SCHEMA, "$schema": "https://example.com/mine"}, "leave $schema out, or write"),
        (
            {**SCHEMA, "required": ["team_nmae"]},
            "goal.schema.json:7: error: team_nmae is required and not described: give it a type under properties; did you mean 'team_name'?",
        ),
        ({**SCHEMA, "properties": {**SCHEMA["properties"], "minute": True}}, "minute may be anything"),
        (
            json.dumps(changed("minute", type="integer", const=1)).replace('"const": 1', '"title": "\\ud800"'),
            "half of a character",
        ),
    ],
)
def test_what_is_no_contract_is_refused_where_it_stands(tmp_path: Path, schema: Any, expected: str) -> None:
    noted = found(tmp_path, schema)
    assert any(expected in line for line in noted), noted


def test_a_word_that_nothing_checks_is_warned_of(tmp_path: Path) -> None:
    noted = found(tmp_path, changed("minute", type="integer", maximun=130, **{"x-unit": "min"}))
    assert noted == [
        "goal.schema.json:18: warning: maximun is no keyword of JSON Schema, so nothing checks it; did you mean 'maximum'?"
    ]


def test_a_letter_of_two_escapes_is_one_letter(tmp_path: Path) -> None:
    of = load_table(agreed(tmp_path, changed("team_name", type="string", enum=["\N{SOCCER BALL}\N{GOAT}"])), {})
    assert only(of, event(team={"id": "GER", "name": "\N{SOCCER BALL}\N{GOAT}"})).verdict is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            AGREED.replace("goal.schema.json", "none.json"),
            "can't read none.json: there is no such file beside this one",
        ),
        (AGREED.replace("    schema:", f"{CONTEXT}    schema:"), "has a context and a schema: the contract is one of"),
        (AGREED.replace("    schema: goal.schema.json\n", ""), "needs its contract: context, with the type of each"),
        (AGREED.replace("goal.schema.json", ""), "schema"),
        (AGREED.replace("goal.schema.json", "5"), "schema"),
    ],
)
def test_a_generator_has_one_contract(tmp_path: Path, text: str, expected: str) -> None:
    agreed(tmp_path, SCHEMA)
    (tmp_path / "routes.yaml").write_text(text)
    with pytest.raises(ConfigError, match=expected.replace("(", r"\(")) as raised:
        load_table(tmp_path / "routes.yaml", {})
    assert len(raised.value.problems) == 1, raised.value.problems


def test_the_table_without_a_schema_is_as_it_was(tmp_path: Path) -> None:
    assert problems(tmp_path, TABLE) == ()


def test_where_a_field_is_described_is_known(tmp_path: Path) -> None:
    place = Places.of(agreed(tmp_path, SCHEMA), {}).field("goal-scored", "minute")
    assert place is not None
    assert (Path(place.file).name, place.line) == ("goal.schema.json", 16)
