"""Triggers whose owner was killed while it called, and what it may still write."""

from typing import Any

from dispatch.bench import PARTITIONS, Bench

from bridge.ledger.codec import encode, key_of
from bridge.ledger.records import Fact, Intent
from bridge.simulator import faults
from bridge.triggers import OnUnknown, partition_of


def late(bench: Bench, name: str, fact: Fact) -> None:
    """A fact that an earlier owner writes when it is no longer the owner. `name` decides the partition."""
    bench.broker.ledger[partition_of(None, name, PARTITIONS)].put(key_of(fact), encode(fact))


async def orphaned(bench: Bench, *, on_unknown: OnUnknown = OnUnknown.PARK, **fields: Any) -> tuple[str, Intent]:
    """A trigger named e1 whose owner is killed while it calls; with its intent. For `fields` see Bench.publish."""
    bench.simulator.faults.add(faults.Hang(made=True))
    async with bench.running():
        trigger = bench.publish("e1", on_unknown=on_unknown, **fields)
        await bench.until(lambda: bench.called() == ["e1"])
    intent = bench.lines(trigger)[0]
    assert isinstance(intent, Intent)
    return trigger, intent
