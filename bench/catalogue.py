"""Every scenario, in the order in which they run."""

from collections.abc import Mapping

from bench import besides, budgeting, capacity, disk, filtering, inside, openloop, takeover
from bench.scenario import Scenario

_USUAL = (
    capacity.SCENARIO,
    capacity.BESIDE_TUNED,
    openloop.SCENARIO,
    filtering.SCENARIO,
    *inside.SCENARIOS,
    disk.SCENARIO,
    budgeting.SCENARIO,
    *takeover.SCENARIOS,
)
SCENARIOS: Mapping[str, Scenario] = {one.name: one for one in (*_USUAL, *besides.SCENARIOS)}
USUAL = tuple(one.name for one in _USUAL)
"""Those that run when nothing else is said: within half an hour."""
