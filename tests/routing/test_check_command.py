from pathlib import Path

import pytest
from routing.tables import TABLE, spoiled, write
from typer.testing import CliRunner

from bridge.cli import app

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
    assert [line.split(": ")[0] for line in lines] == [
        f"{tmp_path}/routes.yaml:15:15",
        f"{tmp_path}/routes.yaml:22:13",
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
