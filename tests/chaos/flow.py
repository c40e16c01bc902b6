"""Events, evenly, each of them one trigger; and what the vendor has received of them so far."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import aiohttp
import orjson
from aiokafka import AIOKafkaProducer
from service.story import event
from waiting import eventually

from bridge.clock import SystemClock
from bridge.triggers import partition_of
from chaos.evidence import Made
from chaos.vendor import Vendor

_LOOK = 0.25
_BATCH = 4_000_000  # while Kafka is away, events wait in the client instead of stopping the flow
_PATIENCE_MS = 180_000
_CAUGHT_UP_WITHIN = 120.0


class Flow:
    """`published`: when each event was handed to Kafka, ms. Make one with `flowing`."""

    def __init__(self, topic: str, source_partitions: int, partitions: int, rate: float) -> None:
        self.published: dict[str, int] = {}
        self._topic = topic
        self._source_partitions = source_partitions
        self._partitions = partitions
        self._rate = rate
        self._clock = SystemClock()
        self._stopping = False
        # By triggers partition, when the youngest event was published that the vendor has.
        self._youngest = [0] * partitions
        self._read = 0

    def stop(self) -> None:
        """Publish no more."""
        self._stopping = True

    async def publish(self, producer: AIOKafkaProducer) -> None:
        """Until stopped."""
        begun, sent = self._clock.boottime(), 0
        while not self._stopping:
            due = int((self._clock.boottime() - begun) * self._rate)
            for number in range(sent, due):
                one = event(number)
                self.published[one["id"]] = self._clock.now()
                await producer.send(self._topic, orjson.dumps(one), partition=number % self._source_partitions)
            sent = max(sent, due)
            await asyncio.sleep(1 / self._rate)
        await producer.flush()

    async def follow(self, vendor: Vendor) -> None:
        """Keep reading what the vendor made, until cancelled."""
        while True:
            with suppress(aiohttp.ClientError, TimeoutError):
                self._take(await vendor.executions(self._read))
            await asyncio.sleep(_LOOK)

    async def caught_up(self) -> None:
        """Until, in each partition of the triggers, the vendor has an event that was published after this was asked.

        Shows that all works again, whatever the service says of itself. Raises AssertionError when it takes too long.
        """
        since = self._clock.now()

        def young() -> bool:
            behind = [number for number, at in enumerate(self._youngest) if at < since]
            assert not behind, f"nothing new from the partitions {behind}"
            return True

        await eventually(young, within=_CAUGHT_UP_WITHIN, every=0.05)

    def _take(self, made: list[Made]) -> None:
        self._read += len(made)
        for one in made:
            published = self.published.get(one.event, 0)
            partition = partition_of(None, one.event, self._partitions)
            self._youngest[partition] = max(self._youngest[partition], published)


@asynccontextmanager
async def flowing(flow: Flow, kafka: str, vendor: Vendor) -> AsyncIterator[None]:
    """Events flow until the context ends; then all of them are acknowledged."""
    producer = AIOKafkaProducer(
        bootstrap_servers=kafka,
        acks="all",
        enable_idempotence=True,
        max_batch_size=_BATCH,
        max_request_size=2 * _BATCH,
        request_timeout_ms=_PATIENCE_MS,
    )
    await producer.start()
    try:
        async with asyncio.TaskGroup() as group:
            following = group.create_task(flow.follow(vendor))
            group.create_task(flow.publish(producer))
            try:
                yield
            finally:
                flow.stop()
                following.cancel()
    finally:
        await producer.stop()
