import re
from pathlib import Path

import msgspec
import pytest

from bench.catalogue import USUAL
from bench.result import Saved, read
from tools import performance
from tools.plots import digest, plots

SAVED = read(performance.RUN.read_bytes())


def faster(saved: Saved, figure: str) -> Saved:
    """The same run with one figure doubled."""
    outcomes = []
    for outcome in saved.outcomes:
        figures = tuple(
            msgspec.structs.replace(one, values=tuple(2 * value for value in one.values))
            if one.spec.id == figure
            else one
            for one in outcome.figures
        )
        outcomes.append(msgspec.structs.replace(outcome, figures=figures))
    return msgspec.structs.replace(saved, outcomes=tuple(outcomes))


def test_the_page_and_its_plots_are_of_the_saved_run(capsys: pytest.CaptureFixture[str]) -> None:
    assert performance.main(["--check"]) == 0, capsys.readouterr().out


def test_a_page_with_a_figure_of_another_run_is_stale() -> None:
    written = performance.PAGE.read_text("utf-8")
    for name, figure in SAVED.figures.items():
        assert performance.page(faster(SAVED, name)) != written or not figure.median, name


def test_a_page_that_was_edited_by_hand_is_stale(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    edited = tmp_path / "performance.md"
    edited.write_text(performance.PAGE.read_text("utf-8").replace("How fast", "How very fast"), "utf-8")
    monkeypatch.setattr(performance, "PAGE", edited)
    assert performance.main(["--check"]) == 1
    assert capsys.readouterr().out == "performance.md is stale: run `make docs`\n"


def test_the_saved_run_has_every_usual_scenario_at_full_size() -> None:
    assert not SAVED.tiny
    assert {outcome.name for outcome in SAVED.outcomes if outcome.figures} >= set(USUAL)


def test_a_plot_says_of_which_run_it_is() -> None:
    drawn = plots(SAVED)
    assert set(drawn) == {"latency.svg", "budget.svg", "takeover.svg", "restart.svg"}
    assert all(f"run {digest(SAVED)}" in text for text in drawn.values())
    assert digest(SAVED) != digest(faster(SAVED, "capacity.rate"))


def test_the_same_run_makes_the_same_plots() -> None:
    assert plots(SAVED) == plots(SAVED)


# How speed is written: CPU, records in a second, microseconds. Counts and settings are not meant.
_SPEED = re.compile(r"CPU-s|ms of CPU|\d (us|µs)\b|records a second|records/s|triggers/s")


def test_no_other_page_has_figures_of_speed() -> None:
    pages = [performance.ROOT / "README.md", *(performance.ROOT / "docs").rglob("*.md")]
    found = [
        f"{page.relative_to(performance.ROOT)}: {line[:80]}"
        for page in pages
        if page != performance.PAGE
        for line in page.read_text("utf-8").splitlines()
        if _SPEED.search(line)
    ]
    assert found == [], "what `make bench` did not print belongs in no page; docs/performance.md is made of what it did"
