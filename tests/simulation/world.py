"""Replicas, faults and time: one run of the simulation, decided by its seed."""

import asyncio
import random
from dataclasses import dataclass, field, replace

import structlog
from prometheus_client import CollectorRegistry
from simulation.broker import RESULTS, TRIGGERS, Broker, Consumer, Partition, Reader, Results
from simulation.loop import REPLICA, VirtualClock, VirtualLoop
from simulation.vendor import Vendor

from bridge.budget.budget import Budget
from bridge.dispatch import building
from bridge.dispatch.stage import Dispatch
from bridge.events import Source
from bridge.holds.board import Board
from bridge.holds.probing import probe_brands
from bridge.outcomes.emitter import Emitter
from bridge.reconcile.judging import Following
from bridge.reconcile.pace import Pace
from bridge.reconcile.stage import Reconcile
from bridge.settings.model import Settings
from bridge.telemetry import Telemetry
from bridge.triggers import OnUnknown, Priority, Rejected, Trigger, partition_of, trigger_id

BRAND = "acme"
PARTITIONS = 3
_SESSION = 6.0
_SILENT = structlog.wrap_logger(
    structlog.PrintLogger(), processors=[lambda _l, _m, _e: (_ for _ in ()).throw(structlog.DropEvent)]
)


@dataclass(slots=True)
class Replica:
    """A process: its parts, and the task that everything of it runs in."""

    name: str
    consumer: Consumer
    dispatch: Dispatch
    task: "asyncio.Task[None]"
    alive: bool = True


@dataclass(slots=True)
class World:
    """The state of a run. `troubled`: faults may still happen."""

    seed: int
    loop: VirtualLoop
    clock: VirtualClock
    dice: random.Random
    broker: Broker
    vendor: Vendor
    replicas: dict[str, Replica] = field(default_factory=dict)
    owners: dict[int, str] = field(default_factory=dict)
    sent: dict[str, Trigger] = field(default_factory=dict)
    born: int = 0
    failures: list[BaseException] = field(default_factory=list)

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
        clock = VirtualClock(self.loop, dice.randint(-2_000, 2_000))
        settings = Settings.model_validate(
            {
                "brands": {BRAND: {"api_key": "k", "brand_key": "k", "requests_per_second": dice.choice([3, 20, 200])}},
                "kafka": {"session_timeout": "6s"},
                "dispatch": {
                    "park_after": dice.choice(["2s", "60s"]),
                    "max_waiting": dice.choice([5, 1_000]),
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
        results = Emitter(Results(self.broker.results, self.loop, dice), RESULTS, telemetry)
        reconcile = Reconcile(
            vendor=self.vendor,
            budget=budget,
            holds=board,
            results=results,
            pace=Pace(2.0, 5.0, dice.random),
            following=Following(300_000, 60_000),
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
            window=86_400_000,
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

        replica = Replica(name, consumer, dispatch, self.loop.create_task(live(), name=name))
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

    def kill(self, replica: Replica) -> None:
        """SIGKILL: whatever it was doing, it does nothing more."""
        replica.alive = False
        self.loop.bury(replica.name)
        self.broker.listeners.pop(replica.name, None)

    def assign(self, owners: dict[int, str]) -> None:
        """The group gives partitions; those who lose some may hear of it late, or never."""
        self.owners = dict(owners)
        for replica in self.living():
            replica.consumer.expelled = False
            replica.consumer.heard = self.clock.boottime()
            replica.consumer.give([number for number, owner in owners.items() if owner == replica.name])

    def rebalance(self, *, leave_out: Replica | None = None) -> None:
        """Every living member gets its share; `leave_out` is taken for dead and hears nothing."""
        members = [replica for replica in self.living() if replica is not leave_out]
        if not members:
            return
        shares: dict[str, list[int]] = {member.name: [] for member in members}
        for number in range(PARTITIONS):
            name = self.dice.choice(members).name
            shares[name].append(number)
            self.owners[number] = name
        for member in members:
            member.consumer.expelled = False
            member.consumer.heard = self.clock.boottime()
            delay = self.dice.choice([0.0, 0.0, self.dice.uniform(0, 3)])
            self.loop.call_later(delay, member.consumer.give, shares[member.name])
        if leave_out is not None:
            leave_out.consumer.expelled = True

    def send(self, number: int) -> None:
        """Intake writes a trigger; now and then one that was written before."""
        if self.sent and self.dice.random() < 0.15:
            trigger = self.dice.choice(list(self.sent.values()))
        else:
            trigger = self._new_trigger(number)
            self.sent[trigger.id] = trigger
        if self.dice.random() < 0.05:
            self.dice.choice(self.broker.triggers).put(b"x", b"not a trigger")
        where = partition_of(trigger.order_by, trigger.dedup_key, PARTITIONS)
        self.broker.triggers[where].put(trigger.id.encode(), replace(trigger, received=self.clock.now()).encode())

    def _new_trigger(self, number: int) -> Trigger:
        now = self.clock.now()
        return Trigger(
            id=trigger_id(BRAND, "r", "t", str(number)),
            brand=BRAND,
            route="r",
            event_generator_id="g",
            topic_key="t",
            event_id=str(number),
            dedup_key=str(number),
            order_by=self.dice.choice([None, None, "a", "b"]),
            priority=self.dice.choice(list(Priority)),
            on_unknown=OnUnknown.RESEND if self.dice.random() < 0.2 else OnUnknown.PARK,
            context={"number": number},
            expires_at=now + self.dice.choice([4_000, 60_000, 300_000]),
            event_time=now,
            received=now,
            source=Source("s", 0, number),
            table="x",
            verdict=Rejected("bad") if self.dice.random() < 0.05 else None,
        )


def made(seed: int, loop: VirtualLoop) -> World:
    """A world before its first moment."""
    dice = random.Random(seed)
    clock = VirtualClock(loop)
    broker = Broker(loop, clock, dice, PARTITIONS)
    return World(seed, loop, clock, dice, broker, Vendor(loop, dice, dice.choice([0.0, 0.1, 0.4])))
