"""Events that come evenly and wait for nobody."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench.bed import SOURCE_PARTITIONS, producing
from bench.events import event
from bridge.clock import SystemClock


@dataclass(frozen=True, slots=True)
class Flow:
    """When each event was handed to Kafka's client (ms since 1970 UTC), and how much later than it should have been (ms)."""

    sent: Mapping[str, int]
    late: Sequence[float]


async def publish(kafka: str, topic: str, prefix: str, rate: int, seconds: float) -> Flow:
    """So many events a second, for so long, each on its own; acknowledged at the end."""
    producer, clock = producing(kafka, linger_ms=0), SystemClock()
    sent: dict[str, int] = {}
    late: list[float] = []
    began = time.perf_counter()
    for number in range(int(rate * seconds)):
        ahead = began + number / rate - time.perf_counter()
        if ahead > 0:
            await asyncio.sleep(ahead)
        late.append(max(0.0, time.perf_counter() - began - number / rate) * 1000)
        name = f"{prefix}{number}"
        sent[name] = clock.now()
        producer.produce(topic, event(name), partition=number % SOURCE_PARTITIONS)
        producer.poll(0)
    assert await asyncio.to_thread(producer.flush, 30) == 0, "every event is acknowledged"  # noqa: S101 - else it proves nothing
    return Flow(sent, late)
