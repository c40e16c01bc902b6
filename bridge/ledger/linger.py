"""Facts wait a moment for company."""

import asyncio

# The next intents come within that at 200 triggers a second. A replica that is killed leaves in doubt what was accepted in this
# time: at most a quarter more, where the vendor takes 20 ms.
_SECONDS = 0.005


class Linger:
    """What is to be written waits here until the replica's next intents are, or for 5 ms: all that is written at the same moment
    shares a request to Kafka, whatever its partition. Where triggers come one by one, requests are most of what one costs.

    For facts only, because nobody is called for one. What comes after the trigger in its order waits as well.
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
