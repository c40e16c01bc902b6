"""Facts wait a moment for company."""

import asyncio

# Until the next intents at 200 triggers a second. A replica that is killed leaves in doubt what the vendor answered in this
# time, a fifth of what it leaves in doubt anyway where the vendor takes 20 ms.
_SECONDS = 0.005


class Linger:
    """What was answered waits here until a replica's next intents are written, or for 5 ms. Requests to Kafka are what a trigger
    costs most of where triggers come one by one, and the ledger's partitions share them if they write at the same moment.

    Only facts wait: nobody is called, and nobody told, because of one. What comes after the trigger in its order waits as well.
    """

    def __init__(self, seconds: float = _SECONDS) -> None:
        self._seconds = seconds
        self._waiting: asyncio.Event | None = None
        self._timer: asyncio.TimerHandle | None = None

    async def wait(self) -> None:
        """Return when it is time to write."""
        if self._waiting is None:
            self._waiting = asyncio.Event()
            self._timer = asyncio.get_running_loop().call_later(self._seconds, self.end)
        await self._waiting.wait()

    def end(self) -> None:
        """Something is being written now, or the time is over: let all that wait come along."""
        if self._timer is not None:
            self._timer.cancel()
        if self._waiting is not None:
            self._waiting.set()
        self._timer = self._waiting = None
