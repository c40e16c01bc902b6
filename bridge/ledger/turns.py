"""Many ledgers may be read at once, when a replica takes over from another one; and its calls go on meanwhile."""

import asyncio


class Turns:
    """Of all that ask for a turn, one goes on in each round of the event loop: so work in pieces, of whatever many tasks, keeps
    nobody waiting for longer than one piece takes.
    """

    def __init__(self) -> None:
        self._one = asyncio.Lock()

    async def give(self) -> None:
        """Let everybody else have a turn."""
        async with self._one:
            await asyncio.sleep(0)
