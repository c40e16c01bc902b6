"""Events, evenly, each of them one trigger."""

import asyncio

import orjson
from aiokafka import AIOKafkaProducer
from service.story import event

from bridge.clock import SystemClock

_BATCH = 4_000_000  # while Kafka is away, events wait in the client instead of stopping the flow
_PATIENCE_MS = 180_000


class Flow:
    """`published`: when each event was handed to Kafka, ms; `rate` is events a second."""

    def __init__(self, topic: str, source_partitions: int, rate: float) -> None:
        self.published: dict[str, int] = {}
        self._topic = topic
        self._source_partitions = source_partitions
        self._rate = rate
        self._clock = SystemClock()
        self._stopping = False

    def stop(self) -> None:
        """Publish no more."""
        self._stopping = True

    async def run(self, kafka: str) -> None:
        """Publish until stopped; when this returns, all events are acknowledged."""
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
            await self._publish(producer)
            await producer.flush()
        finally:
            await producer.stop()

    async def _publish(self, producer: AIOKafkaProducer) -> None:
        begun, sent = self._clock.boottime(), 0
        while not self._stopping:
            due = int((self._clock.boottime() - begun) * self._rate)
            for number in range(sent, due):
                one = event(number)
                self.published[one["id"]] = self._clock.now()
                await producer.send(self._topic, orjson.dumps(one), partition=number % self._source_partitions)
            sent = max(sent, due)
            await asyncio.sleep(1 / self._rate)
