"""The run of the demo: replay, kill a replica, start another, wait for every outcome, judge. `bridge demo`."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass

import aiohttp

from bridge.clock import Clock
from bridge.demo import creators, probes, story
from bridge.demo.expected import ExpectedCall
from bridge.demo.progress import Health, Progress
from bridge.demo.publishing import Publisher
from bridge.demo.system import System
from bridge.demo.verdict import Verdict, judge, latest
from bridge.demo.watching import Watcher, create_source_topics
from bridge.errors import BridgeError
from bridge.kafka import Connection, Producer

_SOURCES = (story.MATCH_TOPIC, creators.TOPIC)
_PARTITIONS = 6
_READY_WITHIN = 60.0
_STILL_FOR = 30.0
_LOOK_EVERY = 0.25
_KILL_AT = 0.4


@dataclass(frozen=True, slots=True)
class Plan:
    """How to run. `seconds`: how long the replay takes. `replicas`: how many to begin with; `kill` one of them on the way."""

    expected: tuple[ExpectedCall, ...]
    seconds: float
    replicas: int
    kill: bool


class Scenario:
    """One run over a system whose Kafka and simulator are started. `announce` is told of what happens on the way."""

    def __init__(
        self, system: System, progress: Progress, plan: Plan, clock: Clock, announce: Callable[[str], None]
    ) -> None:
        self._system = system
        self._progress = progress
        self._plan = plan
        self._clock = clock
        self._announce = announce
        self._connection = Connection(
            bootstrap_servers=system.kafka.bootstrap_servers, client_id="demo", metadata_max_age=1_000
        )
        self._over = asyncio.Event()

    async def run(self, show: Callable[[], None]) -> Verdict:
        """Run it to its end. `show` is called four times a second. Raises BridgeError when something ends or hangs."""
        watcher = Watcher(self._connection, _SOURCES, self._progress, self._clock)
        timeout = aiohttp.ClientTimeout(total=5)
        async with AsyncExitStack() as open_until_the_end:
            session = await open_until_the_end.enter_async_context(aiohttp.ClientSession(timeout=timeout))
            await create_source_topics(self._connection, _SOURCES, _PARTITIONS)
            producer = await open_until_the_end.enter_async_context(Producer(self._connection))
            try:
                async with asyncio.TaskGroup() as group:
                    group.create_task(watcher.run())
                    group.create_task(self._look(session, show))
                    await self._play(Publisher(producer, self._progress, self._clock))
                    watcher.stop()
                    self._over.set()
            except* BridgeError as troubles:
                raise _first(troubles) from None
            executions = await probes.vendor_executions(session, self._system.vendor_url)
            self._progress.vendor = await probes.vendor_report(session, self._system.vendor_url)
        return judge(self._plan.expected, latest(self._progress.outcomes), executions)

    async def _play(self, publisher: Publisher) -> None:
        self._phase(f"starting {self._plan.replicas} replica{'s' if self._plan.replicas > 1 else ''} of the bridge")
        for number in range(self._plan.replicas):
            self._start_replica("abc"[number])
        await self._ready()
        self._phase("replaying")
        async with asyncio.TaskGroup() as group:
            group.create_task(publisher.publish(self._plan.seconds))
            if self._plan.kill:
                group.create_task(self._kill_and_start())
        self._phase("waiting for the last outcomes")
        await self._all_told()
        await self._ready()
        self._phase("done")

    async def _kill_and_start(self) -> None:
        progress = self._progress
        await _until(lambda: progress.published >= _KILL_AT * len(progress.story))
        victim = progress.replicas[-1]
        self._system.kill_replica(victim.name)
        victim.health = Health.KILLED
        self._announce(f"replica {victim.name} (pid {victim.pid}) was killed with SIGKILL; another one starts")
        self._start_replica("abcd"[len(progress.replicas)])

    def _start_replica(self, name: str) -> None:
        self._progress.replicas.append(self._system.start_replica(name))

    def _phase(self, phase: str) -> None:
        self._progress.phase = phase
        self._announce(phase)

    async def _all_told(self) -> None:
        """Wait for every outcome. When nothing has changed for a while, go on: the verdict names what lacks."""
        progress = self._progress
        last, since = 0, self._clock.boottime()
        while not (progress.all_told and progress.lag == 0):
            seen = len(progress.told) + progress.vendor.executions
            if seen != last:
                last, since = seen, self._clock.boottime()
            if self._clock.boottime() - since > _STILL_FOR:
                self._announce(f"nothing has changed for {_STILL_FOR:g} s: waiting no longer")
                return
            await asyncio.sleep(_LOOK_EVERY)

    async def _ready(self) -> None:
        """Wait until every replica that was not killed is ready. Raises BridgeError with what they say instead."""
        deadline = self._clock.boottime() + _READY_WITHIN
        while waiting := [one for one in self._progress.replicas if one.health is Health.STARTING]:
            if self._clock.boottime() > deadline:
                said = "; ".join(f"replica {one.name} says: {one.says}" for one in waiting)
                raise BridgeError(f"not ready within {_READY_WITHIN:g} s: {said}")
            await asyncio.sleep(_LOOK_EVERY)

    async def _look(self, session: aiohttp.ClientSession, show: Callable[[], None]) -> None:
        while not self._over.is_set():
            self._system.raise_if_ended()
            for replica in self._progress.replicas:
                await probes.look_at_replica(session, replica)
            await self._look_at_vendor(session)
            show()
            await asyncio.sleep(_LOOK_EVERY)

    async def _look_at_vendor(self, session: aiohttp.ClientSession) -> None:
        try:
            self._progress.vendor = await probes.vendor_report(session, self._system.vendor_url)
        except (aiohttp.ClientError, TimeoutError):
            return  # it starts, or is busy: the look after the run must succeed


async def _until(condition: Callable[[], bool]) -> None:
    while not condition():  # noqa: ASYNC110 - counts that others keep have no event to wait for
        await asyncio.sleep(_LOOK_EVERY)


def _first(troubles: BaseExceptionGroup[BridgeError]) -> BridgeError:
    first = troubles.exceptions[0]
    return _first(first) if isinstance(first, BaseExceptionGroup) else first
