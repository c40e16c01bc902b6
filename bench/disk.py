"""How many bytes a trigger takes on the own topics, with Kafka's frames around it: what retention is to be multiplied by."""

import asyncio
import tempfile
from dataclasses import dataclass
from pathlib import Path

import orjson
from service.service import Service, running_service

from bridge.demo.kafka import EmbeddedKafka

_SECONDS, _PER_SECOND = 15, 150
_TOPICS = ("triggers", "ledger", "results")


@dataclass(frozen=True, slots=True)
class Sizes:
    """Of one run: `event` and `context` are the bytes of the JSON of one; `topics` bytes for each trigger, one copy."""

    triggers: int
    event: float
    context: float
    topics: dict[str, float]


def disk(_runs: int) -> bool:
    """Bytes for each trigger; there is no goal, and one run is like another."""
    found = asyncio.run(_measured())
    print(f"disk for each trigger: {found.triggers:,} published triggers at {_PER_SECOND}/s, not compressed, one copy")
    print(f"  an event of {found.event:.0f} bytes, a context of {found.context:.0f} bytes")
    for topic, size in found.topics.items():
        print(f"  {topic:8} {size:6,.0f} bytes")
    return True


async def _measured() -> Sizes:
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder, "kafka")
        with EmbeddedKafka(data=data) as kafka:
            async with running_service(kafka.bootstrap_servers, "disk", Path(folder)) as service:
                return await _sizes(service, data)


async def _sizes(service: Service, data: Path) -> Sizes:
    replica = await service.start("only")
    async with service.flow(_PER_SECOND) as events:
        await asyncio.sleep(_SECONDS)
    await service.is_done(len(events))
    await replica.stop()
    contexts = [len(orjson.dumps(trigger["context"])) for trigger in (await service.account()).triggers]
    return Sizes(
        triggers=len(events),
        event=sum(len(orjson.dumps(event)) for event in events) / len(events),
        context=sum(contexts) / len(contexts),
        topics={topic: _on_disk(data, f"{service.name}.{topic}") / len(events) for topic in _TOPICS},
    )


def _on_disk(data: Path, topic: str) -> int:
    return sum(file.stat().st_size for file in data.glob(f"**/{topic}-*/*.log"))
