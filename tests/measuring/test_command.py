import sys
from pathlib import Path

import pytest
from measuring.runs import figure, saved

from bench.__main__ import main
from bench.catalogue import SCENARIOS, USUAL
from bench.naive import Window
from bench.result import Goal, write


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str | Path) -> int:
    monkeypatch.setattr(sys, "argv", ["bench", *map(str, arguments)])
    return main()


def test_a_saved_run_is_compared_with_another(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    base, now = tmp_path / "base.json", tmp_path / "now.json"
    base.write_bytes(write(saved(figure(1, 2, 3))))
    now.write_bytes(write(saved(figure(10, 20, 30))))
    assert run(monkeypatch, "--compare", base, "--run", now) == 0
    (line,) = [line for line in capsys.readouterr().out.splitlines() if "a.rate" in line]
    assert [cell.strip() for cell in line.split("│")[1:-1]] == [
        "a.rate", "2 1/s (1 to 3)", "20 1/s (10 to 30)", "10.00", "", "better",
    ]  # fmt: skip


def test_a_missed_goal_is_exit_code_1(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = tmp_path / "run.json"
    kept.write_bytes(write(saved(figure(1, goal=Goal(least=2)))))
    assert run(monkeypatch, "--run", kept) == 1
    assert "MISSED: a.rate (how fast): 1 1/s, goal at least 2 1/s" in capsys.readouterr().out


def test_a_scenario_that_does_not_exist_is_named_with_those_that_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        run(monkeypatch, "--only", "capacity,filtre")
    assert ended.value.code == 2
    assert "there is no 'filtre'" in capsys.readouterr().err
    assert {"brands", "priority", "transport"} == set(SCENARIOS) - set(USUAL)


@pytest.mark.parametrize(
    ("option", "content", "why"),
    [
        ("--compare", None, "No such file or directory; make it with --json"),
        ("--compare", b"{}", "it is no saved run: Object missing required field `version`"),
        ("--run", write(saved()).replace(b'"version": 1', b'"version": 99'), "it is of version 99"),
        ("--json", b"", "there is no folder"),
    ],
)
def test_a_file_that_can_not_be_used_is_told_before_anything_runs(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    *,
    option: str,
    content: bytes | None,
    why: str,
) -> None:
    path = tmp_path / "run.json" if option != "--json" else tmp_path / "nowhere" / "run.json"
    if content:
        path.write_bytes(content)
    with pytest.raises(SystemExit) as ended:
        run(monkeypatch, option, path)
    assert ended.value.code == 2
    assert why in capsys.readouterr().err


async def test_the_reference_keeps_to_its_window() -> None:
    seconds = iter([10.0, 10.1, 10.9, 11.0, 11.1])
    slept: list[float] = []

    async def sleep(wait: float) -> None:
        slept.append(round(wait, 3))

    window = Window(2, lambda: next(seconds), sleep)
    for _ in range(4):
        await window.enter()
    assert slept == [0.1]
