"""The JSON Schemas for editors: they take what the service takes, and say something about everything."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema_rs import Validator, meta, validator_for
from routing.test_odd_tables import RICH as ODD
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[1]
REFERENCE = ROOT / "docs" / "reference"


def schema(name: str) -> Any:
    return json.loads((REFERENCE / f"{name}.schema.json").read_text())


def validator(name: str) -> Validator:
    return validator_for(schema(name))


def parsed(text: str) -> Any:
    return YAML(typ="safe", pure=True).load(text)


def of_the_page() -> list[Any]:
    page = (ROOT / "docs" / "routing.md").read_text()
    return [parsed(block) for block in re.findall(r"```yaml\n(.*?)```", page, re.DOTALL) if "version: 1" in block]


@pytest.mark.parametrize(("file", "name"), [("routes.yaml", "routes"), ("bridge.yaml", "settings")])
def test_the_files_of_the_repository_fit_the_schema_that_their_first_line_names(file: str, name: str) -> None:
    path = ROOT / "config" / file
    first, _, rest = path.read_text().partition("\n")
    named = re.fullmatch(r"# yaml-language-server: \$schema=(\S+)", first)
    assert named is not None
    assert (path.parent / named[1]).resolve() == REFERENCE / f"{name}.schema.json"
    assert list(validator(name).iter_errors(parsed(rest))) == []


def test_the_tables_of_the_page_and_of_the_tests_fit_the_schema() -> None:
    tables = [*of_the_page(), parsed(ODD)]
    assert len(tables) > 1
    for table in tables:
        assert [str(error) for error in validator("routes").iter_errors(table)] == []


@pytest.mark.parametrize("name", ["routes", "settings"])
def test_a_schema_is_one_and_its_references_lead_somewhere(name: str) -> None:
    whole = schema(name)
    meta.validate(whole)
    references = {node["$ref"] for node in nodes(whole) if "$ref" in node}
    assert len(references) > 5
    assert {reference.removeprefix("#/$defs/") for reference in references} <= whole["$defs"].keys()
    assert "x-part" not in json.dumps(whole)


@pytest.mark.parametrize("name", ["routes", "settings"])
def test_every_key_of_a_file_has_a_text_to_hover(name: str) -> None:
    whole = schema(name)
    for node in nodes(whole):
        for key, told in node.get("properties", {}).items():
            of = told | (whole["$defs"][told["$ref"].removeprefix("#/$defs/")] if "$ref" in told else {})
            if key not in ("topic_key", "context", "rejected", "unmapped"):  # of a test: the mapping says it
                assert of.get("description", "").strip(), key


@pytest.mark.parametrize("duration", ["10m", "${EXPIRY:-10m}"])
def test_a_text_may_come_from_the_environment(duration: str) -> None:
    assert validator("routes").is_valid({"version": 1, "defaults": {"expires_after": duration}})
    assert not validator("routes").is_valid({"version": 1, "defaults": {"expires_after": "10"}})
    assert validator("settings").is_valid({"http": {"port": "${PORT}"}})
    assert not validator("settings").is_valid({"http": {"port": "many"}})


def nodes(schema: Any) -> Iterator[dict[str, Any]]:
    """All mappings of a schema that are schemas, and some that are not."""
    if isinstance(schema, dict):
        yield schema
    for inner in schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ():
        yield from nodes(inner)
