"""An audit of a service that works says so, whatever happened to it: replicas killed, frozen, cut off, acks lost. And one
whose fence is broken does not pass.
"""

import pytest
from simulation import senders
from simulation.auditing import Audits
from simulation.scenario import run
from simulation.world import World

from bridge.audit.findings import Kind
from bridge.ledger.partition import PartitionLedger

_SEEDS = 16
# Not from the first on: without its fence a service may also go on for ever, as with the seeds 1 and 74.
_SEEDS_WITHOUT_FENCE = range(99, 399)


def test_whatever_fails_an_audit_finds_every_trigger_in_order_at_the_end_and_meanwhile(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    meanwhile, at_the_end = Audits(), Audits()
    alarms: list[str] = []
    send = senders.send

    def audited_send(world: World) -> None:
        # Some runs stand still for long, and an audit says so.
        alarms.extend(f"seed {world.seed} {alarm}" for alarm in meanwhile.of(world) if f"{Kind.STUCK}, " not in alarm)
        send(world)

    monkeypatch.setattr("simulation.scenario.send", audited_send)
    monkeypatch.setattr("simulation.scenario.broken", lambda world, **_gentle: at_the_end.of(world))
    broken = [verdict for verdict in map(run, range(_SEEDS)) if verdict.broken]
    assert (alarms, broken) == ([], [])
    assert at_the_end.open == {}
    # An audit of nothing proves nothing.
    assert at_the_end.outcomes.total() > 5 * _SEEDS
    assert at_the_end.outcomes["unknown"] > 0
    assert at_the_end.called_again > 0
    assert len(meanwhile.open) > 3


def test_an_audit_finds_a_broken_fence_before_anybody_was_called_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        PartitionLedger, "give_up", lambda _ledger: None
    )  # a foreign claim is seen, and nothing follows
    monkeypatch.setattr("simulation.scenario.broken", lambda world, **_gentle: Audits().of(world))
    found = (alarm for seed in _SEEDS_WITHOUT_FENCE for alarm in run(seed).broken)
    assert any(Kind.CALL_UNDER_A_LOST_CLAIM in alarm for alarm in found)
