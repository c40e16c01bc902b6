"""What goes wrong: replicas are killed, frozen, cut off and stopped, partitions move, acks get lost, clocks jump."""

from collections.abc import Callable

from simulation.world import SKEW, Replica, World

Fault = Callable[[World, Replica], None]
# How often a replica is frozen or cut off while a call of it is under way.
_AT_A_CALL = 0.5


def start(world: World, _victim: Replica | None = None) -> None:
    world.start_replica()
    world.loop.call_later(world.dice.uniform(0, 2), world.rebalance)


def kill(world: World, victim: Replica) -> None:
    world.kill(victim)
    _replaced(world)


def kill_all(world: World, _victim: Replica | None = None) -> None:
    for replica in world.living():
        world.kill(replica)


def replace_all(world: World, _victim: Replica) -> None:
    """All die at once, and one that knows nothing yet takes everything over."""
    kill_all(world)
    world.start_replica()
    world.loop.call_later(world.dice.uniform(0, 2), world.rebalance)


def stop(world: World, victim: Replica) -> None:
    """SIGTERM."""
    victim.dispatch.stop()
    if len(world.living()) == 1:
        world.start_replica()
    _replaced(world)


def freeze(world: World, victim: Replica) -> None:
    _in_time(world, victim, _freeze)


def _freeze(world: World, victim: Replica) -> None:
    dice, loop = world.dice, world.loop
    loop.freeze(victim.name)
    loop.call_later(dice.uniform(0.01, 20), loop.thaw, victim.name)
    if dice.random() < 0.8:
        loop.call_later(dice.uniform(0, 7), lambda: world.rebalance(leave_out=victim))
    loop.call_later(22, world.rebalance)


def cut(world: World, victim: Replica) -> None:
    """The group takes it for dead; it goes on and knows nothing."""
    _in_time(world, victim, _cut)


def _cut(world: World, victim: Replica) -> None:
    world.rebalance(leave_out=victim)
    world.loop.call_later(world.dice.uniform(1, 20), world.rebalance)


def _in_time(world: World, victim: Replica, fault: Fault) -> None:
    """At once, or with its next call: what comes of that is told late, when others have given it up."""

    def happens() -> None:
        if victim.alive:
            fault(world, victim)

    if world.dice.random() < _AT_A_CALL:
        world.vendor.at_a_call[victim.name] = happens
    else:
        happens()


def move(world: World, _victim: Replica) -> None:
    world.rebalance()


def lose_acks(world: World, _victim: Replica) -> None:
    world.dice.choice(world.broker.ledger).trouble = world.dice.uniform(0.05, 0.5)


def turn_clock(world: World, victim: Replica) -> None:
    victim.clock.ahead = world.dice.randint(-SKEW, SKEW)


def hold(world: World, _victim: Replica) -> None:
    """A person lets everything wait: it is parked, replaced and expires meanwhile."""
    world.hold(world.dice.uniform(2, 40))


def _replaced(world: World) -> None:
    """The group notices sooner or later, and another process may come."""
    if world.dice.random() < 0.5 or not world.living():
        world.start_replica()
    world.loop.call_later(world.dice.uniform(0, 7), world.rebalance)


FAULTS: list[Fault] = [kill, kill, freeze, cut, stop, move, lose_acks, start, turn_clock, hold]
# Where ledgers have digests: more who have to rely on them.
WITH_DIGESTS: list[Fault] = [*FAULTS, replace_all, replace_all]
# What a rollout does: nothing of it may leave anything unknown.
GENTLE: list[Fault] = [stop, stop, move, start, hold]
