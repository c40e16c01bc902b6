"""What happens in a run: triggers come, replicas are killed, frozen, cut off and started, partitions move."""

import asyncio
import random
from collections import Counter
from dataclasses import dataclass

import orjson
from simulation.loop import VirtualLoop
from simulation.world import World, made

from bridge.triggers import OnUnknown

_START = 1_700_000_000.0
_TROUBLE_LASTS = 60.0
# After the last fault: everything must have its end by then (the longest expiry is five minutes).
_QUIET = 900.0
_AFTERWARDS = 20.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a run showed. `broken`: the invariants that did not hold."""

    seed: int
    broken: tuple[str, ...]
    triggers: int
    calls: int
    unknown: int
    faults: int


def run(seed: int) -> Verdict:
    """One run of the simulation."""
    random.seed(seed)  # jitter in the code under test
    loop = VirtualLoop(_START)
    try:
        return loop.run_until_complete(_play(seed, loop))
    finally:
        loop.dispose()


async def _play(seed: int, loop: VirtualLoop) -> Verdict:
    world = made(seed, loop)
    for _ in range(world.dice.randint(1, 3)):
        world.start_replica()
    await asyncio.sleep(0.01)
    world.rebalance()
    total = world.dice.randint(3, 25)
    faults = world.dice.randint(0, 8)
    moments = sorted(
        [(world.dice.uniform(0, _TROUBLE_LASTS / 2), "send") for _ in range(total)]
        + [(world.dice.uniform(0.5, _TROUBLE_LASTS), "fault") for _ in range(faults)]
    )
    number = 0
    for moment, what in moments:
        await asyncio.sleep(max(0.0, _START + moment - loop.time()))
        for _ in range(world.dice.randint(0, 6)):
            await asyncio.sleep(0)  # between any two steps
        if what == "send":
            world.send(number)
            number += 1
        else:
            _fault(world)
    for log in world.broker.ledger:
        log.trouble = 0.0
    world.vendor.trouble = 0.0
    await asyncio.sleep(30)
    for replica in world.living():
        loop.thaw(replica.name)
    if not world.living():
        world.start_replica()
    await asyncio.sleep(1)
    world.rebalance()
    ends = loop.time() + _QUIET
    while _missing(world) and loop.time() < ends:
        await asyncio.sleep(5)
    await asyncio.sleep(_AFTERWARDS)
    broken = tuple(_broken(world))
    verdict = Verdict(seed, broken, len(world.sent), world.vendor.calls.total(), _unknown(world), faults)
    return verdict


def _fault(world: World) -> None:
    dice, living = world.dice, world.living()
    kind = dice.choice(["kill", "kill", "freeze", "cut", "stop", "move", "acks", "start"])
    if not living or kind == "start":
        world.start_replica()
        world.loop.call_later(dice.uniform(0, 2), world.rebalance)
        return
    victim = dice.choice(living)
    match kind:
        case "kill":
            world.kill(victim)
            if dice.random() < 0.5 or len(living) == 1:
                world.start_replica()
            world.loop.call_later(dice.uniform(0, 7), world.rebalance)
        case "freeze":
            world.hard_faults += 1
            world.loop.freeze(victim.name)
            world.loop.call_later(dice.uniform(0.01, 20), world.loop.thaw, victim.name)
            if dice.random() < 0.8:
                world.loop.call_later(dice.uniform(0, 7), lambda: world.rebalance(leave_out=victim))
            world.loop.call_later(22, world.rebalance)
        case "cut":
            # The group takes it for dead; it goes on and knows nothing.
            world.hard_faults += 1
            world.rebalance(leave_out=victim)
            world.loop.call_later(dice.uniform(1, 20), world.rebalance)
        case "stop":
            victim.dispatch.stop()
            if dice.random() < 0.5 or len(living) == 1:
                world.start_replica()
            world.loop.call_later(dice.uniform(0, 7), world.rebalance)
        case "move":
            world.rebalance()
        case "acks":
            world.hard_faults += 1
            dice.choice(world.broker.ledger).trouble = dice.uniform(0.05, 0.5)


def _results(world: World) -> dict[str, list[dict[str, object]]]:
    found: dict[str, list[dict[str, object]]] = {}
    for value in world.broker.results:
        record = orjson.loads(value)
        found.setdefault(record["trigger_id"], []).append(record)
    return found


def _missing(world: World) -> bool:
    """Whether an outcome, or the end of an execution that is known of, is still to come."""
    known = {orjson.loads(value)["trigger_id"] for value in world.broker.results}
    return not world.sent.keys() <= known


def _final(records: list[dict[str, object]]) -> dict[str, object]:
    return max(records, key=lambda record: int(str(record["revision"])))


def _unknown(world: World) -> int:
    return sum(_final(records)["outcome"] == "unknown" for records in _results(world).values())


def _broken(world: World) -> list[str]:
    """The invariants that do not hold at the end."""
    results, vendor, broken = _results(world), world.vendor, list[str]()
    for error in world.failures:
        broken.append(f"a replica failed: {error!r} {getattr(error, 'exceptions', '')}")
    executed = Counter(execution.trigger for execution in vendor.executions.values())
    for trigger in world.sent.values():
        number, records = trigger.event_id, results.get(trigger.id)
        effective = vendor.calls[number] - vendor.harmless[number]
        if trigger.on_unknown is OnUnknown.PARK and effective > 1:
            broken.append(f"trigger {number}: called {effective} times")
        if trigger.verdict is not None and vendor.calls[number]:
            broken.append(f"trigger {number}: rejected, and called")
        if records is None:
            broken.append(f"trigger {number}: no outcome")
            continue
        broken.extend(_wrong_outcome(number, records, executed[number], vendor.calls[number]))
    for name, execution in vendor.executions.items():
        known = any(record["execution_id"] == name for records in results.values() for record in records)
        if known and name not in vendor.polled_to_the_end:
            broken.append(f"execution {name} of trigger {execution.trigger} was not followed to its end")
    return broken


def _lasting(record: dict[str, object]) -> bytes:
    """What must be the same in every repetition: all but the moment at which an execution was seen to have ended."""
    if record["execution_id"] is not None and isinstance(times := record["times"], dict):
        record = {**record, "times": {**times, "ended": None}}
    return orjson.dumps(record)


def _wrong_outcome(number: str, records: list[dict[str, object]], executed: int, calls: int) -> list[str]:
    final = _final(records)
    outcome, broken = final["outcome"], list[str]()
    by_result = {str(record["result_id"]) for record in records}
    if len(by_result) != len({record["revision"] for record in records}):
        broken.append(f"trigger {number}: result ids and revisions disagree")
    # With several attempts, two owners may tell the same outcome of different ones.
    if all(record["attempts"] == 1 for record in records) and len({_lasting(one) for one in records}) != len(by_result):
        broken.append(f"trigger {number}: a result was repeated with other content: {records}")
    if outcome in ("published", "failed") and not executed:
        broken.append(f"trigger {number}: {outcome}, and no execution")
    if outcome in ("expired", "rejected") and executed and not final["possible_duplicate"]:
        broken.append(f"trigger {number}: {outcome}, and executed")
    if outcome == "unresolved" or outcome == "lost":
        broken.append(f"trigger {number}: {outcome}, though the vendor tells")
    return broken
