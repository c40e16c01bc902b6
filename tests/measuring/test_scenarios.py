"""Each scenario once, so small that its figures say nothing: that it runs, and measures what it says."""

from pathlib import Path

import msgspec
import pytest
from measuring.runs import saved

from bench import bottleneck
from bench.bed import Bed
from bench.catalogue import SCENARIOS, USUAL
from bench.distribution import NEVER
from bench.scenario import Round, Scenario, outcome
from bench.sizes import Sizes
from bench.table import missed

QUICK = ("restore", "open")
# These two have no small size; tests/load runs them.
LARGE = ("brands", "priority")
# Ids of figures that are zero where all is well.
ZEROES = ("throttled", "twice")


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=[] if name in QUICK else pytest.mark.slow) for name in SCENARIOS if name not in LARGE],
)
async def test_a_small_round_gives_every_figure(kafka: str, tmp_path: Path, name: str) -> None:
    scenario = SCENARIOS[name]
    one = await scenario.run(Bed(kafka, tmp_path, Sizes.tiny()))
    found = {figure.spec.id: figure for figure in outcome(scenario, [one], 0).figures}
    wanted = {spec.id for spec in scenario.specs if not spec.id.startswith(("openloop200", "openloop400"))}
    assert set(found) == wanted
    for figure in found.values():
        assert 0 <= figure.median <= NEVER, figure
        assert figure.median or figure.spec.id.endswith((*ZEROES, ".share", ".cpu")), figure
        assert bool(figure.reference) is (scenario.beside != ""), figure


def test_the_usual_ones_are_those_of_the_issue_and_no_name_is_there_twice() -> None:
    ids = [spec.id for scenario in SCENARIOS.values() for spec in scenario.specs]
    assert len(ids) == len(set(ids))
    assert set(USUAL) < set(SCENARIOS)


def test_figures_keep_the_rounds_apart() -> None:
    scenario = SCENARIOS["restore"]
    ids = [spec.id for spec in scenario.specs]
    rounds = [Round({name: float(number) for name in ids}) for number in (3, 1, 2)]
    assert [figure.values for figure in outcome(scenario, rounds, 0).figures] == [(3, 1, 2)] * len(ids)


def test_plots_are_of_the_last_round_and_void_ones_are_told() -> None:
    found = outcome(SCENARIOS["restore"], [Round({}, series={"x": [one]}) for one in (1, 2, 3)], 4)
    assert (found.series, found.rounds, found.void) == ({"x": (3,)}, 3, 4)


def test_a_scenario_of_which_no_round_counts_has_no_figures_and_counts_as_missed() -> None:
    found = outcome(SCENARIOS["restore"], [], 6)
    assert (found.figures, found.rounds, found.void) == ((), 0, 6)
    assert missed(msgspec.structs.replace(saved(), outcomes=(found,))) == ["restore: no round counts"]


@pytest.mark.parametrize(("late", "void"), [(0.019, False), (0.021, True)])
def test_a_round_in_which_the_simulator_was_late_is_void(late: float, void: bool) -> None:
    assert (bottleneck.why_void({"lag_p99": late}) is not None) is void


def test_facts_are_told_as_medians() -> None:
    scenario = Scenario("a", "b", (), SCENARIOS["open"].run, told=lambda facts: [f"x was {facts['x']:g}"])
    found = outcome(scenario, [Round({}, facts={"x": value}) for value in (5, 1, 3)], 0)
    assert found.notes == ("x was 3",)
