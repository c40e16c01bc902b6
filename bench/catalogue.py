"""Every scenario, in the order in which they run."""

from collections.abc import Mapping

from bench import capacity, openloop
from bench.scenario import Scenario

SCENARIOS: Mapping[str, Scenario] = {one.name: one for one in (capacity.SCENARIO, openloop.SCENARIO)}
