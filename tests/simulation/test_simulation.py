"""Dispatch, ledger and reconcile under faults from a seed, on a virtual clock. A seed that fails is replayed by its number:
`PYTHONHASHSEED=0 python -c "from simulation.scenario import run; print(run(SEED))"` in the folder of the tests.
"""

import pytest
from simulation.scenario import Verdict, run

_SOME, _MANY = 100, 3_000


def _all_hold(seeds: range) -> list[Verdict]:
    verdicts = [run(seed) for seed in seeds]
    assert [verdict for verdict in verdicts if verdict.broken] == []
    return verdicts


def test_no_trigger_is_called_twice_or_lost_whatever_fails() -> None:
    verdicts = _all_hold(range(_SOME))
    # A simulation in which nothing happens proves nothing.
    assert sum(verdict.calls for verdict in verdicts) > 5 * _SOME
    assert sum(verdict.faults for verdict in verdicts) > 2 * _SOME
    assert sum(verdict.unknown for verdict in verdicts) > _SOME / 10


@pytest.mark.slow
@pytest.mark.timeout(1_200)
def test_no_trigger_is_called_twice_or_lost_whatever_fails_in_thousands_of_runs() -> None:
    _all_hold(range(_SOME, _MANY))
