"""What happens in a run: triggers come, replicas are killed, frozen, cut off and started, partitions move."""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass

from simulation.invariants import broken, final, results_of
from simulation.loop import VirtualLoop
from simulation.world import Replica, World, made

_START = 1_700_000_000.0
_TROUBLE_LASTS = 60.0
# After the last fault everything must have its end by then: the longest expiry is five minutes.
_QUIET = 900.0
_LOOK_EVERY = 5.0
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
    faults = await _trouble(world)
    await _peace(world)
    unknown = sum(final(records)["outcome"] == "unknown" for records in results_of(world).values())
    calls = world.vendor.calls.total()
    return Verdict(seed, tuple(broken(world)), len(world.sent), calls, unknown, faults)


async def _trouble(world: World) -> int:
    dice, faults = world.dice, world.dice.randint(0, 8)
    moments = sorted(
        [(dice.uniform(0, _TROUBLE_LASTS / 2), False) for _ in range(dice.randint(3, 25))]
        + [(dice.uniform(0.5, _TROUBLE_LASTS), True) for _ in range(faults)]
    )
    for number, (moment, is_fault) in enumerate(moments):
        await asyncio.sleep(max(0.0, _START + moment - world.loop.time()))
        for _ in range(dice.randint(0, 6)):
            await asyncio.sleep(0)  # between any two steps of the replicas
        if not is_fault:
            world.send(number)
        elif living := world.living():
            dice.choice(_FAULTS)(world, dice.choice(living))
        else:
            _start(world)
    return faults


async def _peace(world: World) -> None:
    for log in world.broker.ledger:
        log.trouble = 0.0
    world.vendor.trouble = 0.0
    await asyncio.sleep(30)
    for replica in world.living():
        world.loop.thaw(replica.name)
    if not world.living():
        world.start_replica()
    await asyncio.sleep(1)
    world.rebalance()
    for _ in range(int(_QUIET / _LOOK_EVERY)):
        if world.sent.keys() <= results_of(world).keys():
            break
        await asyncio.sleep(_LOOK_EVERY)
    await asyncio.sleep(_AFTERWARDS)


def _start(world: World, _victim: Replica | None = None) -> None:
    world.start_replica()
    world.loop.call_later(world.dice.uniform(0, 2), world.rebalance)


def _replaced(world: World) -> None:
    """The group notices sooner or later, and another process may come."""
    if world.dice.random() < 0.5 or not world.living():
        world.start_replica()
    world.loop.call_later(world.dice.uniform(0, 7), world.rebalance)


def _kill(world: World, victim: Replica) -> None:
    world.kill(victim)
    _replaced(world)


def _stop(world: World, victim: Replica) -> None:
    victim.dispatch.stop()
    if len(world.living()) == 1:
        world.start_replica()
    _replaced(world)


def _freeze(world: World, victim: Replica) -> None:
    dice, loop = world.dice, world.loop
    loop.freeze(victim.name)
    loop.call_later(dice.uniform(0.01, 20), loop.thaw, victim.name)
    if dice.random() < 0.8:
        loop.call_later(dice.uniform(0, 7), lambda: world.rebalance(leave_out=victim))
    loop.call_later(22, world.rebalance)


def _cut(world: World, victim: Replica) -> None:
    """The group takes it for dead; it goes on and knows nothing."""
    world.rebalance(leave_out=victim)
    world.loop.call_later(world.dice.uniform(1, 20), world.rebalance)


def _move(world: World, _victim: Replica) -> None:
    world.rebalance()


def _lose_acks(world: World, _victim: Replica) -> None:
    world.dice.choice(world.broker.ledger).trouble = world.dice.uniform(0.05, 0.5)


_FAULTS: list[Callable[[World, Replica], None]] = [_kill, _kill, _freeze, _cut, _stop, _move, _lose_acks, _start]
