"""A short run with every test, and one on three brokers: what `make chaos` does for most of an hour."""

from pathlib import Path

import pytest
from chaos.brokers import Given
from chaos.options import Options
from chaos.plan import Kind
from chaos.record import Record
from chaos.run import run
from chaos.totals import Verdict


async def test_each_event_is_called_once_while_replicas_are_killed_ended_and_frozen_and_the_vendor_is_cut_off(
    kafka: str, tmp_path: Path
) -> None:
    options = Options(
        {Kind.KILL: 2, Kind.TERM: 1, Kind.FREEZE: 1, Kind.CUT: 1},
        rate=60,
        replicas=2,
        session_timeout=3_000,
        partitions=4,
        source_partitions=2,
    )
    record = Record(options)
    said: list[str] = []
    await run(record, tmp_path, tmp_path / "chaos.json", said.append, Given(kafka))
    total = record.totals
    assert (total.duplicates, total.lost, total.false_gaps) == (0, 0, 0), said
    # Whether two kills met calls in flight is up to chance, and how soon work went on up to the machine.
    broken = [line for account in record.accounts for line in account.broken]
    assert not broken, said
    assert {one.kind: one.count for one in total.kinds} == options.faults
    assert Record.read(tmp_path / "chaos.json") == record


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_a_rolling_restart_and_a_dead_leader_cost_no_event_on_three_brokers(tmp_path: Path) -> None:
    options = Options({Kind.ROLLING: 1, Kind.LEADER: 1}, rate=60, nodes=3, replicas=2)
    record = Record(options)
    said: list[str] = []
    await run(record, tmp_path, None, said.append)
    total = record.totals
    assert total.verdict is Verdict.KEPT, said
    assert (total.unknown, total.executions) == (0, total.events)
