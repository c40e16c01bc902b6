"""Replicas on one partition, which go on one step at a time: at every await of the log a schedule says who is next."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto

from ledger.memory import Fate, MemoryPartition, Pace
from ledger.owners import NEW, Owner, make_owner, nonces
from ledger.samples import accepted, intent, released, trigger_named

from bridge.errors import AppendUncertain, LedgerLost
from bridge.ledger.item import InFlight, New, Waiting
from bridge.ledger.records import Intent, Unknown
from bridge.triggers import OnUnknown

# More turns of the loop than there are hops between an answer of the log and the next question to it.
_HOPS = 12
POLICIES = {"one": OnUnknown.PARK, "two": OnUnknown.RESEND}


class Act(Enum):
    """What a replica does next, as dispatch would."""

    CLAIM = auto()
    CALL_AND_HEAR_NOTHING = auto()
    CALL_AND_RELEASE = auto()
    CALL_AND_ACCEPT = auto()
    LOOK = auto()


@dataclass(frozen=True, slots=True)
class Call:
    """A call that a replica made, and all attempts at that trigger that it knew when it decided to."""

    intent: Intent
    known: frozenset[str]


@dataclass(frozen=True, slots=True)
class Plan:
    """One replica's life: tasks that share its ledger and begin after so many turns of its own, what becomes of its
    appends, and the step at which it is killed.
    """

    tasks: Sequence[Sequence[tuple[Act, str]]]
    begins_after: int = 0
    fates: Sequence[Fate] = ()
    dies_at: int | None = None


@dataclass(slots=True)
class Turnstile:
    """Where everybody waits. `choices` says who goes on; then they take turns."""

    choices: Iterator[int]
    waiting: list["asyncio.Future[None]"] = field(default_factory=list)

    def pace(self) -> Pace:
        async def wait() -> None:
            turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self.waiting.append(turn)
            await turn

        return wait

    async def step(self) -> None:
        """Let one of them go on, and wait until it waits again."""
        for _ in range(_HOPS):
            await asyncio.sleep(0)
        self.waiting = [turn for turn in self.waiting if not turn.done()]
        if self.waiting:
            self.waiting.pop(next(self.choices, 0) % len(self.waiting)).set_result(None)


@dataclass(slots=True)
class Replica:
    """Does what its plan says, with the rules that dispatch keeps."""

    owner: Owner
    plan: Plan
    calls: list[Call] = field(default_factory=list)
    # What it knew at each of its claims.
    claims: dict[int, frozenset[str]] = field(default_factory=dict)
    killed: bool = False
    running: list["asyncio.Task[None]"] = field(default_factory=list)
    _busy: set[str] = field(default_factory=set)
    _ours: set[str] = field(default_factory=set)

    async def live(self, acts: Sequence[tuple[Act, str]]) -> None:
        for _ in range(self.plan.begins_after):
            await self.owner.log.pace()
        for act, name in acts:
            if act is Act.CLAIM:
                await self._claim()
            elif act is Act.LOOK:
                await self.owner.ledger.look()
            elif name not in self._busy:
                # One attempt at a time, as dispatch makes them.
                self._busy.add(name)
                await self._call(act, name)
                self._busy.discard(name)

    async def _claim(self) -> None:
        ledger = self.owner.ledger
        try:
            restored = await ledger.claim(NEW)
        except AppendUncertain:
            return
        items = ledger.fold.items
        self.claims[restored.claim] = frozenset(nonces(items.values()))
        orphans = [
            Unknown(trigger, one.about, attempt, "an orphan")
            for trigger, one in items.items()
            if isinstance(standing := one.standing(), InFlight)
            for attempt in standing.attempts
            if attempt.nonce not in self._ours
        ]
        try:
            await ledger.decide(*orphans)
        except (LedgerLost, AppendUncertain):
            return

    async def _call(self, act: Act, name: str) -> None:
        ledger = self.owner.ledger
        if not ledger.owned or not isinstance(ledger.fold.standing(trigger_named(name)), New | Waiting):
            return
        known = self.owner.ledger.fold.items.get(trigger_named(name))
        nonce = f"{self.owner.name}-{len(self._ours)}"
        self._ours.add(nonce)
        call = Call(intent(name, nonce, policy=POLICIES[name]), frozenset(nonces([known] if known else [])))
        try:
            await ledger.decide(call.intent)
        except (LedgerLost, AppendUncertain):
            await ledger.note(released(name, nonce, policy=POLICIES[name]))
            return
        self.calls.append(call)
        if act is Act.CALL_AND_ACCEPT:
            await ledger.note(accepted(name, nonce))
        elif act is Act.CALL_AND_RELEASE:
            await ledger.note(released(name, nonce, policy=POLICIES[name]))

    def kill(self) -> None:
        """SIGKILL: nothing of it goes on."""
        self.killed = True
        for task in self.running:
            task.cancel()


async def play(plans: Sequence[Plan], choices: Sequence[int]) -> tuple[MemoryPartition, list[Replica]]:
    """Let them live until each has done what it planned or was killed, and has read the log to its end."""
    partition, turnstile = MemoryPartition(), Turnstile(iter(choices))
    replicas = []
    for number, plan in enumerate(plans):
        owner = make_owner(partition, f"r{number}", turnstile.pace())
        owner.log.fates.extend(plan.fates)
        replicas.append(Replica(owner, plan))
    async with asyncio.TaskGroup() as group:
        for replica in replicas:
            writer = group.create_task(replica.owner.ledger.run())
            lives = [group.create_task(replica.live(acts)) for acts in replica.plan.tasks]
            replica.running = [*lives, writer]
        await _until_done([task for one in replicas for task in one.running[:-1]], turnstile, replicas)
        for replica in replicas:
            replica.owner.log.arrive()
        looks = [group.create_task(one.owner.ledger.look()) for one in replicas if not one.killed]
        await _until_done(looks, turnstile, [])
        for replica in replicas:
            replica.running[-1].cancel()
    return partition, replicas


async def _until_done(tasks: Sequence["asyncio.Task[None]"], turnstile: Turnstile, mortal: Sequence[Replica]) -> None:
    step = 0
    while not all(task.done() for task in tasks):
        for replica in mortal:
            if replica.plan.dies_at == step:
                replica.kill()
        await turnstile.step()
        step += 1
