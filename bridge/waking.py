"""Waiting for something to happen, and no longer than so long."""

import asyncio


async def woken(event: asyncio.Event, seconds: float) -> None:
    """Wait until the event is set, which it is after so many seconds at the latest: whoever comes back looks what there is
    to do, and clears it.

    Loops that turn for every trigger wait like this. `asyncio.timeout` costs several times as much, and is needed only where
    what is awaited must be broken off.
    """
    timer = asyncio.get_running_loop().call_later(seconds, event.set)
    try:
        await event.wait()
    finally:
        timer.cancel()
