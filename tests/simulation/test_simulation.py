"""Dispatch, ledger and reconcile under faults from a seed, on a virtual clock. A seed that fails is replayed by its number:
`make simulation FROM=<seed> SEEDS=1`.
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from simulation.hunting import hunt, mutated
from simulation.mutants import MUTANTS, Mutant

_SOME, _MANY = 70, 3_000
# A mutant that the first seeds find: what finds it works.
_QUICK = "progress"


def _hunted(first: int, seeds: int) -> dict[str, int]:
    """What so many seeds summed up to, none of them with a violation. In a process of its own, whose sets have the order that
    they have in a replay.
    """
    done = subprocess.run(
        [sys.executable, "-m", "simulation.hunting", "--from", str(first), "--seeds", str(seeds)],
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[1]), "PYTHONHASHSEED": "0"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return {name: int(count) for count, name in re.findall(r"(\d+) (\w+)", done.stdout)}


def test_no_trigger_is_called_twice_or_lost_whatever_fails() -> None:
    sums = _hunted(0, _SOME)
    assert sums["seeds"] == _SOME
    # A simulation in which nothing happens proves nothing.
    assert sums["calls"] > 5 * _SOME
    assert sums["faults"] > 2 * _SOME
    assert sums["unknown"] > _SOME / 10
    assert sums["repetitions"] > _SOME / 10
    assert sums["superseded"] > _SOME / 2


@pytest.mark.slow
@pytest.mark.timeout(1_200)
def test_no_trigger_is_called_twice_or_lost_whatever_fails_in_thousands_of_runs() -> None:
    _hunted(_SOME, _MANY)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_every_mutant_fits_the_source(mutant: Mutant) -> None:
    with tempfile.TemporaryDirectory() as folder:
        mutated(mutant, Path(folder))


def test_a_rule_that_is_taken_out_is_noticed() -> None:
    found = hunt(next(mutant for mutant in MUTANTS if mutant.name == _QUICK), 200)
    assert found.seed is not None, found.said
    assert "no outcome" in found.said


@pytest.mark.slow
@pytest.mark.timeout(1_200)
@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_every_rule_that_is_taken_out_is_noticed(mutant: Mutant) -> None:
    found = hunt(mutant, 2_000)
    assert found.seed is not None, found.said
