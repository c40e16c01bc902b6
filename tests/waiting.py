"""Waiting for a condition with a deadline, in place of sleeps for luck."""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar, overload

T = TypeVar("T")


@overload
async def eventually(condition: Callable[[], Awaitable[T]], *, within: float = 20.0, every: float = 0.02) -> T: ...
@overload
async def eventually(condition: Callable[[], T], *, within: float = 20.0, every: float = 0.02) -> T: ...
async def eventually(condition: Callable[[], T | Awaitable[T]], *, within: float = 20.0, every: float = 0.02) -> T:
    """The first true value of `condition` (called, and awaited where it is async), looked at every `every` seconds.

    Raises AssertionError with the last value after `within` seconds. What the condition itself raises ends the wait,
    except AssertionError: so it may hold assertions, and the last one is shown.
    """
    deadline = time.monotonic() + within
    while True:
        failed: AssertionError | None = None
        value: T | None = None
        try:
            answer = condition()
            value = await answer if inspect.isawaitable(answer) else answer
            if value:
                return value
        except AssertionError as error:
            failed = error
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {within:g} s; last: {failed or value!r}") from failed
        await asyncio.sleep(every)
