"""Where a round takes place: a Kafka, a vendor in a process of its own, a source topic, files."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from chaos.vendor import Vendor, running_vendor
from confluent_kafka import Producer
from kafka.cluster import make_topic

from bench.events import API_KEY, BRAND, BRAND_KEY, GENERATOR
from bench.sizes import Sizes
from bench.usage import Watch
from bridge.simulator import SimulatorConfig

SOURCE_PARTITIONS = 6
UNLIMITED = 1_000_000
LATENCY = 20
"""Milliseconds that the vendor takes for an answer."""
_LONG = (1_200_000, 1_800_000)
_NUMBERS = count(1)
_LOOK = 0.1


@dataclass(frozen=True, slots=True)
class Bed:
    """`kafka`: bootstrap servers; `broker`: its process, where it is ours."""

    kafka: str
    folder: Path
    sizes: Sizes
    broker: int | None = None

    def place(self, name: str) -> tuple[str, Path]:
        """A name that nothing else here has, and a folder of that name."""
        unique = f"bench-{name}-{next(_NUMBERS)}"
        folder = self.folder / unique
        folder.mkdir()
        return unique, folder

    @asynccontextmanager
    async def vendor(self, *, limit: int = UNLIMITED, ends: tuple[int, int] = _LONG) -> AsyncIterator[Vendor]:
        """`bridge simulate`, strict as ever. `ends`: how long executions take, ms; by default longer than any scenario, so
        that nobody asks for them.
        """
        _, folder = self.place("vendor")
        played = {
            "brands": {BRAND: {"api_key": API_KEY, "brand_key": BRAND_KEY}},
            "generators": [{"id": GENERATOR, "brand": BRAND}],
            "limit": limit,
            "latency": LATENCY,
            "jitter": 0,
            "time_to_end": ends,
            "identity": ["event"],
        }
        async with running_vendor(SimulatorConfig.model_validate(played), folder) as vendor:
            yield vendor

    def watch(self, service: Sequence[int], vendor: Vendor) -> Watch:
        """Count from now on what these processes, the vendor and Kafka take of the machine."""
        return Watch(service=service, vendor=[vendor.process], kafka=[] if self.broker is None else [self.broker])

    async def topic(self) -> str:
        """A source topic."""
        name, _ = self.place("source")
        return await make_topic(self.kafka, name, SOURCE_PARTITIONS)

    async def publish(self, topic: str, events: Iterable[bytes]) -> None:
        """As fast as librdkafka can, evenly over the partitions, acknowledged."""
        await asyncio.to_thread(_publish, self.kafka, topic, list(events))


def _publish(kafka: str, topic: str, events: list[bytes]) -> None:
    producer = producing(kafka)
    for number, value in enumerate(events):
        while True:
            try:
                producer.produce(topic, value, partition=number % SOURCE_PARTITIONS)
            except BufferError:
                producer.poll(_LOOK)
            else:
                break
    assert producer.flush(60) == 0, "every event is acknowledged"  # noqa: S101 - else it proves nothing


def producing(kafka: str, *, linger_ms: int = 5) -> Producer:
    """A producer that is not ours, and takes little of the machine."""
    settings: dict[str, Any] = {"bootstrap.servers": kafka, "linger.ms": linger_ms, "acks": "all"}
    return Producer(settings)


async def called(vendor: Vendor, number: int, *, within: float = 120) -> None:
    """Until the vendor got so many requests. Raises TimeoutError. Costs it next to nothing."""
    async with asyncio.timeout(within):
        while not await vendor.requests(after=number - 1):  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(_LOOK)
