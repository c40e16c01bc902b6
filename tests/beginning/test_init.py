"""`bridge init`: what it writes works as it stands, and nothing is ever overwritten."""

import shlex
from pathlib import Path

import orjson
import pytest
from jsonschema_rs import validator_for
from typer.testing import CliRunner

from bridge.beginning import FILES, content_of
from bridge.cli import app
from bridge.configfile import load
from bridge.routing import load_table

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"


@pytest.fixture(autouse=True)
def _no_settings_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("BRIDGE_ROUTES", "BRIDGE_CONFIG", "ACME_API_KEY", "ACME_BRAND_KEY", "VENDOR_BASE_URL"):
        monkeypatch.delenv(name, raising=False)


def bridge(*arguments: str | Path) -> tuple[int, str, str]:
    """Exit code, output, errors."""
    ended = CliRunner().invoke(app, [*map(str, arguments)])
    assert ended.exception is None or isinstance(ended.exception, SystemExit), ended.exception
    return ended.exit_code, ended.stdout, ended.stderr


def written(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_it_writes_into_a_folder_that_it_makes(tmp_path: Path) -> None:
    assert bridge("init", tmp_path / "a" / "b")[0] == 0
    assert written(tmp_path / "a" / "b") == set(FILES)


def test_it_writes_where_one_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notes.txt").write_text("mine")
    code, said, _ = bridge("init")
    assert code == 0
    assert "cd " not in said
    assert written(tmp_path) == {*FILES, "notes.txt"}


@pytest.mark.parametrize("name", list(FILES))
def test_a_file_that_is_there_is_named_and_nothing_is_written(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("mine")
    code, said, wrong = bridge("init", tmp_path)
    assert (code, said) == (1, "")
    assert f"holds {name} already" in wrong
    assert written(tmp_path) == {name}
    assert path.read_text() == "mine"


def test_a_folder_that_can_not_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    code, _, wrong = bridge("init", tmp_path / "file")
    assert code == 1
    assert wrong.startswith("error: can't write into ")


def test_the_next_steps_that_need_no_kafka_work_as_they_are_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "my campaigns"
    _, said, _ = bridge("init", folder)
    lines = [line.strip() for line in said.partition("Next:")[2].partition("Then play")[0].splitlines()]
    cd, *steps = [shlex.split(line.split("  ")[0]) for line in lines if line]
    monkeypatch.chdir(tmp_path)
    assert cd == ["cd", str(folder)]
    monkeypatch.chdir(folder)
    assert [step[1] for step in steps] == ["check", "test", "explain", "contract"]
    for step in steps:
        code, shown, wrong = bridge(*step[1:])
        assert code == 0, shown + wrong
        assert step[1] != "check" or shown.startswith("0 errors, 0 warnings: ")
        assert step[1] != "explain" or "would be called" in shown
    assert (folder / "contract.html").exists()


def test_the_table_belongs_to_the_settings(tmp_path: Path) -> None:
    bridge("init", tmp_path)
    assert load_table(tmp_path / "routes.yaml", {}, brands={"acme"}).warnings == ()


def test_an_editor_has_nothing_to_underline(tmp_path: Path) -> None:
    bridge("init", tmp_path)
    for name, schema in (("routes.yaml", "routes.schema.json"), ("bridge.yaml", "settings.schema.json")):
        knows = validator_for(orjson.loads((REFERENCE / schema).read_bytes()))
        assert [error.message for error in knows.iter_errors(load(tmp_path / name, {}).data)] == []


def test_nobody_calls_the_real_vendor_by_accident() -> None:
    assert b"VENDOR_BASE_URL:-http://127.0.0.1:8090" in content_of("bridge.yaml")
