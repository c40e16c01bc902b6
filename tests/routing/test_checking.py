"""How `bridge check` goes about it: all at once, over several files, and without blaming the innocent."""

from pathlib import Path

import pytest
from routing.tables import TABLE, problems, spoiled, table, write

from bridge.configfile import ConfigError
from bridge.routing import load_table

ROUTE = TABLE[TABLE.index("  - name: goal") :]
KEY = '{lookup: teams, key: "{team.id}"}'


def test_the_table_of_these_tests_has_no_problem(tmp_path: Path) -> None:
    assert problems(tmp_path, TABLE) == ()


def test_all_problems_are_told_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = TABLE
    for old, new in (
        ("event_id: id", "event_id: a b"),
        ("minute: integer", "minute: int"),
        ("priority", ""),
        ("source: matches", "source: x"),
        (KEY, "5"),
        ("5m", "5 minutes"),
    ):
        text = text.replace(old, new) if old in text else text
    found = problems(tmp_path, text)
    assert len(found) == 5
    lines = [problem.place.line for problem in found if problem.place is not None]
    assert lines == sorted(lines)


def test_a_problem_of_one_part_is_not_blamed_on_those_that_refer_to_it(tmp_path: Path) -> None:
    text = spoiled(
        "minute: integer",
        "minute: int",
        spoiled("event_id: id", "event_id: 5", spoiled("value: topic_key", "value: x")),
    )
    assert [problem.place.line for problem in problems(tmp_path, text) if problem.place] == [5, 15, 19]


def test_an_unset_expires_after_is_an_error(tmp_path: Path) -> None:
    text = spoiled("    expires_after: 5m\n", "", spoiled("defaults: {expires_after: 10m}\n", ""))
    (problem,) = problems(tmp_path, text)
    assert "needs expires_after, here or in defaults" in problem.message
    assert problem.place is not None
    assert problem.place.line == text[: text.index("- name: goal")].count("\n") + 1


def test_a_table_without_routes_is_warned_of(tmp_path: Path) -> None:
    (warning,) = table(tmp_path, TABLE[: TABLE.index("routes:")]).warnings
    assert "there are no routes" in warning.message


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "text",
        "version: 1\nroutes: {}",
        "version: 1\nroutes: [5, null]",
        "version: 1\nsources: [a]",
        "version: 1\nsources: {a: }",
        "version: 1\ndefaults: 5",
        "version: 1\ngenerators: {g: {context: 5}}",
        "version: 1\nlookups: {l: []}",
        "a: [",
        "version: 1\nroutes: [{name: 5, match: 5, context: 5, topic_key: {}, tests: 5, when: [], dedup_key: {}}]",
    ],
)
def test_what_is_no_table_at_all_is_told_without_a_crash(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError):
        load_table(write(tmp_path, text), {})


def test_names_that_two_files_define_are_errors_that_name_the_other(tmp_path: Path) -> None:
    first = write(tmp_path)
    (tmp_path / "second.yaml").write_text(TABLE)
    with pytest.raises(ConfigError) as caught:
        load_table(tmp_path, {})
    twice = [problem.message for problem in caught.value.problems if "already" in problem.message]
    assert [message.split(" is already")[0] for message in twice] == [
        "source matches",
        "defaults",
        "generator goal-scored",
        "lookup teams",
        "route goal",
    ]
    assert all(f"is already defined at {first}:" in message for message in twice)


def test_an_empty_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no \*\.yaml in this folder"):
        load_table(tmp_path, {})


def test_a_file_of_the_folder_that_is_not_read_is_told(tmp_path: Path) -> None:
    write(tmp_path, spoiled("file: teams.csv, key: team_id, value: topic_key", "file: teams.yml"))
    (tmp_path / "teams.yml").write_text("GER: 00000000-abcd\n")
    (tmp_path / "goals.yml").write_text(TABLE)
    (warning,) = load_table(tmp_path, {}).warnings
    assert str(warning) == f"{tmp_path}/goals.yml:1:1: warning: this file is not read: name it .yaml, or move it away"


@pytest.mark.parametrize(
    ("change", "severity"),
    [
        (("name: goal", "name: other"), "error"),
        (("name: goal", "name: other\n    mode: shadow"), "error"),
        (("match: {type: goal}", "match: {type: [goal, x], penalty: true}"), "error"),
        (('    when: "event.minute <= 120"\n', ""), "error"),
        ((f"topic_key: {KEY}", f"topic_key: [x, {KEY}]"), "error"),
        (('"{assist.name}"', "nobody"), "warning"),
        (("match: {type: goal}", "match: {type: x}"), None),
        (("event.minute <= 120", "event.minute > 120"), None),
        (("name: goal", "name: other\n    mode: off"), None),
        ((f"topic_key: {KEY}", "topic_key: x"), "warning"),
    ],
)
def test_two_routes_that_make_the_same_trigger_for_one_event_are_found(
    tmp_path: Path, change: tuple[str, str], severity: str | None
) -> None:
    text = TABLE + spoiled(*change, ROUTE).replace("name: goal\n", "name: other\n")
    found = problems(tmp_path, text)
    assert [problem.severity for problem in found] == ([severity] if severity else [])
    for problem in found:
        assert "route other " in problem.message
        assert "route goal (line 21 of " in problem.message


def test_two_sources_of_one_topic_are_an_error(tmp_path: Path) -> None:
    text = spoiled("defaults: {", "  again: {topic: sports.match-events, event_id: id, event_time: t}\ndefaults: {")
    with pytest.raises(
        ConfigError, match=r"routes.yaml:8:18: error: topic sports.match-events is already read by source matches"
    ):
        table(tmp_path, text)


def test_a_variable_that_is_not_set_hides_no_other_mistake(tmp_path: Path) -> None:
    file = tmp_path / "routes.yaml"
    file.write_text(
        "version: 1\n"
        "sources: {s: {topic: t, format: json, event_id: id}}\n"
        "generators: {g: {brand: acme, id: '${NOT_SET}', name: n, context: {a: string}}}\n"
        "routes:\n"
        "  - {name: r, source: s, generator: gg, topic_key: t, context: {a: x}, expires_after: 5m}\n"
    )
    with pytest.raises(ConfigError) as caught:
        load_table(file, {})
    errors = [problem for problem in caught.value.problems if problem.severity == "error"]
    assert [problem.place.line for problem in errors if problem.place is not None] == [3, 5]


UNORDERED = spoiled("    order_by: match.id\n", "")


def updates(supersede_by: str, dedup_key: str) -> str:
    """A table without order whose route has these."""
    lines = f'supersede_by: "{supersede_by}"\n    dedup_key: "{dedup_key}"'
    return spoiled('dedup_key: "{match.id}/{id}"', lines, UNORDERED)


@pytest.mark.parametrize("dedup_key", ["{match.id}/{minute}", "{id}", "{minute}/{id}"])
def test_a_dedup_key_that_tells_what_is_replaced_is_in_order(tmp_path: Path, dedup_key: str) -> None:
    assert problems(tmp_path, updates("{match.id}", dedup_key)) == ()


def test_a_dedup_key_must_tell_in_which_place_its_triggers_meet(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, updates("{match.id}/{team.id}", "{match.id}/{minute}"))
    assert problem.message.startswith("dedup_key must contain {team.id} (or the event id), because supersede_by does")
    assert problem.place is not None
    assert problem.place.line == updates("", "").splitlines().index('    dedup_key: ""') + 1


def test_what_runs_together_in_supersede_by_is_warned_of(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, updates("{match.id}{team.id}", "{id}"))
    assert problem.severity == "warning"
    assert "supersede_by has two references side by side" in problem.message


def test_on_an_ordered_source_what_is_replaced_may_say_more_than_its_order(tmp_path: Path) -> None:
    text = spoiled("expires_after: 5m", 'expires_after: 5m\n    supersede_by: "{team.id}/{match.id}"')
    assert problems(tmp_path, text) == ()
