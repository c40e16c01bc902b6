"""What happens in a run: triggers come and are repeated while things go wrong, for a minute; some runs stand still for long
then, and go on; then there is peace, and everything must come to its end.
"""

import asyncio
import random
from collections import Counter
from dataclasses import dataclass

from simulation.faults import FAULTS, GENTLE, WITH_DIGESTS, Fault, kill, kill_all, start
from simulation.invariants import broken
from simulation.loop import VirtualLoop
from simulation.reading import Result, final, ledgers_of, results_of
from simulation.senders import repeat, send
from simulation.world import DIGEST_EVERY, LIMITED, LONGEST_EXPIRY, LOOK_EVERY, World, made

from bridge.dispatch import stage

_START = 1_700_000_000.0
_TROUBLE_LASTS = 60.0
# Longer than every window that a replica may have.
_DOWNTIME = (10.0, 3_000.0)
# Records that a takeover writes before anything else, and milliseconds.
_OF_A_TAKEOVER, _TAKEOVER_LASTS = 20, 3_000
# After the last fault everything must have its end by then: the longest expiry is five minutes, the longest execution 15.
_QUIET = 1_500.0
_LOOK_EVERY = 5.0
_AFTERWARDS = 20.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a run showed. `broken`: the invariants that did not hold."""

    seed: int
    broken: tuple[str, ...]
    triggers: int
    repetitions: int
    calls: int
    unknown: int
    superseded: int
    corrected: int
    faults: int


def run(seed: int) -> Verdict:
    """One run of the simulation."""
    random.seed(seed)  # jitter in the code under test
    loop = VirtualLoop(_START)
    try:
        return loop.run_until_complete(_play(seed, loop))
    finally:
        loop.dispose()
        stage._LOOK_EVERY = LOOK_EVERY


async def _play(seed: int, loop: VirtualLoop) -> Verdict:
    world = made(seed, loop)
    gentle = world.dice.random() < 0.15
    if gentle:
        world.vendor.trouble, world.orderly = 0.0, True
    for _ in range(world.dice.randint(1, 3)):
        world.start_replica()
    await asyncio.sleep(0.01)
    world.rebalance()
    faults = await _trouble(world, GENTLE if gentle else _rough(world), _TROUBLE_LASTS)
    if not gentle:
        for _ in range(world.dice.choice([0, 0, 0, 0, 1, 2])):
            faults += await _downtime(world)
    await _peace(world)
    results = results_of(world)
    outcomes = Counter(final(records)["outcome"] for records in results.values())
    corrected = sum(
        _unresolved(records[:1]) and not _unresolved(records) for records in map(_by_revision, results.values())
    )
    repetitions = sum(trigger.repeats is not None for trigger in world.sent.values())
    return Verdict(
        seed,
        broken=tuple(broken(world, gentle=gentle)),
        triggers=len(world.sent),
        repetitions=repetitions,
        calls=world.vendor.calls.total(),
        unknown=outcomes["unknown"],
        superseded=outcomes["superseded"],
        corrected=corrected,
        faults=faults,
    )


def _has_digests(world: World) -> bool:
    return world.digest_every != DIGEST_EVERY[-1]


def _rough(world: World) -> list[Fault]:
    return WITH_DIGESTS if _has_digests(world) else FAULTS


async def _trouble(world: World, choice: list[Fault], seconds: float) -> int:
    dice, faults, began = world.dice, world.dice.randint(0, 8), world.loop.time()
    many = dice.randint(3, 25)
    if _has_digests(world):
        faults, many = faults + dice.randint(0, 6), many + dice.randint(0, 40)
    # A digest is found by what is decided after it.
    until = seconds if _has_digests(world) else seconds / 2
    moments = sorted(
        [(dice.uniform(0, until), "trigger") for _ in range(many)]
        + [(dice.uniform(0.5, seconds), "fault") for _ in range(faults)]
        + [(dice.uniform(0.5, seconds), "repeat") for _ in range(dice.choice([0, 0, 2, 8]))]
    )
    for moment, what in moments:
        await asyncio.sleep(max(0.0, began + moment - world.loop.time()))
        for _ in range(dice.randint(0, 6)):
            await asyncio.sleep(0)  # between any two steps of the replicas
        if what == "trigger":
            send(world)
        elif what == "repeat":
            repeat(world)
        elif living := world.living():
            dice.choice(choice)(world, dice.choice(living))
        else:
            start(world)
    return faults


async def _downtime(world: World) -> int:
    """Nobody is there for long; then somebody comes, perhaps to die in the takeover; then trouble as before."""
    dice = world.dice
    kill_all(world)
    await asyncio.sleep(dice.uniform(*_DOWNTIME))
    if dice.random() < 0.3:
        world.broker.committed.clear()  # the offsets of the group are reset: every trigger that is kept comes again
    faults = dice.randint(0, 3)
    for _ in range(faults):
        victim = world.start_replica()
        await asyncio.sleep(0.01)
        world.rebalance()
        if dice.random() < 0.5:
            await _records(world, dice.randint(1, _OF_A_TAKEOVER))
        else:
            await asyncio.sleep(dice.choice([0.05, 0.3, 3.0]) * dice.random())
        kill(world, victim)
        await asyncio.sleep(dice.uniform(0, 10))
    return faults + await _trouble(world, _rough(world), _TROUBLE_LASTS)


async def _records(world: World, many: int) -> None:
    """Until so many more are in the ledger; for some seconds at most."""
    wanted = many + sum(len(log.records) for log in world.broker.ledger)
    for _ in range(_TAKEOVER_LASTS):
        if sum(len(log.records) for log in world.broker.ledger) >= wanted:
            return
        await asyncio.sleep(0.001)


async def _peace(world: World) -> None:
    for log in world.broker.ledger:
        log.trouble = 0.0
    world.vendor.trouble = 0.0
    world.vendor.at_a_call.clear()
    await asyncio.sleep(30)
    for replica in world.living():
        world.loop.thaw(replica.name)
    if not world.living():
        world.start_replica()
    await asyncio.sleep(1)
    if not world.covered():
        world.rebalance()
    await asyncio.sleep(5)
    for _ in range(world.dice.choice([0, 0, 2])):
        repeat(world)
    restart = not world.orderly and world.dice.random() < 0.5
    for _ in range(int(_QUIET / _LOOK_EVERY)):
        results = results_of(world)
        unresolved = any(_unresolved(records) for records in results.values())
        if world.sent.keys() <= results.keys() and not unresolved and not _open(world):
            break
        if unresolved and restart:
            restart = False
            await _restart(world)
        await asyncio.sleep(_LOOK_EVERY)
    if any(world.sent[trigger].route == LIMITED for trigger in _unknown(world)):
        # One that late news shows was not called waits again; and when its route is held, until it expires.
        await asyncio.sleep(LONGEST_EXPIRY / 1000)
    await asyncio.sleep(_AFTERWARDS)


async def _restart(world: World) -> None:
    """Others go on with what was told as unresolved."""
    kill_all(world)
    world.start_replica()
    await asyncio.sleep(1)
    world.rebalance()


def _open(world: World) -> set[str]:
    """Executions that the ledger tells of, also of triggers that were unknown before, and that nobody saw end so far."""
    accepted = {line["execution_id"] for lines in ledgers_of(world) for line in lines if line["kind"] == "accepted"}
    return accepted - world.vendor.polled_to_the_end


def _unresolved(records: list[Result]) -> bool:
    return str(final(records)["outcome"]) == "unresolved"


def _by_revision(records: list[Result]) -> list[Result]:
    return sorted(records, key=lambda record: int(record["revision"]))


def _unknown(world: World) -> set[str]:
    """Triggers of which nothing better is known so far."""
    results = results_of(world).items()
    return {trigger for trigger, records in results if final(records)["outcome"] == "unknown"} & world.sent.keys()
