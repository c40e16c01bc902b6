"""The table that the docs explain and the table of the demo: both work as they are printed."""

from pathlib import Path
from typing import Any

import pytest
from routing.tables import assert_expected

from bridge.configfile import load
from bridge.events import Event, Source
from bridge.routing import Table, load_table
from bridge.triggers import Priority, Rejected, Unmapped

ROOT = Path(__file__).parents[2]


def of_the_docs(folder: Path) -> Path:
    """The table that docs/routing.md prints, with the lookup that it prints."""
    page = (ROOT / "docs" / "routing.md").read_text()
    (folder / "lookups").mkdir()
    (folder / "lookups" / "teams.csv").write_text(page.split("```csv\n")[1].split("```")[0])
    path = folder / "routes.yaml"
    path.write_text(page.split("```yaml\n")[1].split("```")[0])
    return path


def check_examples(path: Path) -> int:
    """Hold the tests beside the routes of a file against what is decided, and count them."""
    of = load_table(path, {})
    assert of.warnings == ()
    examples = [(route, example) for route in load(path, {}).data["routes"] for example in route.get("tests", [])]
    for route, example in examples:
        assert_expected(of, route["source"], example)
    return len(examples)


def test_the_table_of_the_docs_does_what_its_tests_say(tmp_path: Path) -> None:
    assert check_examples(of_the_docs(tmp_path)) == 1


def test_the_table_of_the_docs_means_what_its_comments_say(tmp_path: Path) -> None:
    of = load_table(of_the_docs(tmp_path), {})
    route = of.routes["goal"]
    assert (route.brand, route.mode, route.priority, route.expires_after) == ("acme", "live", Priority.HIGH, 300_000)
    assert of.sources["matches"].topic == "sports.match-events"


def test_the_table_of_the_demo_does_what_its_tests_say() -> None:
    assert check_examples(ROOT / "config" / "routes.yaml") == 11


MATCH = {
    "id": "m1",
    "name": "Germany vs Japan",
    "venue": "Khalifa International Stadium, Al Rayyan",
    "stage": "Matchday 4",
}
SIDES = {"home": {"id": "GER", "name": "Germany", "goals": 1}, "away": {"id": "JPN", "name": "Japan", "goals": 0}}
WHEN = "2022-11-23T14:00:00Z"
NOW = 1_669_212_000_000


@pytest.fixture(scope="module")
def demo() -> Table:
    return load_table(ROOT / "config" / "routes.yaml", {})


def decide(demo: Table, body: dict[str, Any], source: str = "matches") -> list[tuple[str, str | None]]:
    """The routes that fired, and the key that a lookup lacked."""
    triggers = demo.decide(source, Event(body, Source("t", 0, 0), NOW), NOW).triggers
    assert not any(isinstance(trigger.verdict, Rejected) for trigger in triggers)
    return [
        (trigger.route, trigger.verdict.key if isinstance(trigger.verdict, Unmapped) else None) for trigger in triggers
    ]


def test_a_match_start_is_told_to_the_fans_of_both_teams(demo: Table) -> None:
    start = {"id": "s", "type": "match_started", "occurred_at": WHEN, "match": {**MATCH, "group": "Group E"}, **SIDES}
    assert decide(demo, start) == [("match-start", None)] * 2


def test_a_knock_out_match_has_no_group(demo: Table) -> None:
    start = {"id": "s", "type": "match_started", "occurred_at": WHEN, "match": MATCH, **SIDES}
    triggers = demo.decide("matches", Event(start, Source("t", 0, 0), NOW), NOW).triggers
    assert [trigger.verdict for trigger in triggers] == [None, None]
    assert all("group" not in trigger.context for trigger in triggers)


def test_the_fans_of_costa_rica_have_no_topic(demo: Table) -> None:
    sides = {**SIDES, "away": {"id": "CRC", "name": "Costa Rica", "goals": 0}}
    start = {"id": "s", "type": "match_started", "occurred_at": WHEN, "match": MATCH, **sides}
    assert decide(demo, start) == [("match-start", None), ("match-start", "CRC")]


def test_the_scorer_of_an_own_goal_is_not_praised(demo: Table) -> None:
    goal = {"id": "g", "type": "goal", "occurred_at": WHEN, "match": MATCH, "team": {"id": "GER", "name": "Germany"}, "player": "Itakura", "own_goal": True, "penalty": False, "minute": 99, "minute_text": "90+9", **SIDES}  # fmt: skip
    assert decide(demo, goal) == [("own-goal", None)]
    (trigger,) = demo.decide("matches", Event(goal, Source("t", 0, 0), NOW), NOW).triggers
    assert "Itakura" not in str(trigger.context)
    assert (trigger.context["minute"], trigger.context["minute_text"]) == (99, "90+9")
    assert decide(demo, goal | {"own_goal": False}) == [("goal", None)]


def test_a_creator_who_goes_live_is_told_and_one_who_goes_is_not(demo: Table) -> None:
    live = {"id": "c", "type": "creator_live", "occurred_at": WHEN, "creator": {"id": "c-ada", "name": "Ada Plays"}, "title": "Speedrun", "url": "https://example.com/live/c-ada"}  # fmt: skip
    assert decide(demo, live, "streams") == [("creator-live", None)]
    assert decide(demo, live | {"type": "creator_offline"}, "streams") == []


def test_31_teams_of_2022_have_a_topic_of_their_own() -> None:
    lines = (ROOT / "config" / "lookups" / "teams.csv").read_text().splitlines()[1:]
    assert len({line.split(",")[0] for line in lines}) == 31
    assert len({line.split(",")[2] for line in lines}) == 31
