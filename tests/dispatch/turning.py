"""A clock that runs as the real one does and can be turned forward; and an event loop whose timers turn with it."""

import asyncio

from bridge.clock import SystemClock


class TurnedLoop(asyncio.SelectorEventLoop):
    """Real sockets, real waiting; `turned` seconds ahead of the machine."""

    turned = 0.0

    def time(self) -> float:
        return super().time() + self.turned


class TurnedClock(SystemClock):
    """The clock of everything in a test. `turn` lets every sleep, timeout and age be so much further on, at once."""

    def __init__(self, loop: TurnedLoop) -> None:
        self._loop = loop

    def now(self) -> int:
        return super().now() + round(self._loop.turned * 1000)

    def boottime(self) -> float:
        return super().boottime() + self._loop.turned

    def turn(self, seconds: float) -> None:
        self._loop.turned += seconds
