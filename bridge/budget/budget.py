"""A brand's budget on this replica: who gets the next slot.

Without a server, the share is the owned part of all partitions: the group's assignment is the coordination. With one,
whoever is present lends its share to a pool (pool.py). Slots are bound late: whoever is most urgent when one comes up gets
it.
"""

import asyncio
from collections import deque
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from math import inf

from bridge.budget.moments import Moments, Sharing
from bridge.budget.schedule import Schedule
from bridge.clock import Clock
from bridge.telemetry import Telemetry
from bridge.waking import woken

# Of all slots, polls get at least this part, however many triggers wait.
_POLL_FLOOR = 0.02
# Intents are written for what will be called within so many seconds, so that few are in doubt after a kill: as many as it
# takes to write them, with some to spare. A ledger that is slow for longer makes calls wait.
_LEAST_LOOKAHEAD, _MOST_LOOKAHEAD = 0.03, 0.25
_SPARE = 1.5
_WEIGHT = 0.1
# Where calls wait for slots, so many are prepared at a time, or a third of the lookahead: they share an append, and what is
# prepared already lasts meanwhile.
_TOGETHER = 8


class Lane(IntEnum):
    """Who goes first."""

    HIGH = 0
    NORMAL = 1
    LOW = 2
    RETRY = 3
    POLL = 4


_NAMES = {lane: lane.name.lower() for lane in Lane}
_BY_URGENCY = tuple(Lane)
_POLLS_FIRST = (Lane.POLL, *_BY_URGENCY)


@dataclass(frozen=True, slots=True, eq=False)
class _Waiter:
    """A request that waits for its slot; `partition`: of triggers, that it is of."""

    slot: asyncio.Future[None]
    partition: int | None


@dataclass(slots=True)
class _Brand:
    name: str
    limit: float  # requests a second that this brand may make over all replicas, headroom taken off
    moments: Moments
    eased: float = 1.0  # the part of it that 429s have left
    lanes: dict[Lane, deque[_Waiter]] = field(default_factory=lambda: {lane: deque() for lane in Lane})
    preparing: int = 0  # calls that were given room and have not asked for their slots yet
    preparation: float = 0.0  # seconds that this takes usually
    since_poll: int = 0
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    wanted: asyncio.Event = field(default_factory=asyncio.Event)
    used: asyncio.Event = field(default_factory=asyncio.Event)

    def next_waiter(self) -> tuple[Lane, asyncio.Future[None]] | None:
        """The most urgent request that still waits; polls first when they have gone without for too long."""
        for lane in _POLLS_FIRST if self.since_poll >= 1 / _POLL_FLOOR - 1 else _BY_URGENCY:
            waiting = self.lanes[lane]
            while waiting:
                slot = waiting.popleft().slot
                if not slot.done():
                    return lane, slot
        return None

    def look(self) -> None:
        """There are slots, or another rate: let whoever waits for either look again."""
        self.changed.set()
        self.used.set()

    def near(self) -> int:
        """How many slots lie within the lookahead."""
        lookahead = min(max(_LEAST_LOOKAHEAD, _SPARE * self.preparation), _MOST_LOOKAHEAD)
        return max(1, round(self.moments.rate * lookahead)) if self.moments.rate > 0 else 0

    def together(self) -> int:
        """How many are worth preparing at a time."""
        return max(1, min(self.near() // 3, _TOGETHER))

    def idle(self) -> bool:
        """Whether nobody waits for a slot."""
        return not any(self.lanes.values())

    def waiting(self) -> int:
        """How many requests wait for a slot."""
        return sum(map(len, self.lanes.values()))

    def waiting_calls(self) -> int:
        """How many calls already wait for a slot."""
        return self.waiting() - len(self.lanes[Lane.POLL])  # it is asked for each call


class Budget:
    """Slots for every brand. `run()` gives them out; rates are 0 until `share()` was told."""

    def __init__(
        self,
        limits: Mapping[str, float],
        headroom: float,
        clock: Clock,
        telemetry: Telemetry,
        sharing: Sharing | None = None,
    ) -> None:
        """`limits`: requests a second by brand, as agreed with the vendor. `headroom`: the part of it that is used.

        Without `sharing` each replica uses the share of its partitions.
        """
        self._clock = clock
        self._telemetry = telemetry
        self._limits = dict(limits)
        self._sharing = sharing
        self._owned = 0.0
        self._brands = {name: self._made(name, limit * headroom) for name, limit in limits.items()}

    def share(self, owned: int, partitions: int) -> None:
        """This replica owns `owned` of `partitions`: that part of each limit is its own."""
        self._owned = owned / partitions
        for brand in self._brands.values():
            self._change_rate(brand)

    def ease(self, brand: str, part: float) -> None:
        """Use this part of the brand's rate from now on, above 0 and at most 1. All replicas are to be told the same."""
        one = self._brands[brand]
        one.eased = part
        self._change_rate(one)

    @property
    def brands(self) -> Collection[str]:
        """Those that are in the settings."""
        return self._brands.keys()

    def knows(self, brand: str) -> bool:
        """Whether the brand is in the settings (still)."""
        return brand in self._brands

    async def room(self, brand: str) -> int:
        """How many more calls of the brand are worth preparing: those whose slots are near. Waits until it is one, or as many as
        are worth an append where the rate allows several.
        """
        one = self._brands[brand]
        while (room := one.near() - self.ahead(brand)) < one.together():
            one.used.clear()
            await one.used.wait()
        return room

    def prepare(self, brand: str, calls: int) -> None:
        """So many calls are being prepared: they take up room until `prepared` is told, then as they wait for slots."""
        self._brands[brand].preparing += calls

    def ahead(self, brand: str) -> int:
        """How many calls are being prepared, or are and wait for their slots."""
        one = self._brands[brand]
        return one.preparing + one.waiting_calls()

    def prepared(self, brand: str, calls: int, seconds: float) -> None:
        """They are prepared, or given up, after so long."""
        one = self._brands[brand]
        one.preparing -= calls
        one.preparation += _WEIGHT * (min(seconds, _MOST_LOOKAHEAD) - one.preparation)
        one.used.set()

    def rate(self, brand: str) -> float:
        """Requests a second that this replica may make."""
        return self._brands[brand].moments.rate

    def dismiss_calls(self, partitions: Collection[int]) -> None:
        """Let calls of these partitions that wait for a slot go on without one: their last check will turn them away
        (draining).
        """
        for brand in self._brands.values():
            for waiting in brand.lanes.values():
                dismissed = [waiter for waiter in waiting if waiter.partition in partitions]
                for waiter in dismissed:
                    waiting.remove(waiter)
                    if not waiter.slot.done():
                        waiter.slot.set_result(None)

    async def slot(self, brand: str, lane: Lane, partition: int | None = None) -> None:
        """Wait for a slot. When this returns the request must leave at once. `partition`: what `dismiss_calls` names."""
        one = self._brands[brand]
        if one.idle() and one.moments.wait(now := self._clock.boottime()) <= 0:
            self._take(one, lane, now)
            return
        waiter = _Waiter(asyncio.get_running_loop().create_future(), partition)
        one.lanes[lane].append(waiter)
        one.changed.set()
        one.wanted.set()
        await waiter.slot

    async def run(self) -> None:
        """Give out slots until cancelled."""
        async with asyncio.TaskGroup() as group:
            for brand in self._brands.values():
                group.create_task(self._serve(brand), name=f"budget {brand.name}")
                if self._sharing is not None:
                    sharing = self._sharing.run(brand.name, brand.waiting, brand.wanted, brand.look)
                    group.create_task(sharing, name=f"sharing {brand.name}")

    def _change_rate(self, brand: _Brand) -> None:
        rate = brand.limit * brand.eased * self._owned
        brand.moments.change_rate(rate, self._clock.boottime())
        brand.wanted.set()
        brand.look()
        self._telemetry.budget_rate(brand.name, self._limits[brand.name], rate)

    def _made(self, name: str, limit: float) -> _Brand:
        return _Brand(name, limit, Schedule() if self._sharing is None else self._sharing.moments(name, limit))

    async def _serve(self, brand: _Brand) -> None:
        while True:
            brand.changed.clear()
            delay = brand.moments.wait(now := self._clock.boottime())
            if delay == inf or brand.idle():
                await brand.changed.wait()  # there is somebody to give it to, or another rate
            elif delay > 0:
                await woken(brand.changed, delay)
            elif (found := brand.next_waiter()) is not None:
                lane, waiter = found
                self._take(brand, lane, now)
                waiter.set_result(None)
                brand.used.set()
                await asyncio.sleep(0)  # let it leave before the next slot is looked at

    def _take(self, brand: _Brand, lane: Lane, now: float) -> None:
        brand.moments.take(now)
        brand.since_poll = 0 if lane is Lane.POLL else brand.since_poll + 1
        self._telemetry.slot_taken(brand.name, _NAMES[lane])
