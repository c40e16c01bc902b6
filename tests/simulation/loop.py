"""An event loop on a virtual clock: time passes only when nobody has anything to do, and replicas can stand still."""

import asyncio
import heapq
from asyncio import events
from collections import deque
from contextvars import ContextVar
from typing import Any

NOBODY = ""
# A run takes some ten thousand.
_MOST_STEPS = 1_000_000
# Which replica a callback belongs to. Tasks inherit it.
REPLICA: ContextVar[str] = ContextVar("replica", default=NOBODY)


class VirtualLoop(asyncio.BaseEventLoop):
    """Callbacks run in order; those of a frozen replica are kept until it thaws, those of a dead one to the very end."""

    _ready: deque[events.Handle]
    _scheduled: list[Any]

    def __init__(self, start: float) -> None:
        super().__init__()
        self._virtual = start
        self._frozen: dict[str, deque[events.Handle]] = {}
        self._dead: set[str] = set()
        self._buried: list[events.Handle] = []
        self.steps = 0

    def time(self) -> float:
        return self._virtual

    def freeze(self, replica: str) -> None:
        """The replica does nothing until it thaws, though its time passes."""
        self._frozen.setdefault(replica, deque())

    def thaw(self, replica: str) -> None:
        """It goes on, and meets all that came due meanwhile."""
        for handle in self._frozen.pop(replica, ()):
            self._ready.append(handle)

    def is_frozen(self, replica: str) -> bool:
        return replica in self._frozen

    def bury(self, replica: str) -> None:
        """It never does anything again."""
        self._dead.add(replica)
        self._buried.extend(self._frozen.pop(replica, ()))

    def dispose(self) -> None:
        """Nothing counts any more: let everybody run, to be ended, and close."""
        self._dead.clear()
        for replica in list(self._frozen):
            self.thaw(replica)
        self._ready.extend(self._buried)
        self.set_exception_handler(lambda _loop, _context: None)
        tasks = asyncio.all_tasks(self)
        for task in tasks:
            task.cancel()
        if tasks:
            self.run_until_complete(asyncio.wait(tasks))
        for task in tasks:
            if not task.cancelled():
                task.exception()  # retrieved, so that nobody complains
        self.run_until_complete(self.shutdown_asyncgens())
        self.close()

    def _run_once(self) -> None:
        if not self._ready:
            while self._scheduled and self._scheduled[0]._cancelled:
                heapq.heappop(self._scheduled)._scheduled = False
            if not self._scheduled:
                raise RuntimeError("the simulation is stuck: nobody has anything to do, ever")
            self._virtual = max(self._virtual, self._scheduled[0]._when)
        while self._scheduled and self._scheduled[0]._when <= self._virtual:
            timer = heapq.heappop(self._scheduled)
            timer._scheduled = False
            self._ready.append(timer)
        for _ in range(len(self._ready)):
            handle = self._ready.popleft()
            if handle._cancelled:
                continue
            replica = handle._context.get(REPLICA, NOBODY)  # type: ignore[attr-defined]  # not public
            if replica in self._dead:
                self._buried.append(handle)
                continue
            if replica in self._frozen:
                self._frozen[replica].append(handle)
                continue
            self.steps += 1
            if self.steps > _MOST_STEPS:
                raise RuntimeError("the run never comes to rest")
            handle._run()

    # What a loop without sockets and signals has no use for.

    def _process_events(self, event_list: Any) -> None:
        return

    def _write_to_self(self) -> None:
        return


class VirtualClock:
    """The clock of everything in a simulation (bridge.clock.Clock). `ahead` (ms): how wrong the wall clock is."""

    def __init__(self, loop: VirtualLoop, ahead: int = 0) -> None:
        self._loop = loop
        self.ahead = ahead

    def now(self) -> int:
        return int(self._loop.time() * 1000) + self.ahead

    def boottime(self) -> float:
        return self._loop.time()
