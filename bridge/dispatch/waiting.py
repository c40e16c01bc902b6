"""The triggers of one brand that wait for their call: who is next. Pure: no clock, no I/O.

Late binding: nobody has a slot while waiting, so what is urgent overtakes. Removing is lazy: what is not WAITING any more
is passed over when its turn comes, or taken out with many others: where a hold lasts, what is replaced by newer works would
else pile up.
"""

import heapq
from collections import defaultdict, deque
from collections.abc import Callable
from itertools import count

from bridge.budget.budget import Lane
from bridge.dispatch.turnwise import Turnwise
from bridge.dispatch.work import Order, State, Work

# So many that are GONE may lie about before they are looked for, or as many as there are others.
_LEFT_BEHIND = 1_000


class Waiting:
    """Lanes by priority, chains by `order_by`, a place for those whose route is held, and one for those that back off."""

    def __init__(self) -> None:
        self._lanes: dict[Lane, Turnwise] = {lane: Turnwise() for lane in Lane if lane is not Lane.POLL}
        # The first of a chain is in a lane, or being called; the others wait here for its end.
        self._chains: dict[Order, deque[Work]] = {}
        self._held: dict[str, deque[Work]] = defaultdict(deque)
        self._later: list[tuple[float, int, Work]] = []
        self._sequence = count()
        self._left_behind = 0
        self._tidy_at = _LEFT_BEHIND

    def add(self, work: Work) -> None:
        """A new piece of work: at the end of its lane, in its partition, or of its chain."""
        work.state = State.WAITING
        if work.order is not None:
            chain = self._chains.setdefault(work.order, deque())
            chain.append(work)
            if len(chain) > 1:
                return
        self._place(work)

    def again(self, work: Work, not_before: float) -> None:
        """Another attempt, at `not_before` (boottime) or later. It keeps its place at the head of its chain."""
        work.state = State.WAITING
        heapq.heappush(self._later, (not_before, next(self._sequence), work))

    def done(self, work: Work) -> None:
        """The work has an end: the next of its chain may go."""
        work.state = State.GONE
        if work.order is not None:
            self._leave_chain(work, work.order)
        self._left_behind += 1
        if self._left_behind >= self._tidy_at:
            self._tidy()

    def __len__(self) -> int:
        """How many lie here, also of those that are GONE."""
        return sum(map(len, self._places())) + len(self._later)

    def _places(self) -> tuple[deque[Work] | Turnwise, ...]:
        return (*self._lanes.values(), *self._held.values(), *self._chains.values())

    def _leave_chain(self, work: Work, order: Order) -> None:
        chain = self._chains.get(order)
        if not chain or chain[0] is not work:
            return  # one that was not first leaves its place when its turn comes
        while chain and chain[0].state is State.GONE:
            chain.popleft()
        if not chain:
            del self._chains[order]
        elif work.placed and work.trigger.route == chain[0].trigger.route and work.lane is chain[0].lane:
            # Else a story of which news come faster than its turn would never have one.
            work.heir, chain[0].placed = chain[0], True
        else:
            self._place(chain[0])

    def _place(self, work: Work) -> None:
        work.placed = True
        self._lanes[work.lane].append(work)

    def _tidy(self) -> None:
        """Take out what is GONE, wherever it lies. The first of a chain never is."""
        for place in self._places():
            left = [work for work in map(_now_there, place) if work.state is not State.GONE]
            place.clear()
            place.extend(dict.fromkeys(left))
        self._later = [entry for entry in self._later if entry[2].state is not State.GONE]
        heapq.heapify(self._later)
        self._left_behind, self._tidy_at = 0, max(_LEFT_BEHIND, len(self) // 2)

    def forget(self, partition: int) -> None:
        """The partition is no longer ours; its works are GONE already."""
        for order in [order for order in self._chains if order[0] == partition]:
            del self._chains[order]

    def take(self, most: int, now: float, held: Callable[[str], bool]) -> list[Work]:
        """Up to `most` works to call now, the most urgent first; none whose route is `held`."""
        while self._later and self._later[0][0] <= now:
            self._place(heapq.heappop(self._later)[2])
        taken: list[Work] = []
        for lane in self._lanes.values():
            while lane and len(taken) < most:
                work = _now_there(lane.popleft())
                if work.state is State.WAITING and held(work.trigger.route):
                    self._held[work.trigger.route].append(work)
                    continue
                work.placed = False
                if work.state is State.WAITING:
                    work.state = State.TAKEN
                    taken.append(work)
        return taken

    def unhold(self, held: Callable[[str], bool]) -> None:
        """Holds have changed: works of routes that are no longer held come back to the head of their lanes, in order."""
        for route in [route for route in self._held if not held(route)]:
            for work in map(_now_there, reversed(self._held.pop(route))):
                self._lanes[work.lane].appendleft(work)

    def ready(self, now: float) -> bool:
        """Whether there may be something to take now."""
        return any(self._lanes.values()) or bool(self._later and self._later[0][0] <= now)

    def next_at(self) -> float | None:
        """When the next one has backed off long enough (boottime); None when nobody does."""
        return self._later[0][0] if self._later else None


def _now_there(work: Work) -> Work:
    """Who has the work's place in the queue by now."""
    while work.state is State.GONE and work.heir is not None:
        work = work.heir
    return work
