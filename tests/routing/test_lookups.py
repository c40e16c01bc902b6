import re
from pathlib import Path

import pytest
from routing.tables import TABLE, event, only, spoiled, write

from bridge.configfile import ConfigError
from bridge.routing import load_table
from bridge.triggers import Unmapped

WITH_FILE = "{file: teams.csv, key: team_id, value: topic_key}"


def load_with(folder: Path, lookup: str, name: str, content: str) -> str:
    """The topic key of the goal, with this lookup."""
    path = write(folder, spoiled(WITH_FILE, lookup), {name: content})
    return only(load_table(path, {}), event()).topic_key


def problem_with(folder: Path, lookup: str, name: str, content: str) -> str:
    with pytest.raises(ConfigError) as caught:
        load_with(folder, lookup, name, content)
    (problem,) = caught.value.problems
    assert problem.place is not None
    return f"{Path(problem.place.file).name}:{problem.place.line}:{problem.place.column} {problem.message}"


@pytest.mark.parametrize(
    ("lookup", "name", "content"),
    [
        ("{file: t.csv, key: id, value: topic}", "t.csv", "name,id,topic\nGermany,GER,abcd\n"),
        ("{file: t.csv, key: id, value: topic}", "t.csv", '\ufeffid,topic\r\n"GER","abcd"\r\n'),
        ("{file: t.yaml}", "t.yaml", "GER: abcd\n"),
        ("{file: t.yml, value: topic}", "t.yml", "GER: {topic: abcd, name: Germany}\n"),
        ("{file: t.yaml, key: id, value: topic}", "t.yaml", "- {id: GER, topic: abcd}\n"),
        ("{file: t.json}", "t.json", '{"GER": "abcd"}'),
        ("{file: t.json, key: id, value: topic}", "t.json", '[{"id": "GER", "topic": "abcd"}]'),
    ],
)
def test_a_lookup_comes_from_csv_yaml_or_json(tmp_path: Path, lookup: str, name: str, content: str) -> None:
    assert load_with(tmp_path, lookup, name, content) == "abcd"


CSV = "{file: t.csv, key: id, value: topic}"


@pytest.mark.parametrize(
    ("lookup", "name", "content", "found"),
    [
        (CSV, "u.csv", "", r"routes.yaml:19 lookup teams: can't read t.csv: No such file"),
        (CSV, "t.csv", "", r"routes.yaml:19 lookup teams: the file has no column 'id': there are none at all"),
        (CSV, "t.csv", "id,topic\n", r"routes.yaml:19 lookup teams: t.csv has no entries"),
        (CSV, "t.csv", "idd,topic\nGER,a\n", r"routes.yaml:19 .* no column 'id'; did you mean 'idd'"),
        (CSV, "t.csv", "id,topic\nGER,a\nGER,b\n", r't.csv:3 .* the key "GER" is there twice, first on line 2'),
        (CSV, "t.csv", "id,topic\nGER,a\n,b\n", r"t.csv:3 .* is empty or has spaces"),
        (CSV, "t.csv", "id,topic\nGER,a\n FRA,b\n", r't.csv:3 .*" FRA" is empty or has spaces'),
        (CSV, "t.csv", "id,topic\nGER,\n", r't.csv:2 .* the value of "GER" is empty'),
        (CSV, "t.csv", "id,topic\nGER\n", r"t.csv:2 .* has not 2 columns"),
        (CSV, "t.csv", 'id,topic\nGER,"a\n', r"t.csv:2 .* is not CSV"),
        ("{file: t.csv}", "t.csv", "id,topic\nGER,a\n", r"routes.yaml:19 .* say which column holds the key"),
        ("{file: t.txt}", "t.txt", "x", r"routes.yaml:19 .* must end in"),
        ("{file: t.json}", "t.json", '{"GER": "a",}', r"t.json:1 .* is not JSON: .*"),
        ("{file: t.json}", "t.json", '{\n"GER": "a",\n"FRA" "b"}', r"t.json:3:7 .* is not JSON: a colon is due here"),
        (
            "{file: t.json}",
            "t.json",
            '{"GER": "a"\n"FRA": "b"}',
            r"t.json:2:1 .* is not JSON: a comma or } is due here",
        ),
        ("{file: t.json}", "t.json", '{"GER": "a"}\n x', r"t.json:2:2 .* is not JSON: nothing may follow"),
        ("{file: t.json}", "t.json", "{5: 1}", r"t.json:1:2 .* a key in double quotes is due here"),
        ("{file: t.json}", "t.json", "5", r"routes.yaml:19 .* must be a mapping"),
        ("{file: t.json}", "t.json", "{}", r"routes.yaml:19 .* has no entries"),
        ("{file: t.json}", "t.json", '{"GER": "a",\n "FRA": ""}', r't.json:2:2 .* the value of "FRA" is empty'),
        ("{file: t.json}", "t.json", '{"": "a"}', r"t.json:1:2 .* is empty or has spaces"),
        ("{file: t.json}", "t.json", '{"GER": ' + "[" * 100_000, r"t.json:1:9 .* nested too deeply"),
        (
            "{file: t.json, key: id, value: t}",
            "t.json",
            '[{"id": "GER", "t": "a"},\n\n  {"id": "FRA"}]',
            r"t.json:3:3 .* no field 't'",
        ),
        (
            "{file: t.json, key: id, value: t}",
            "t.json",
            '[{"id": "GER", "t": "a"},\n{"id": "GER", "t": "b"}]',
            r"t.json:2:1 .* there twice, first on line 1",
        ),
        (
            "{file: t.json, key: id, value: t}",
            "t.json",
            '[{"id": "GER", "t": "a",\n"t": "b"}]',
            r't.json:1:2 .* the key "t" is there twice in this entry',
        ),
        ("{file: t.yaml}", "t.yaml", "'': a\n", r"t.yaml:1:1 .* is empty or has spaces"),
        ("{file: t.yaml}", "t.yaml", "GER: a\nFRA:\n", r't.yaml:2:1 .* the value of "FRA" is empty'),
        (
            "{file: t.yaml, key: id, value: t}",
            "t.yaml",
            "- {id: GER, t: a}\n- {id: GER, t: b}\n",
            r"t.yaml:2:3 .* there twice, first on line 1",
        ),
        (
            "{file: t.json}",
            "t.json",
            '{"GER": "a", "GER": "b"}',
            r't.json:1 .* the key "GER" is there twice, first on line 1',
        ),
        ("{file: t.json}", "t.json", '["a"]', r"routes.yaml:19 .* the file is a list"),
        ("{file: t.json}", "t.json", '{"GER": ["a"]}', r't.json:1 .* the value of "GER" must be a text'),
        ("{file: t.yaml}", "t.yaml", "GER: a\nGER: b\n", r"t.yaml:2 .*"),
        ("{file: t.yaml, key: id, value: topic}", "t.yaml", "- {id: GER}\n", r"t.yaml:1 .* no field 'topic'"),
        ("{file: t.yaml}", "t.yaml", "GER: true\n", r"routes.yaml:26 lookup teams holds boolean true"),
    ],
)
def test_what_is_wrong_with_a_file_is_shown_where_it_is(
    tmp_path: Path, lookup: str, name: str, content: str, found: str
) -> None:
    problem = problem_with(tmp_path, lookup, name, content)
    without_column = re.sub(r":\d+ ", " ", problem, count=1)
    assert re.match(found, problem) or re.match(found, without_column), problem


def test_a_key_that_the_lookup_lacks_is_unmapped(tmp_path: Path) -> None:
    trigger = only(load_table(write(tmp_path), {}), event(team={"id": "CRC", "name": "Costa Rica"}))
    assert trigger.verdict == Unmapped("teams", "CRC", 'route goal: lookup teams has no entry for "CRC"', topic=True)
    assert trigger.topic_key == ""


def test_an_integer_is_looked_up_as_its_decimal_text(tmp_path: Path) -> None:
    assert only(load_table(write(tmp_path), {}), event(team={"id": 7, "name": "Seven"})).topic_key == "topic-7"


def test_a_file_that_is_no_utf_8_is_named(tmp_path: Path) -> None:
    path = write(tmp_path, TABLE)
    (tmp_path / "teams.csv").write_bytes(b"team_id,topic_key\nGER,\xff\n")
    with pytest.raises(ConfigError, match=r"teams.csv:2:1: error: lookup teams: the file is not UTF-8"):
        load_table(path, {})
