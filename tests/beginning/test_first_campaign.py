"""docs/first-campaign.md, followed to the letter: what it shows is what a reader gets."""

import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bridge.cli import app

PAGE = (Path(__file__).parents[2] / "docs" / "first-campaign.md").read_text()
GENERATOR, ROUTE = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)


def blocks(part: str) -> list[tuple[list[str], str]]:
    """The commands of a section, each with the output below it."""
    section = PAGE.partition(f"\n## {part}\n")[2].partition("\n## ")[0]
    found = []
    for block in re.findall(r"```console\n(.*?)```", section, re.DOTALL):
        for shown in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = shown.partition("\n")
            found.append((shlex.split(command.split(" > ")[0]), output))
    return found


def run(command: list[str]) -> str:
    ended = CliRunner(env={"COLUMNS": "240"}).invoke(app, command[1:])
    assert ended.exception is None or isinstance(ended.exception, SystemExit), ended.exception
    return "".join(f"{line.rstrip()}\n" for line in ended.stdout.splitlines())


def follow(part: str, count: int, skip: int = 0) -> None:
    """Run some commands of a section; what the page shows of their output must be what they print. `...` ends it."""
    for command, output in blocks(part)[skip : skip + count]:
        if command[0] == "bridge":
            shown, *more = output.split("    ...\n")
            printed = run(command)
            assert printed.startswith(shown) if more else shown in ("", printed), printed


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("BRIDGE_ROUTES", "BRIDGE_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    follow("A table that works", 1)
    monkeypatch.chdir(tmp_path / "my-campaigns")
    return tmp_path / "my-campaigns"


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert text.count(old) == 1
    path.write_text(text.replace(old, new))


def test_the_page_shows_what_a_reader_gets(folder: Path) -> None:
    follow("A table that works", 9, skip=2)
    follow("What does an event mean?", 9)
    follow("The document for marketing", 9)
    assert (folder / "contract.html").exists()
    routes = folder / "routes.yaml"
    change(routes, "\nlookups:", f"{GENERATOR}\nlookups:")
    routes.write_text(f"{routes.read_text()}\n{ROUTE}")
    own = "A route of your own"
    follow(own, 1)
    change(routes, '"{video.minutes} min"', '"{video.minutes}"')
    change(routes, "ulr:", "url:")
    follow(own, 2, skip=1)
    change(routes, "title: Crumb, minutes: 5", "title: Crumb, minutes: 4")
    follow(own, 1, skip=3)
    assert "is stale" in run(blocks(own)[4][0])
    follow(own, 1, skip=5)
    assert "is what the routing table says" in run(blocks(own)[4][0])


def test_every_verb_of_the_page_exists() -> None:
    named = {
        command[1] for command in re.findall(r"^\$ (bridge \S+)", PAGE, re.MULTILINE) for command in [command.split()]
    }
    known = {command.name or getattr(command.callback, "__name__", "") for command in app.registered_commands}
    assert named <= known
    assert {"init", "check", "test", "explain", "contract", "kafka", "simulate", "run", "outcomes"} <= named
