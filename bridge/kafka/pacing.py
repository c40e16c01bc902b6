"""Fetches at some distance, so that records that come one by one are read a few at a time.

A broker answers a fetch with the first record that comes. At some hundred a second that is a request for each, and whatever
follows it is done for one record: an answer read, triggers written, intents written.
"""

import asyncio
from typing import Any

# A record that comes when nothing came for so long is read at once.
_SECONDS = 0.005


def pace_fetches(consumer: Any, seconds: float = _SECONDS) -> None:
    """Let each fetch of a started consumer leave so long after the last answer with records, or later."""
    fetcher = consumer._fetcher  # noqa: SLF001 - there is no public way
    fetch = fetcher._proc_fetch_request  # noqa: SLF001
    loop = asyncio.get_running_loop()
    next_at: dict[int, float] = {}

    async def fetch_later(assignment: Any, node: int, request: Any) -> bool:
        if (pause := next_at.get(node, 0.0) - loop.time()) > 0:
            try:
                await asyncio.sleep(pause)
            except asyncio.CancelledError:
                return False  # the fetcher cancels what nobody wants any more, and takes this for an answer
        found: bool = await fetch(assignment, node, request)
        if found:
            next_at[node] = loop.time() + seconds
        return found

    fetcher._proc_fetch_request = fetch_later  # noqa: SLF001
