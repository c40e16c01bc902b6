"""Sources whose formats need a schema registry: what the table asks of the settings, and how events stand in files."""

from pathlib import Path

import orjson
import pytest

from bridge.configfile import ConfigError
from bridge.errors import BridgeError
from bridge.formats import REGISTERED, NoSchemas
from bridge.recorded.records import bare, encoding_of
from bridge.routing import Table, load_table
from bridge.routing.places import Places
from bridge.testing.cases import cases
from bridge.testing.running import run

ROUTES = """
version: 1
sources:
  matches: {topic: t, format: FORMAT, event_id: id, event_time: occurred_at}
generators:
  goal: {brand: acme, id: 11111111-2222-3333-4444-555555555555, context: {price: string, minute: integer}}
routes:
  - name: goal
    source: matches
    generator: goal
    topic_key: all
    expires_after: 5m
    context: {price: "{price}", minute: "{minute}"}
    tests:
      - name: an event as decoded
        event: {id: e1, occurred_at: "2026-02-05T20:12:00.000Z", price: "12.50", minute: 12}
        expect:
          - {topic_key: all, context: {price: "12.50", minute: 12}}
"""


def table(folder: Path, encoded: str, *, registry: bool | None) -> Table:
    path = folder / "routes.yaml"
    path.write_text(ROUTES.replace("FORMAT", encoded))
    return load_table(path, {}, registry=registry)


@pytest.mark.parametrize("encoded", REGISTERED)
def test_a_format_that_needs_a_registry_is_refused_where_the_settings_have_none(tmp_path: Path, encoded: str) -> None:
    assert table(tmp_path, encoded, registry=None).sources["matches"].format == encoded
    assert table(tmp_path, encoded, registry=True).sources["matches"].format == encoded
    with pytest.raises(ConfigError) as refused:
        table(tmp_path, encoded, registry=False)
    (problem,) = refused.value.problems
    assert str(problem).startswith(f"{tmp_path / 'routes.yaml'}:4:31: error")
    assert f"the format {encoded} needs a schema registry: set registry.url in the settings" in problem.message


def test_what_is_json_needs_no_registry(tmp_path: Path) -> None:
    assert table(tmp_path, "json", registry=False).sources


def test_where_the_extra_is_not_installed_the_error_names_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "bridge.formats.schemas.find_spec", lambda name: None if name == "confluent_kafka" else object()
    )
    with pytest.raises(ConfigError, match=r"pip install 'campaign-bridge\[registry\]'"):
        table(tmp_path, "avro", registry=True)
    assert table(tmp_path, "json", registry=True).sources


@pytest.mark.parametrize("encoded", REGISTERED)
def test_tests_beside_the_routes_hold_events_as_decoded(tmp_path: Path, encoded: str) -> None:
    of = table(tmp_path, encoded, registry=None)
    (tested,) = run(cases(Places.of(tmp_path / "routes.yaml", {})), of)
    assert tested.passed


def test_a_record_of_a_file_is_json_whatever_its_topic_holds() -> None:
    recorded = bare(orjson.dumps({"id": "e1"}), 0)
    assert {encoding_of(recorded, encoded) for encoded in REGISTERED} == {"json"}


def test_without_a_registry_a_schema_can_not_be_looked_up() -> None:
    with pytest.raises(BridgeError, match=r"schema 7 can't be looked up: the settings have no registry"):
        NoSchemas().reader(7, 0)


def test_the_format_is_part_of_the_tables_meaning_and_not_of_its_identity(tmp_path: Path) -> None:
    plain, avro = (table(tmp_path, encoded, registry=None) for encoded in ("json", "avro"))
    assert plain.hash != avro.hash
    assert plain.identity == avro.identity
