"""Makes rounds until enough of them count."""

import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import uvloop

from bench.bed import Bed
from bench.result import Outcome
from bench.scenario import Round, Scenario, outcome
from bench.sizes import Sizes
from bridge.demo.kafka import EmbeddedKafka

_AGAIN = 2
"""Rounds for each that must count."""


def measured(scenario: Scenario, sizes: Sizes, times: int, say: Callable[[str], None]) -> Outcome:
    """So many rounds that count, on a Kafka of the scenario's own; fewer where too many are void."""
    counted: list[Round] = []
    void = 0
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="campaign-bridge-bench-")))
        kafka = stack.enter_context(EmbeddedKafka()) if scenario.kafka else None
        servers, broker = ("", None) if kafka is None else (kafka.bootstrap_servers, kafka.pid)
        bed = Bed(servers, folder, sizes, broker)
        while len(counted) < times and len(counted) + void < times * _AGAIN:
            one = uvloop.run(scenario.run(bed))
            if one.void is None:
                counted.append(one)
                say(f"{scenario.name}: round {len(counted)} of {times}")
            else:
                void += 1
                say(f"{scenario.name}: a round is void, {one.void}")
    return outcome(scenario, counted, void)
