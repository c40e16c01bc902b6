import asyncio

from bridge.ledger.linger import Linger

_LONG, _SHORT = 3600.0, 0.001


class Waiting:
    """Some that wait, and in which order they went on."""

    def __init__(self, linger: Linger, group: asyncio.TaskGroup) -> None:
        self._linger = linger
        self._group = group
        self.went: list[str] = []

    def add(self, name: str) -> "asyncio.Task[None]":
        return self._group.create_task(self._one(name))

    async def _one(self, name: str) -> None:
        await self._linger.wait()
        self.went.append(name)


async def test_all_that_wait_go_on_when_something_is_written() -> None:
    linger = Linger(_LONG)
    async with asyncio.timeout(10), asyncio.TaskGroup() as group:
        waiting = Waiting(linger, group)
        for name in "abc":
            waiting.add(name)
        await asyncio.sleep(0)
        assert not waiting.went
        linger.end()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert waiting.went == ["a", "b", "c"]


async def test_nobody_waits_for_longer_than_that_when_nothing_is_written() -> None:
    async with asyncio.timeout(10):
        await Linger(_SHORT).wait()


async def test_who_comes_after_a_turn_waits_for_the_next() -> None:
    linger = Linger(_LONG)
    async with asyncio.timeout(10), asyncio.TaskGroup() as group:
        waiting = Waiting(linger, group)
        waiting.add("first")
        await asyncio.sleep(0)
        linger.end()
        waiting.add("second")
        for _ in range(5):
            await asyncio.sleep(0)
        assert waiting.went == ["first"]
        linger.end()


async def test_one_that_is_cancelled_takes_nobody_along() -> None:
    linger = Linger(_LONG)
    async with asyncio.timeout(10), asyncio.TaskGroup() as group:
        waiting = Waiting(linger, group)
        gone, _stays = waiting.add("gone"), waiting.add("stays")
        await asyncio.sleep(0)
        gone.cancel()
        await asyncio.sleep(0)
        linger.end()
    assert waiting.went == ["stays"]
