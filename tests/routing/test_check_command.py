import json
from pathlib import Path

import pytest
from routing.tables import TABLE, spoiled, write
from typer.testing import CliRunner

from bridge.checking.excerpts import Excerpts
from bridge.cli import app
from bridge.configfile import Place

SETTINGS = "name: bridge\nbrands:\n  acme: {api_key: a, brand_key: b}\n"


@pytest.fixture(autouse=True)
def _no_settings_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("BRIDGE_ROUTES", "BRIDGE_CONFIG"):
        monkeypatch.delenv(name, raising=False)


def check(*arguments: str | Path, **variables: str) -> tuple[int, list[str]]:
    """Exit code and lines of output."""
    ended = CliRunner().invoke(app, ["check", *map(str, arguments)], env=variables)
    assert ended.exception is None or isinstance(ended.exception, SystemExit)
    return ended.exit_code, ended.stdout.splitlines()


def test_a_good_table_ends_with_0_also_with_warnings(tmp_path: Path) -> None:
    code, lines = check("--routes", write(tmp_path, spoiled("id: 11111111-2222-3333-4444-555555555555", "id: abc")))
    assert code == 0
    assert lines[0].startswith(f"{tmp_path}/routes.yaml:12:9: warning: ")
    assert lines[-1].startswith("0 errors, 1 warning: 1 route from 1 source, hash ")


def test_a_bad_table_ends_with_1_and_all_its_problems_and_counts(tmp_path: Path) -> None:
    text = spoiled("source: matches", "source: match", spoiled("minute: integer", "minute: int"))
    code, lines = check(BRIDGE_ROUTES=str(write(tmp_path, text)))
    assert code == 1
    file = f"{tmp_path}/routes.yaml"
    assert [line.split("error: ")[0] for line in lines] == [
        f"{file}:15:15: ",
        "   15 |       minute: int",
        "      |               ^",
        f"{file}:22:13: ",
        "   22 |     source: match",
        "      |             ^",
        "2 errors, 0 warnings",
    ]


def test_brands_are_checked_against_the_settings(tmp_path: Path) -> None:
    config = tmp_path / "bridge.yml"
    config.write_text(SETTINGS)
    assert check("--routes", write(tmp_path), "--config", config)[0] == 0
    code, lines = check("--routes", write(tmp_path, spoiled("brand: acme", "brand: acne")), BRIDGE_CONFIG=str(config))
    assert code == 1
    assert "the settings have no brand acne; did you mean 'acme'?" in lines[0]


def test_mistakes_in_the_settings_are_told_beside_those_of_the_table(tmp_path: Path) -> None:
    config = tmp_path / "bridge.yml"
    config.write_text(SETTINGS + "nmae: x\n")
    code, lines = check("--routes", write(tmp_path, spoiled("minute: integer", "minute: int")), "--config", config)
    assert code == 1
    assert lines[0].startswith(f"{config}:4:1: error: ")
    assert lines[-1] == "2 errors, 0 warnings"


def test_a_file_that_is_not_there_is_usage(tmp_path: Path) -> None:
    assert check("--routes", tmp_path / "none.yaml")[0] == 2
    assert check("--routes", write(tmp_path, TABLE), "--config", tmp_path / "none.yaml")[0] == 2
    assert check()[0] == 2


def test_a_file_that_is_no_yaml_is_an_error_with_its_place(tmp_path: Path) -> None:
    code, lines = check("--routes", write(tmp_path, "version: 1\nroutes: [\n"))
    assert code == 1
    assert lines[0].startswith(f"{tmp_path}/routes.yaml:3:1: error: not YAML")


MISTAKES = spoiled(
    "source: matches", "source: match", spoiled("id: 11111111-2222-3333-4444-555555555555", "id: 'a: 5%, ü'")
)


def test_json_holds_everything_for_a_program(tmp_path: Path) -> None:
    path = write(tmp_path, MISTAKES)
    code, lines = check("--routes", path, "--format", "json")
    report = json.loads("\n".join(lines))
    assert code == 1
    assert (report["errors"], report["warnings"], report["table"]) == (1, 1, None)
    assert report["problems"][1] == {
        "severity": "error",
        "message": "there is no source match; did you mean 'matches'?",
        "file": str(path),
        "line": 22,
        "column": 13,
        "source": "    source: match",
    }
    code, lines = check("--routes", write(tmp_path), "--format", "json")
    table = json.loads("\n".join(lines))["table"]
    assert (code, table["routes"], table["sources"], len(table["hash"])) == (0, 1, 1, 32)


def test_github_gets_a_command_for_each_problem_with_all_that_would_end_it_escaped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "a,b 100%"
    folder.mkdir()
    write(folder, spoiled('"{team.name}"', "'{x}}'", MISTAKES))
    monkeypatch.chdir(tmp_path)
    code, lines = check("--routes", "a,b 100%/routes.yaml", "--format", "github")
    assert code == 1
    assert [line.split("::")[1] for line in lines[:-1]] == [
        "warning file=a%2Cb 100%25/routes.yaml,line=12,col=9",
        "error file=a%2Cb 100%25/routes.yaml,line=22,col=13",
        "error file=a%2Cb 100%25/routes.yaml,line=29,col=18",
    ]
    assert lines[-1] == "2 errors, 1 warning"


def test_sarif_is_as_the_standard_wants_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The fields that SARIF 2.1.0 requires (3.13, 3.14, 3.27, 3.29, 3.30), and what code hosts read besides."""
    folder = tmp_path / "ü x"
    folder.mkdir()
    path = write(folder, MISTAKES)
    monkeypatch.chdir(tmp_path)
    code, lines = check("--routes", path, "--format", "sarif", BRIDGE_CONFIG="")
    log = json.loads("\n".join(lines))
    assert (code, log["version"], log["$schema"].rsplit("/", 1)[1]) == (1, "2.1.0", "sarif-2.1.0.json")
    (run,) = log["runs"]
    driver = run["tool"]["driver"]
    assert driver["name"]
    assert [result["level"] for result in run["results"]] == ["warning", "error"]
    for result in run["results"]:
        assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["message"]["text"]
        assert len(result["partialFingerprints"]["problem/v1"]) == 32
        (location,) = result["locations"]
        place = location["physicalLocation"]
        assert place["artifactLocation"]["uri"] == "%C3%BC%20x/routes.yaml"
        assert place["region"]["startLine"] in (12, 22)
        assert place["region"]["startColumn"] in (9, 13)
        assert place["region"]["snippet"]["text"] in MISTAKES
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    log = json.loads("\n".join(check("--routes", path, "--format", "sarif")[1]))
    uri = log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri == path.as_uri()


def test_a_mistake_stays_the_same_one_when_lines_are_added_above_it(tmp_path: Path) -> None:
    prints = []
    for text in (MISTAKES, "# a line\n\n" + MISTAKES):
        log = json.loads("\n".join(check("--routes", write(tmp_path, text), "--format", "sarif")[1]))
        prints.append([result["partialFingerprints"] for result in log["runs"][0]["results"]])
    assert prints[0] == prints[1]
    assert prints[0][0] != prints[0][1]


@pytest.mark.parametrize("form", ["text", "json", "sarif", "github"])
def test_no_line_of_the_settings_is_ever_shown_because_keys_stand_there(tmp_path: Path, form: str) -> None:
    config = tmp_path / "bridge.yml"
    config.write_text("brands:\n  acme: {api_key: 's3cret key', brand_key: b, x: s3cret}\n")
    code, lines = check("--routes", write(tmp_path), "--config", config, "--format", form)
    assert code == 1
    assert "bridge.yml" in "".join(lines)
    assert "s3cret" not in "".join(lines)


def test_an_unknown_format_is_usage(tmp_path: Path) -> None:
    assert check("--routes", write(tmp_path), "--format", "xml")[0] == 2


def test_the_caret_stands_under_the_place_also_in_odd_lines(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    for line, column in (
        ("\t\tkey: value", 8),
        ("x" * 500 + "HERE" + "y" * 500, 501),
        ("HERE" + "y" * 500, 1),
        ("y" * 500 + "HERE", 501),
        ("日本語 HERE", 5),
        ("short", 5),
        ("", 1),
    ):
        file.write_text("first\n" + line + "\n")
        marked = Excerpts().marked(Place(str(file), 2, column))
        if not line:
            assert marked == []
            continue
        assert len(marked[0]) < 160
        shown, caret = (one.split("| ", 1)[1] for one in marked)
        assert shown[len(caret) - 1] == line[column - 1]
        assert set(caret) <= {" ", "\t", "^"}
    assert Excerpts().marked(Place(str(tmp_path / "none"), 1, 1)) == []
    assert Excerpts().marked(Place(str(file), 99, 1)) == []
