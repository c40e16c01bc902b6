"""The examples of config/examples: nothing to complain of, each does what its tests say, and its sample events show it."""

from pathlib import Path

import orjson
import pytest
from jsonschema_rs import validator_for
from routing.tables import assert_expected

from bridge.configfile import load
from bridge.events import Event, Source
from bridge.routing import Table, load_table
from bridge.routing.deciding import event_time_of

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "config" / "examples"
DOCS = ROOT / "docs" / "examples"
TABLES = {
    "sports": "sports/routes.yaml",
    "streaming": "streaming/routes.yaml",
    "retail": "retail/routes.yaml",
    "shared": "shared/routes",
}
FILES = {"shared": {"matches": "events.jsonl", "status": "status-events.jsonl"}}
every = pytest.mark.parametrize("name", list(TABLES))


def table_of(name: str) -> Table:
    return load_table(EXAMPLES / TABLES[name], {}, brands={"acme", "acme_outlet"})


def files_of(name: str) -> list[Path]:
    path = EXAMPLES / TABLES[name]
    return sorted(path.glob("*.yaml")) if path.is_dir() else [path]


def test_no_folder_is_left_out() -> None:
    assert {path.name for path in EXAMPLES.iterdir()} == set(TABLES)


@every
def test_there_is_nothing_to_complain_of(name: str) -> None:
    assert table_of(name).warnings == ()


@every
def test_an_editor_has_nothing_to_underline(name: str) -> None:
    schema = validator_for(orjson.loads((ROOT / "docs" / "reference" / "routes.schema.json").read_bytes()))
    for file in files_of(name):
        named = file.read_text().splitlines()[0].partition("$schema=")[2]
        assert (file.parent / named).samefile(ROOT / "docs" / "reference" / "routes.schema.json")
        assert [error.message for error in schema.iter_errors(load(file, {}).data)] == []


@every
def test_the_tests_beside_the_routes_hold(name: str) -> None:
    of = table_of(name)
    routes = [route for file in files_of(name) for route in load(file, {}).data.get("routes", [])]
    assert {route["name"] for route in routes if route["tests"]} == set(of.routes)
    for route in routes:
        for example in route["tests"]:
            assert_expected(of, route["source"], example)


@every
def test_its_sample_events_make_every_route_fire(name: str) -> None:
    of = table_of(name)
    fired = set()
    for source, config in of.sources.items():
        lines = (EXAMPLES / name / FILES.get(name, {}).get(source, "events.jsonl")).read_text().splitlines()
        for line in lines:
            event = Event(orjson.loads(line), Source(config.topic, 0, 0), -1)
            decided = of.decide(source, event, event_time_of(config.event_time, event))
            fired |= {trigger.route for trigger in decided.triggers if trigger.verdict is None}
    assert fired == set(of.routes)


@every
def test_its_page_shows_lines_that_are_in_its_files(name: str) -> None:
    files = "".join(path.read_text() for path in sorted((EXAMPLES / name).rglob("*.*")))
    blocks = (DOCS / f"{name}.md").read_text().split("```yaml\n")[1:]
    assert blocks
    for block in blocks:
        assert block.split("```")[0] in files
