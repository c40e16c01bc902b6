"""What only the whole of a table shows: parts that nothing uses, routes that nothing reaches, ids that do not last."""

import re
from pathlib import Path

import pytest
from routing.tables import TABLE, problems, spoiled

KEY = '{lookup: teams, key: "{team.id}"}'
UNUSED = """\
  other:
    brand: acme
    id: 11111111-2222-3333-4444-555555555556
    context: {a: string}
lookups:
"""


def warned(folder: Path, text: str) -> list[str]:
    """`LINE message` of all that is said, which must be warnings."""
    found = problems(folder, text)
    assert all(problem.severity == "warning" for problem in found), found
    return [f"{problem.place.line} {problem.message}" for problem in found if problem.place]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (spoiled("lookups:\n", UNUSED), "18 no route uses generator other: refer to it, or remove it"),
        (spoiled("defaults:", "  more: {topic: t, event_id: id, event_time: at}\ndefaults:"), "8 no route uses source more: refer to it, or remove it"),
        (spoiled(KEY, "all"), "19 no route uses lookup teams: refer to it, or remove it"),
        (spoiled('      assist: "{assist.name}"\n', ""), "17 no route fills assist of generator goal-scored: fill it, or take it out of the contract"),
    ],
)  # fmt: skip
def test_what_nothing_uses_is_a_warning_where_it_is_defined(tmp_path: Path, text: str, message: str) -> None:
    assert warned(tmp_path, text) == [message]


def test_a_lookup_that_only_a_context_uses_is_used(tmp_path: Path) -> None:
    assert warned(tmp_path, spoiled(f"topic_key: {KEY}", "topic_key: all").replace('"{team.name}"', KEY)) == []


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [("source: matches", "source: match", 22), ("generator: goal-scored", "generator: goal", 25), ("lookup: teams,", "lookup: team,", 26), ('assist: "{assist.name}"', 'assit: "{assist.name}"', 32)],
)  # fmt: skip
def test_a_name_that_leads_nowhere_is_the_mistake_and_not_what_it_was_meant_for(
    tmp_path: Path, old: str, new: str, line: int
) -> None:
    (problem,) = problems(tmp_path, spoiled(old, new))
    assert problem.place is not None
    assert (problem.severity, problem.place.line) == ("error", line)


@pytest.mark.parametrize(
    ("match", "when", "severity"),
    [
        ("{type: goal}", "event.type == 'card'", "error"),
        ("{type: [goal, card], minute: [1, 2]}", "event.type == 'save' || event.minute > 2", "error"),
        ("{type: [goal, card]}", "event.type != 'save'", "warning"),
        ("{type: [goal, card]}", "event.type == 'card'", None),
        ("{type: goal}", "event.type == 'card' || event.minute > 3", None),
        ("{type: goal}", "event.type > 3", None),
        ("{team.id: GER}", "event.team.id == 'FRA'", None),
        ("{type: goal}", "key == 'x' && event.type == 'card'", None),
    ],
)
def test_a_condition_that_match_has_decided_already_is_found(
    tmp_path: Path, match: str, when: str, severity: str | None
) -> None:
    text = spoiled("{type: goal}", match, spoiled("event.minute <= 120", when))
    found = [(problem.severity, problem.place.line) for problem in problems(tmp_path, text) if problem.place]
    assert found == ([(severity, 24)] if severity else [])


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("event_id: id", "event_id: $record.offset", "5 event_id is not stable: .record.offset is another one when"),
        ("event_id: id", "event_id: occurred_at", "5 event_id is the event's time, occurred_at: of two events at one moment"),
        ("order_by: match.id", "order_by: $record.partition", "7 order_by is not stable: .record.partition"),
        ('"{match.id}/{id}"', '"{match.id}/{$record.timestamp}"', "27 dedup_key is not stable: .record.timestamp"),
        (KEY, '["x", "{$record.topic}"]', "26 topic_key is not stable: .record.topic"),
        (KEY, '{lookup: teams, key: "{$record.topic}"}', "26 topic_key is not stable: .record.topic"),
    ],
)  # fmt: skip
def test_what_changes_when_an_event_is_published_again_must_not_identify_it(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    text = spoiled(old, new)
    if "order_by" in old:
        text = spoiled('"{match.id}/{id}"', '"{id}"', text)
    assert any(re.match(message, one) for one in warned(tmp_path, text)), warned(tmp_path, text)


def test_routes_that_always_fire_together_are_a_warning_also_with_other_campaigns(tmp_path: Path) -> None:
    other = TABLE[TABLE.index("  - name: goal") :].replace("name: goal\n", "name: other\n").replace(KEY, "everybody")
    assert warned(tmp_path, TABLE + other)[0].startswith(
        "34 route other fires for exactly the events of route goal (line 21 of "
    )
    assert warned(tmp_path, TABLE + other.replace("{type: goal}", "{type: goal, x: 1}")) == []
    assert warned(tmp_path, TABLE + other.replace("minute <= 120", "minute <= 12")) == []
    assert warned(tmp_path, TABLE + other.replace("expires_after: 5m", "mode: off")) == []
