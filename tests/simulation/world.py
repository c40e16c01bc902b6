"""Replicas, faults and time: one run of the simulation, decided by its seed."""

import asyncio
import random
from dataclasses import dataclass, field

import structlog
from msgspec import structs
from prometheus_client import CollectorRegistry
from simulation.broker import RESULTS, TRIGGERS, Broker, Consumer, Partition, Reader, Results
from simulation.loop import REPLICA, VirtualClock, VirtualLoop
from simulation.vendor import Vendor

from bridge.budget.budget import Budget
from bridge.dispatch import building, stage
from bridge.dispatch.stage import Dispatch
from bridge.holds.board import Board
from bridge.holds.model import EVERYTHING
from bridge.holds.operating import operators_hold
from bridge.holds.probing import probe_brands
from bridge.ledger import asking, digesting, items
from bridge.outcomes.emitter import Emitter
from bridge.reconcile.judging import Following
from bridge.reconcile.pace import Pace
from bridge.reconcile.stage import Reconcile
from bridge.settings.model import Settings
from bridge.telemetry import Telemetry
from bridge.triggers import Limit, Trigger

BRAND = "acme"
PARTITIONS = 3
# Milliseconds: how wrong a replica's wall clock may be at most; the longest expires_after, which is also the dedup window
# and the deadline of executions; and how far back ledgers are read, with the margin that bridge.app adds.
SKEW = 5_000
LONGEST_EXPIRY = 300_000
WINDOWS = (LONGEST_EXPIRY + 600_000, LONGEST_EXPIRY + 600_000, 2 * LONGEST_EXPIRY + 600_000)
# Longer than two windows: what is unresolved is carried on while it is followed.
_CORRECTIONS = 4_000_000
# Seconds between questions about it, as suits a run of some minutes.
_RARELY = (20.0, 60.0)
_SESSION = 6.0
# A route that limits itself, in each triggers partition.
LIMITED, LIMIT = "limited", Limit(1, 60_000, "route")
# Where digests are to reach further up than that: they never do as far as calls are counted.
SHORT_LIMIT = Limit(1, 500, "route")
# Small appends, so that a replica can die between any two of them.
asking._BATCH_BYTES = 3_000
# What can be packed is packed soon, and whole for a while, as with many more records.
items._PACKED_AFTER = 3
# Digests of a few ids have several parts, and begin a new chain soon. (3 s pass between looks.)
digesting._IDS_IN_A_PART, digesting._PARTS_IN_A_LOOK, digesting._LONGEST_CHAIN = 2, 2, 4
LOOK_EVERY = stage._LOOK_EVERY
# Milliseconds between them; the last is never. In half of the worlds there are none: what digests tell, an owner need not have
# read, carried on or looked for, and these rules are to be met, too.
DIGEST_EVERY = (1_000, 10**12, 4_000, 10**12)
_SILENT = structlog.wrap_logger(
    structlog.PrintLogger(), processors=[lambda _l, _m, _e: (_ for _ in ()).throw(structlog.DropEvent)]
)


@dataclass(slots=True)
class Replica:
    """A process: its parts, and the task that everything of it runs in."""

    name: str
    consumer: Consumer
    dispatch: Dispatch
    clock: VirtualClock
    task: "asyncio.Task[None]"
    alive: bool = True
    killed: bool = False


@dataclass(slots=True)
class World:
    """The state of a run. `sent`: by id, every trigger as it was first written; `published`: as often as it was."""

    seed: int
    loop: VirtualLoop
    clock: VirtualClock
    dice: random.Random
    broker: Broker
    vendor: Vendor
    replicas: dict[str, Replica] = field(default_factory=dict)
    sent: dict[str, Trigger] = field(default_factory=dict)
    published: dict[str, list[Trigger]] = field(default_factory=dict)
    born: int = 0
    failures: list[BaseException] = field(default_factory=list)
    digest_every: int = DIGEST_EVERY[-1]
    limit: Limit = LIMIT
    # Whether all triggers are news of one thing, each of which makes the older ones needless.
    one_story: bool = False
    # Whether the group gives no partition to anybody before its last owner has given it up.
    orderly: bool = False
    _tidying: list["asyncio.Task[None]"] = field(default_factory=list)
    _one_rebalance: asyncio.Lock = field(default_factory=asyncio.Lock)

    def start_replica(self) -> Replica:
        """A new process."""
        self.born += 1
        name = f"r{self.born}"
        token = REPLICA.set(name)
        try:
            return self._start(name)
        finally:
            REPLICA.reset(token)

    def _start(self, name: str) -> Replica:
        dice = self.dice
        clock = VirtualClock(self.loop, dice.randint(-SKEW, SKEW))
        settings = Settings.model_validate(
            {
                "brands": {BRAND: {"api_key": "k", "brand_key": "k", "requests_per_second": dice.choice([3, 20, 200])}},
                "kafka": {"session_timeout": "6s"},
                "dispatch": {
                    "park_after": dice.choice(["2s", "60s"]),
                    "max_waiting": dice.choice([5, 1_000]),
                    "digest_every": f"{self.digest_every}ms",
                },
                "topics": {"partitions": PARTITIONS},
            }
        )
        telemetry = Telemetry(CollectorRegistry(), clock, _SILENT)
        consumer = Consumer(self.broker)
        board = Board(clock, telemetry, self.broker.write_control)
        for key, value in self.broker.control:
            board.learn(key, value)
        self.broker.listeners[name] = board.learn
        budget = Budget({BRAND: settings.brands[BRAND].requests_per_second}, settings.budget.headroom, clock, telemetry)
        results = Emitter(Results(self.broker.results, self.loop, dice), RESULTS, "bridge", telemetry)
        reconcile = Reconcile(
            vendor=self.vendor,
            budget=budget,
            holds=board,
            results=results,
            pace=Pace(2.0, 5.0, dice.random, _RARELY),
            following=Following(LONGEST_EXPIRY, 60_000, _CORRECTIONS),
            fresh=lambda: consumer.heard_within(_SESSION),
            replica=name,
            clock=clock,
            telemetry=telemetry,
        )
        ledgers = {n: Partition(log, self.loop) for n, log in enumerate(self.broker.ledger)}
        readers = {n: Partition(log, self.loop) for n, log in enumerate(self.broker.triggers)}
        dispatch = building.build(
            settings=settings,
            topic=TRIGGERS,
            log=ledgers.__getitem__,
            triggers=lambda n: Reader(readers[n]),
            around=building.Around(consumer, self.vendor, budget, board, results, reconcile),
            window=self.dice.choice(WINDOWS),
            longest_limit=self.limit.per,
            fingerprint=lambda _route: "f",
            generator=lambda _route: "g",
            replica=name,
            clock=clock,
            telemetry=telemetry,
        )

        async def heartbeats() -> None:
            while True:
                await asyncio.sleep(1.5)
                if not consumer.expelled:
                    consumer.heard = clock.boottime()

        async def live() -> None:
            async with asyncio.TaskGroup() as group:
                beside = [
                    group.create_task(budget.run()),
                    group.create_task(reconcile.run()),
                    group.create_task(probe_brands([BRAND], self.vendor, budget, board)),
                    group.create_task(heartbeats()),
                ]
                await dispatch.run()
                for task in beside:
                    task.cancel()

        replica = Replica(name, consumer, dispatch, clock, self.loop.create_task(live(), name=name))
        replica.task.add_done_callback(lambda task: self._ended(replica, task))
        self.replicas[name] = replica
        return replica

    def _ended(self, replica: Replica, task: "asyncio.Task[None]") -> None:
        replica.alive = False
        self.broker.listeners.pop(replica.name, None)
        if not task.cancelled() and (error := task.exception()) is not None:
            self.failures.append(error)

    def living(self) -> list[Replica]:
        """Processes that have neither ended nor been killed."""
        return [replica for replica in self.replicas.values() if replica.alive]

    def covered(self) -> bool:
        """Whether every partition has one owner that lives and is counted among the group."""
        members = [replica for replica in self.living() if not replica.consumer.expelled]
        owned = [where.partition for member in members for where in member.consumer.assignment()]
        return len(members) == len(self.living()) and sorted(owned) == list(range(PARTITIONS))

    def kill(self, replica: Replica) -> None:
        """SIGKILL: whatever it was doing, it does nothing more."""
        replica.alive, replica.killed = False, True
        self.loop.bury(replica.name)
        self.broker.listeners.pop(replica.name, None)

    def assign(self, owners: dict[int, str]) -> None:
        """The group gives partitions; those who lose some may hear of it late, or never."""
        for replica in self.living():
            replica.consumer.expelled = False
            replica.consumer.heard = self.clock.boottime()
            replica.consumer.give([number for number, owner in owners.items() if owner == replica.name])

    def rebalance(self, *, leave_out: Replica | None = None) -> None:
        """Every living member gets its share; `leave_out` is taken for dead and hears nothing."""
        members = [replica for replica in self.living() if replica is not leave_out]
        if not members:
            return
        if self.orderly:
            self._tidying.append(self.loop.create_task(self._rebalance_in_order()))
            return
        shares: dict[str, list[int]] = {member.name: [] for member in members}
        for number in range(PARTITIONS):
            name = self.dice.choice(members).name
            shares[name].append(number)
        for member in members:
            member.consumer.expelled = False
            member.consumer.heard = self.clock.boottime()
            delay = self.dice.choice([0.0, 0.0, self.dice.uniform(0, 3)])
            self.loop.call_later(delay, member.consumer.give, shares[member.name])
        if leave_out is not None:
            leave_out.consumer.expelled = True

    async def _rebalance_in_order(self) -> None:
        """As a group does whose members are all well: nobody gets what another one has not given up yet."""
        async with self._one_rebalance:
            owners: dict[int, str] = {}
            given: dict[int, str] = {}
            while members := self.living():
                names = [member.name for member in members]
                for number in range(PARTITIONS):
                    if owners.get(number) not in names:
                        owners[number] = self.dice.choice(names)
                holders = {number: member.name for member in members for number in member.consumer.held}
                free = {number: owner for number, owner in owners.items() if holders.get(number, owner) == owner}
                if free != given:
                    self.assign(free)
                    given = free
                elif holders == owners:
                    return
                await asyncio.sleep(0.01)

    def hold(self, seconds: float) -> None:
        """An operator holds everything for a while."""
        now = self.clock.now()
        hold = operators_hold(EVERYTHING, "a drill", "tester", now, now + round(seconds * 1000))
        writing = self.broker.write_control(f"operator/{EVERYTHING}", hold.encode())
        self._tidying.append(self.loop.create_task(writing))

    def publish(self, trigger: Trigger) -> None:
        """Write a trigger to its partition."""
        self.sent.setdefault(trigger.id, trigger)
        self.published.setdefault(trigger.id, []).append(trigger)
        where = trigger.partition(PARTITIONS)
        self.broker.triggers[where].put(
            trigger.id.encode(), structs.replace(trigger, received=self.clock.now()).encode()
        )


def made(seed: int, loop: VirtualLoop) -> World:
    """A world before its first moment."""
    dice = random.Random(seed)
    clock = VirtualClock(loop)
    broker = Broker(loop, clock, dice, PARTITIONS)
    vendor = Vendor(loop, dice, dice.choice([0.0, 0.1, 0.4]), dice.choice([0.0, 0.0, 0.0, 0.1]))
    world = World(seed, loop, clock, dice, broker, vendor)
    world.one_story = dice.random() < 0.2
    # Dice of their own: what happens in a world without digests is as it was before there were any.
    digests = random.Random(f"digests of {seed}")
    world.digest_every = digests.choice(DIGEST_EVERY)
    # The steps of a digest are taken in looks.
    stage._LOOK_EVERY = LOOK_EVERY if world.digest_every == DIGEST_EVERY[-1] else digests.choice([0.3, 1.0, 3.0])
    world.limit = LIMIT if world.digest_every == DIGEST_EVERY[-1] else digests.choice([LIMIT, SHORT_LIMIT, SHORT_LIMIT])
    return world
