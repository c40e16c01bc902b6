"""Lists and objects in a contract: agreed to the bottom, checked to the bottom."""

import re
from pathlib import Path
from typing import Any

import pytest
from routing.tables import event, only, problems, reason, spoiled, table

CONTRACT = """\
      scorers: list of string
      team: {type: object, fields: {name: string, site: url, short: {type: string, required: false}}}
      sides: {type: array, of: {type: object, fields: {name: string, goals: integer}}, required: false}
      minute: integer
"""
CONTEXT = """\
      scorers: "{scorers}"
      team: {name: "{team.name}", site: "https://example.com/{team.id}", short: "{team.short}"}
      sides: [{name: "{home.name}", goals: "{home.goals}"}, {name: "{away.name}", goals: "{away.goals}"}]
      minute: "{minute}"
"""
NESTED = spoiled("      minute: integer\n", CONTRACT, spoiled('      minute: "{minute}"\n', CONTEXT))
EVENT: dict[str, Any] = {
    "scorers": ["Musiala", "Wirtz"],
    "home": {"name": "Germany", "goals": 2},
    "away": {"name": "France", "goals": 0},
}


def test_nested_values_are_sent_as_agreed_and_optional_parts_are_left_out(tmp_path: Path) -> None:
    of = table(tmp_path, NESTED)
    trigger = only(of, event(**EVENT))
    assert trigger.verdict is None
    assert trigger.context["scorers"] == ["Musiala", "Wirtz"]
    assert trigger.context["team"] == {"name": "Germany", "site": "https://example.com/GER"}
    assert trigger.context["sides"] == [{"name": "Germany", "goals": 2}, {"name": "France", "goals": 0}]
    with_short = only(of, event(**EVENT, team={"id": "GER", "name": "Germany", "short": "GER"}))
    assert with_short.context["team"]["short"] == "GER"


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"scorers": ["Musiala", ""]}, "field scorers at [1] is empty"),
        ({"scorers": ["Musiala", None]}, "field scorers at [1] is null"),
        ({"scorers": ["Musiala", " "]}, "field scorers at [1] is empty"),
        ({"scorers": ["Musiala", 7]}, "field scorers at [1] should be a string, is integer 7"),
        ({"scorers": "Musiala"}, 'field scorers should be a list, each item a string, is string "Musiala"'),
        ({"scorers": []}, "field scorers: scorers is empty"),
        ({"home": {"name": "Germany", "goals": "2"}}, 'field sides at [0].goals should be an integer, is string "2"'),
        ({"team": {"id": "a b", "name": "Germany"}}, "field team at .site should be a url"),
        ({"team": {"id": "GER", "name": "Germany", "short": 5}}, "field team at .short should be a string, is integer 5"),
    ],
)  # fmt: skip
def test_a_part_that_is_not_as_agreed_rejects_the_event(tmp_path: Path, changes: dict[str, Any], why: str) -> None:
    assert why in reason(table(tmp_path, NESTED), event(**EVENT | changes))


def test_a_whole_object_of_the_event_must_have_the_agreed_fields_and_no_others(tmp_path: Path) -> None:
    whole = NESTED.replace(CONTEXT.splitlines()[1], '      team: "{team}"')
    of = table(tmp_path, whole)
    assert only(of, event(**EVENT, team={"name": "Germany", "site": "https://x.y"})).verdict is not None  # no team.id
    key = of.routes["goal"]
    assert key.generator.contract.fields["team"].misfit({"name": "G", "site": "https://x.y"}) is None
    assert "at .id is not in the contract" in reason(
        of, event(**EVENT, team={"id": "GER", "name": "G", "site": "https://x.y"})
    )
    assert "at .site is required and missing" in reason(of, event(**EVENT, team={"id": "GER", "name": "G"}))


def test_an_object_of_which_nothing_is_left_is_not_sent(tmp_path: Path) -> None:
    text = spoiled("fields: {name: string, site: url, short", "fields: {short", NESTED)
    text = spoiled('{name: "{team.name}", site: "https://example.com/{team.id}", short', "{short", text)
    of = table(tmp_path, text)
    assert "field team: the event has none of short" in reason(of, event(**EVENT))
    assert only(of, event(**EVENT, team={"id": "GER", "name": "G", "short": "GER"})).context["team"] == {"short": "GER"}


def test_an_optional_nested_field_is_left_out_as_a_whole(tmp_path: Path) -> None:
    trigger = only(table(tmp_path, NESTED), event(**EVENT | {"away": {"name": "France"}}))
    assert trigger.verdict is None
    assert "sides" not in trigger.context


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("list of string", "list of strings", "an item of field scorers of generator goal-scored needs a type: .*"),
        ("list of string", "list of", "needs a type"),
        ("type: array, of: {", "type: string, of: {", "of says what the items of an array are, so it needs type: array"),
        ("type: object, fields: {name: string, site", "type: array, fields: {name: string, site", "fields says what an object holds, so it needs type: object"),
        ("goals: integer}}", "goals: int}}", "field goals in an item of field sides of generator goal-scored needs a type: .*did you mean 'integer'"),
        ("goals: integer}}", "goals: integer}, required: false}", "an item can't be left out"),
        ('name: "{team.name}", ', "", "team lacks name, which the generator's contract requires"),
        ('short: "{team.short}"', 'shrt: "{team.short}"', "no field shrt in team; did you mean 'short'"),
        ('site: "https://example.com/{team.id}"', "site: nowhere", "team.site should be a url"),
        ('"{home.goals}"}', '"{home.goals}!"}', "sides.0..goals should be integer, but a text around a reference is a string"),
        ('scorers: "{scorers}"', "scorers: [Musiala, 5]", "scorers.1. should be a string, is integer 5: quote it"),
        ('scorers: "{scorers}"', "scorers: {value: [Musiala, 5]}", "scorers at .1. should be a string, is integer 5"),
        ('scorers: "{scorers}"', 'scorers: {a: "{scorers}"}', "scorers should be array, is an object"),
    ],
)  # fmt: skip
def test_what_can_not_be_as_agreed_is_found_before_any_event(tmp_path: Path, old: str, new: str, message: str) -> None:
    found = problems(tmp_path, spoiled(old, new, NESTED))
    assert any(re.search(message, problem.message) and problem.severity == "error" for problem in found), found
