"""Watching from outside, while events flow, what became of them: in the vendor's log and on the results topic."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import aiohttp
import orjson
from aiokafka import AIOKafkaConsumer
from chaos.flow import Flow
from chaos.vendor import Vendor
from waiting import eventually

from bridge.clock import SystemClock
from bridge.triggers import partition_of

_LOOK = 0.25
_POLL_MS = 250
_CAUGHT_UP_WITHIN = 300.0
_SHOWN = 5


class Watching:
    """`done`: events that the vendor executed, or that have an outcome. Make one with `watching`."""

    def __init__(self, flow: Flow, partitions: int) -> None:
        self.done: set[str] = set()
        self._flow = flow
        self._clock = SystemClock()
        self._partitions = partitions
        # By triggers partition, when the youngest event was published of those that are done.
        self._youngest = [0] * partitions
        self._open: deque[str] = deque()
        self._seen = 0

    async def caught_up(self) -> None:
        """Until each event published before this was asked is done, and in each partition of the triggers a younger one.

        So nothing waits from before, and all works again, whatever the service says of itself. Raises AssertionError when
        it takes too long.
        """
        since = self._clock.now()

        def nothing_waits() -> bool:
            waiting = self._older_than(since)
            assert not waiting, f"{len(waiting)} events wait, among them {waiting[:_SHOWN]}"
            behind = [number for number, at in enumerate(self._youngest) if at < since]
            assert not behind, f"nothing new comes from the partitions {behind}"
            return True

        await eventually(nothing_waits, within=_CAUGHT_UP_WITHIN, every=0.1)

    def take(self, event: str) -> None:
        """It is done."""
        if event in self.done:
            return
        self.done.add(event)
        partition = partition_of(None, event, self._partitions)
        self._youngest[partition] = max(self._youngest[partition], self._flow.published.get(event, 0))

    async def follow_vendor(self, vendor: Vendor) -> None:
        """Keep reading its log, until cancelled."""
        read = 0
        while True:
            with suppress(aiohttp.ClientError, TimeoutError):
                made = await vendor.executions(read)
                read += len(made)
                for one in made:
                    self.take(one.event)
            await asyncio.sleep(_LOOK)

    async def follow_results(self, kafka: str, topic: str) -> None:
        """Keep reading outcomes, until cancelled."""
        consumer = AIOKafkaConsumer(topic, bootstrap_servers=kafka, auto_offset_reset="earliest", group_id=None)
        await consumer.start()
        try:
            while True:
                for records in (await consumer.getmany(timeout_ms=_POLL_MS)).values():
                    for record in records:
                        self.take(orjson.loads(record.value)["event_id"])
        finally:
            await consumer.stop()

    def _older_than(self, since: int) -> list[str]:
        published = self._flow.published
        events = list(published)
        self._open.extend(events[self._seen :])
        self._seen = len(events)
        self._open = deque(event for event in self._open if event not in self.done)
        return [event for event in self._open if published[event] < since]


@asynccontextmanager
async def watching(flow: Flow, kafka: str, results: str, vendor: Vendor, partitions: int) -> AsyncIterator[Watching]:
    """Events flow and are watched until the context ends."""
    found = Watching(flow, partitions)
    async with asyncio.TaskGroup() as group:
        following = [
            group.create_task(found.follow_vendor(vendor)),
            group.create_task(found.follow_results(kafka, results)),
        ]
        group.create_task(flow.run(kafka))
        try:
            yield found
        finally:
            flow.stop()
            for task in following:
                task.cancel()
