"""docs/changing-tables.md: each command prints what the page says. With REWRITE_DOCS set it is written into the page."""

import os
import re
import shlex
import shutil
from pathlib import Path

import pytest
from cli.calling import call

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "changing-tables.md"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```\n", re.MULTILINE | re.DOTALL)
A_TERMINAL = {"FORCE_COLOR": "1", "COLUMNS": "100", "TERM": "xterm"}
COLOURS = re.compile(r"\x1b\[[0-9;]*m")


def changed(diff: str) -> None:
    """Makes the folder of the new file from that of the old one, with the lines exchanged."""
    lines = diff.splitlines()
    old, new = (Path(line.split()[1]) for line in lines[:2])
    shutil.copytree(old.parent, new.parent)
    text = new.read_text()
    for before, after in zip(lines[2::2], lines[3::2], strict=True):
        assert (before[0], after[0]) == ("-", "+")
        assert text.count(f"{before[1:]}\n") == 1, before
        text = text.replace(f"{before[1:]}\n", f"{after[1:]}\n")
    new.write_text(text)


def printed(command: str) -> str:
    """What a terminal of 100 columns shows."""
    arguments = shlex.split(command)
    assert arguments[0] == "bridge"
    ended = call(*arguments[1:], env=A_TERMINAL)
    assert ended.complaint == ""
    return "".join(f"{line.rstrip()}\n" for line in COLOURS.sub("", ended.said).splitlines())


def test_every_command_of_the_page_prints_what_the_page_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copytree(ROOT / "config", tmp_path / "config")
    page = PAGE.read_text("utf-8")
    commands = 0
    for kind, text in BLOCK.findall(page):
        match kind:
            case "json":
                (tmp_path / "goal.json").write_text(text)
            case "jsonl":
                (tmp_path / "events.jsonl").write_text(text)
            case "diff":
                changed(text)
            case "console":
                commands += 1
                command = text.splitlines()[0]
                told = f"{command}\n{printed(command.removeprefix('$ '))}"
                if "REWRITE_DOCS" in os.environ:
                    page = page.replace(text, told)
                    continue
                assert text == told, command
    assert commands == 5
    if "REWRITE_DOCS" in os.environ:
        PAGE.write_text(page, "utf-8")
