"""`bridge contract`: it writes, it compares, and it says how to renew what is stale."""

import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from routing.tables import TABLE, spoiled, write
from typer.testing import CliRunner

from bridge.cli import app


@pytest.fixture(autouse=True)
def _no_settings_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BRIDGE_ROUTES", raising=False)


def bridge(*arguments: str | Path) -> tuple[int, str, str]:
    """Exit code, output, errors."""
    ended = CliRunner().invoke(app, [*map(str, arguments)])
    assert ended.exception is None or isinstance(ended.exception, SystemExit), ended.exception
    return ended.exit_code, ended.stdout, ended.stderr


def contract(*arguments: str | Path) -> tuple[int, str, str]:
    return bridge("contract", *arguments)


@pytest.mark.parametrize(
    ("name", "begins"), [("c.html", "<!DOCTYPE html>"), ("c.md", "<!-- Made"), ("c.json", "{"), ("c.txt", "<!-- Made")]
)
def test_the_name_of_the_file_says_the_form(tmp_path: Path, name: str, begins: str) -> None:
    assert contract("--routes", write(tmp_path), "--output", tmp_path / name) == (0, "", "")
    assert (tmp_path / name).read_text().startswith(begins)
    code, said, _ = contract("--routes", write(tmp_path), "--check", tmp_path / name)
    assert (code, said) == (0, f"{tmp_path / name} is what the routing table says\n")


def test_without_a_file_it_is_printed(tmp_path: Path) -> None:
    assert contract("--routes", write(tmp_path))[1].startswith("<!-- Made by")
    assert contract("--routes", write(tmp_path), "--format", "html")[1].startswith("<!DOCTYPE html>")


@pytest.mark.parametrize("form", [(), ("--format", "json")])
def test_a_stale_document_ends_with_1_and_the_command_that_renews_it(tmp_path: Path, form: tuple[str, ...]) -> None:
    path, file = write(tmp_path), tmp_path / "kept by marketing.md"
    contract("--routes", path, *form, "--output", file)
    write(tmp_path, spoiled("minute: integer", "minute: number"))
    before = file.read_text()
    code, said, _ = contract("--routes", path, *form, "--check", file)
    assert code == 1
    assert "is stale" in said
    assert "number" in said
    assert file.read_text() == before
    renewing = shlex.split(said.splitlines()[1])
    assert renewing[0] == "bridge"
    assert bridge(*renewing[1:])[0] == 0
    assert contract("--routes", path, *form, "--check", file)[0] == 0


def test_a_document_that_is_not_there_ends_with_1_and_the_command_that_writes_it(tmp_path: Path) -> None:
    code, said, _ = contract("--routes", write(tmp_path), "--check", tmp_path / "none.html")
    assert code == 1
    assert f"--output {tmp_path / 'none.html'}" in said
    assert not (tmp_path / "none.html").exists()


def test_a_new_entry_of_a_lookup_makes_it_stale(tmp_path: Path) -> None:
    path, file = write(tmp_path), tmp_path / "c.md"
    contract("--routes", path, "--output", file)
    with (tmp_path / "teams.csv").open("a") as teams:
        teams.write("ENG,topic+ENG\n")
    assert contract("--routes", path, "--check", file)[0] == 1


def test_a_comment_in_the_table_does_not(tmp_path: Path) -> None:
    path, file = write(tmp_path), tmp_path / "c.md"
    contract("--routes", path, "--output", file)
    write(tmp_path, f"# for whoever reads this\n{TABLE}")
    assert contract("--routes", path, "--check", file)[0] == 0


def test_a_table_with_errors_ends_with_2(tmp_path: Path) -> None:
    code, said, wrong = contract("--routes", write(tmp_path, spoiled("minute: integer", "minute: int")))
    assert (code, said) == (2, "")
    assert "routes.yaml:15:15: error: " in wrong


def test_writing_and_comparing_exclude_one_another(tmp_path: Path) -> None:
    assert contract("--routes", write(tmp_path), "--output", tmp_path / "a", "--check", tmp_path / "a")[0] == 2


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    code, _, wrong = contract("--routes", write(tmp_path), "--output", tmp_path / "none" / "c.md")
    assert code == 1
    assert "can't write" in wrong


@pytest.mark.parametrize("form", ["html", "markdown", "json"])
def test_every_process_writes_the_same(tmp_path: Path, form: str) -> None:
    command = [sys.executable, "-m", "bridge", "contract", "--routes", str(write(tmp_path)), "--format", form]
    written = {
        subprocess.run(command, capture_output=True, check=True, env={"PYTHONHASHSEED": seed}).stdout
        for seed in ("1", "2")
    }
    assert len(written) == 1
