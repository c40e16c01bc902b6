"""The AsyncAPI document: of the right structure, complete, and true of what is written."""

import re
from collections.abc import Iterable, Iterator
from functools import reduce
from pathlib import Path
from typing import Any

import jsonschema_rs
import orjson
import pytest
from ledger.folding import T, item
from ledger.samples import accepted, dropped, ended, intent, unknown
from ruamel.yaml import YAML

from bridge.holds.model import Hold, Reason
from bridge.intake.deadletters import Original, dead_letter
from bridge.kafka import Headers
from bridge.kafka.topics import TopicNames
from bridge.ledger.records import Record
from bridge.outcomes.cloudevents import headers
from bridge.outcomes.compose import compose

_FOLDER = Path(__file__).parents[2] / "docs" / "reference"
DOCUMENT: dict[str, Any] = YAML(typ="safe").load((_FOLDER / "asyncapi.yaml").read_text("utf-8"))
SCHEMA: dict[str, Any] = orjson.loads((_FOLDER / "outcome.schema.json").read_bytes())

_REFERENCE = {"type": "object", "required": ["$ref"], "maxProperties": 1}
_OPEN = {"type": "object"}


def _object(required: Iterable[str], **properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "required": list(required),
        "properties": properties | {"description": {"type": "string"}},
        "additionalProperties": False,
        "patternProperties": {"^x-": {}},
    }


def _named(what: Any) -> dict[str, Any]:
    return {"type": "object", "minProperties": 1, "additionalProperties": what}


# What this document uses of https://www.asyncapi.com/docs/reference/specification/v3.0.0, and nothing else.
_STRUCTURE = _object(
    ["asyncapi", "info", "channels", "operations", "components"],
    asyncapi={"const": "3.0.0"},
    info=_object(["title", "version"], title={"type": "string"}, version={"type": "string"}, license=_OPEN),
    defaultContentType={"type": "string"},
    servers=_named(
        _object(["host", "protocol"], host={"type": "string"}, protocol={"const": "kafka"}, variables=_OPEN)
    ),
    channels=_named(
        _object(
            ["address", "messages"],
            address={"type": "string"},
            parameters=_named(_object([], default={"type": "string"})),
            messages=_named(_REFERENCE),
            bindings=_named(_OPEN),
        )
    ),
    operations=_named(_object(["action", "channel"], action={"enum": ["send", "receive"]}, channel=_REFERENCE)),
    components=_object(
        ["messages", "schemas"],
        schemas=_named(_OPEN),
        messages=_named(
            _object(["payload"], contentType={"type": "string"}, headers=_OPEN, payload=_OPEN, bindings=_named(_OPEN))
        ),
    ),
)


def _references(node: Any) -> Iterator[str]:
    match node:
        case dict():
            if isinstance(node.get("$ref"), str):
                yield node["$ref"]
            for below in node.values():
                yield from _references(below)
        case list():
            for below in node:
                yield from _references(below)


def _fits(part: str, value: Any) -> None:
    """Raises ValidationError when the value is not as the schema at this pointer says."""
    schema = {"$ref": part, "components": DOCUMENT["components"]}
    jsonschema_rs.validator_for(schema, validate_formats=True).validate(value)


def _text(written: Headers) -> dict[str, str]:
    return {name: (content or b"").decode() for name, content in written}


def test_it_has_the_structure_of_the_specification() -> None:
    jsonschema_rs.validator_for(_STRUCTURE).validate(DOCUMENT)


def test_every_reference_leads_somewhere() -> None:
    found = set(_references(DOCUMENT))
    assert len(found) > 10
    for reference in found:
        assert reduce(lambda node, step: node[step], reference.removeprefix("#/").split("/"), DOCUMENT)


def test_every_parameter_of_an_address_is_explained() -> None:
    for channel in DOCUMENT["channels"].values():
        assert set(re.findall(r"{(\w+)}", channel["address"])) == set(channel["parameters"])


def test_every_schema_is_one() -> None:
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    jsonschema_rs.meta.validate(SCHEMA)
    for schema in DOCUMENT["components"]["schemas"].values():
        jsonschema_rs.meta.validate(schema)


def test_every_topic_of_the_service_is_a_channel_that_somebody_uses() -> None:
    names = TopicNames("{name}")
    own = {names.triggers, names.ledger, names.results, names.dead_letters, names.control}
    assert {channel["address"] for channel in DOCUMENT["channels"].values()} == own | {"{sourceTopic}"}
    used = {operation["channel"]["$ref"].rpartition("/")[2] for operation in DOCUMENT["operations"].values()}
    assert used == DOCUMENT["channels"].keys()


@pytest.mark.parametrize("records", [(intent(), accepted(), ended()), (intent(), unknown()), (dropped(),)])
def test_results_are_as_it_says_and_as_the_json_schema_says(records: tuple[Record, ...]) -> None:
    known = item(*records)
    end = known.best_end()
    assert end is not None
    outcome = compose(T, known, end)
    value = orjson.loads(outcome.model_dump_json())
    _fits("#/components/messages/outcome/payload", value)
    _fits("#/components/messages/outcome/headers", _text(headers(outcome, "bridge")))
    jsonschema_rs.Draft202012Validator(SCHEMA, validate_formats=True).validate(value)


def test_a_result_that_lacks_a_field_is_not_as_it_says() -> None:
    with pytest.raises(jsonschema_rs.ValidationError):
        _fits("#/components/messages/outcome/payload", {"result_id": "r"})


@pytest.mark.parametrize("limit", [100_000, 300])
def test_the_headers_of_dead_letters_are_as_it_says(limit: int) -> None:
    record = Original("matches", 3, 17, timestamp=5, key=b"k", value=b"x" * 400, headers=[])
    letter = dead_letter(record, "not JSON", topic="bridge.dead-letters", now=0, limit=limit)
    _fits("#/components/messages/deadLetter/headers", _text(letter.headers))


def test_holds_are_as_it_says() -> None:
    hold = Hold("brand/acme", Reason.THROTTLED, "429", "replica-1", at=1, until=2)
    _fits("#/components/messages/hold/payload", orjson.loads(hold.encode()))
