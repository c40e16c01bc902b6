"""Events, evenly, each of them one trigger."""

import asyncio
from typing import Any

import orjson
from aiokafka import AIOKafkaProducer
from chaos.aged import aged_event
from service.story import event

from bridge.clock import SystemClock

_BATCH = 4_000_000  # while Kafka is away, events wait in the client instead of stopping the flow
_PATIENCE_MS = 180_000
_REPEAT_EVERY = 10
_STRIDE = 7_919  # a prime: the repetitions lie all over the ledger


class Flow:
    """`published`: when each event was handed to Kafka, ms; `rate` is events a second.

    `aged`: how many events of the day before there are. Some of them are published again, in `repeated`.
    """

    def __init__(self, topic: str, source_partitions: int, rate: float, aged: int = 0) -> None:
        self.published: dict[str, int] = {}
        self.repeated: set[str] = set()
        self._aged = aged
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
                await self._send(producer, number, one)
                if self._aged and number % _REPEAT_EVERY == 0:
                    again = aged_event(number * _STRIDE % self._aged)
                    self.repeated.add(again["id"])
                    await self._send(producer, number, again)
            sent = max(sent, due)
            await asyncio.sleep(1 / self._rate)

    async def _send(self, producer: AIOKafkaProducer, number: int, one: dict[str, Any]) -> None:
        await producer.send(self._topic, orjson.dumps(one), partition=number % self._source_partitions)
