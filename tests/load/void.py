"""Runs in which the machine was too busy to tell are void: made again, and never passed."""

from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

import pytest

_TIMES = 3


class _Run(Protocol):
    @property
    def void(self) -> bool: ...


R = TypeVar("R", bound=_Run)


async def valid(make: Callable[[int], Awaitable[R]]) -> R:
    """The first run that is not void; each is told its number. Fails the test when all are."""
    made = []
    for number in range(_TIMES):
        made.append(await make(number))
        if not made[-1].void:
            return made[-1]
    pytest.fail(f"void {_TIMES} times: the simulator's loop was too late, so the machine is too busy. {made[-1]}")
