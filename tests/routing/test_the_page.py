"""docs/routing.md: every piece of YAML on it can be used, and every value in a comment is what comes of it."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema_rs import validator_for
from ruamel.yaml import YAML

from bridge.configfile import ConfigError
from bridge.durations import parse_instant
from bridge.events import Event, Source
from bridge.routing import Table, load_table
from bridge.routing.contract import FieldType

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "routing.md").read_text()
WHOLE, *PIECES = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
CONTEXTS = [piece for piece in PIECES if piece.startswith("context:")]
SECTIONS = [piece for piece in PIECES if not piece.startswith("context:")]
EVENT = json.loads(next(block for block in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL) if '"price"' in block))
FILES = {
    "lookups/teams.csv": "team_id,topic_key\nGER,00000000-abcd\n",
    "lookups/venues.yaml": "V1: Olympiastadion\n",
    "lookups/leagues.json": '[{"id": "BL", "topic_key": "league+BL"}]',
    "schemas/match-events.json": "{}",
}


def parsed(text: str) -> Any:
    return YAML(typ="safe", pure=True).load(text)


def load(folder: Path, data: Any) -> Table:
    for name, content in FILES.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(content)
    path = folder / "routes.yaml"
    path.write_text(json.dumps(data, indent=1))
    return load_table(path, {})


def with_piece(piece: Any) -> Any:
    """The whole table of the page, with a piece of another one in it: sections by name, routes too."""
    data = parsed(WHOLE)
    for section, given in piece.items():
        if section == "routes":
            known = {route["name"]: route for route in data["routes"]}
            data["routes"] = list((known | {one["name"]: known.get(one["name"], {}) | one for one in given}).values())
        else:
            data[section] = data.get(section, {}) | given
    return data


@pytest.mark.parametrize("piece", SECTIONS, ids=[piece.split("\n")[0] for piece in SECTIONS])
def test_every_piece_of_a_table_fits_into_the_one_of_the_page(tmp_path: Path, piece: str) -> None:
    data = with_piece(parsed(piece))
    assert load(tmp_path, data).routes
    schema = json.loads((ROOT / "docs" / "reference" / "routes.schema.json").read_text())
    assert [str(error) for error in validator_for(schema).iter_errors(data)] == []


VALUES = [
    (found[1], found[2], found[3])
    for piece in CONTEXTS
    for line in piece.splitlines()[1:]
    if (found := re.fullmatch(r"  (\w+): (.*?) +# (.*)", line))
]


def test_every_line_of_a_context_says_what_it_makes() -> None:
    assert len(VALUES) == sum(len(piece.splitlines()) - 1 for piece in CONTEXTS) > 15


@pytest.mark.parametrize(("name", "written", "expected"), VALUES, ids=[name for name, _, _ in VALUES])
def test_a_value_of_a_context_is_what_the_page_says(tmp_path: Path, name: str, written: str, expected: str) -> None:
    now = parse_instant(EVENT["occurred_at"])
    for kind in FieldType:
        data = parsed(WHOLE)
        data["generators"]["goal-scored"]["context"] = {name: str(kind)}
        data["routes"][0] |= {"context": {name: parsed(written)}, "tests": []}
        try:
            of = load(tmp_path, data)
        except ConfigError:
            continue  # not this type
        (trigger,) = of.decide("matches", Event(EVENT, Source("t", 0, 0), now), now).triggers
        if trigger.verdict is None:
            made = trigger.context[name]
            assert (made.replace("\u00a0", " ") if isinstance(made, str) else made) == json.loads(expected)
            return
    pytest.fail(f"{written} can't be sent as any type")


def test_the_links_of_the_page_lead_to_its_headings() -> None:
    headings = {
        re.sub(r"[^a-z0-9 -]", "", title.lower()).replace(" ", "-")
        for title in re.findall(r"^#+ (.*)$", PAGE, re.MULTILINE)
    }
    assert set(re.findall(r"\]\(#([^)]*)\)", PAGE)) <= headings


def test_what_check_prints_is_as_the_page_shows_it(tmp_path: Path) -> None:
    """The two lines about a schema: every word of them is the service's own."""
    shown = [
        line.strip().split("error: ", 1)[1]
        for line in PAGE.splitlines()
        if line.startswith("    routes.yaml:") and "(events.json)" in line
    ]
    assert len(shown) == 2
    schema = {"oneOf": [{"properties": {name: {} for name in ("id", "occurred_at", "match", "player", "minute", "home", "away", "assist")} | {"type": {"const": kind}, "team": {"properties": {"id": {}, "name": {"type": "string"}}}}} for kind in ("goal", "card")]}  # fmt: skip
    said = []
    for change in (
        {"match": {"type": "gaol"}},
        {"context": parsed(WHOLE)["routes"][0]["context"] | {"minute": "{team.name}"}},
    ):
        data = parsed(WHOLE)
        data["sources"]["matches"]["schema"] = "events.json"
        data["routes"][0] |= change | {"when": "true == has(event.id)"}
        (tmp_path / "events.json").write_text(json.dumps(schema))
        with pytest.raises(ConfigError) as caught:
            load(tmp_path, data)
        said += [problem.message for problem in caught.value.problems if problem.severity == "error"]
    assert said == shown
