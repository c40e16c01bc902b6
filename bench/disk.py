"""How many bytes a trigger takes on the own topics, with Kafka's frames around it: what retention is to be multiplied by."""

import asyncio
import tempfile
from collections.abc import Mapping
from pathlib import Path

import orjson
from service.service import Service, running_service

from bench.bed import Bed
from bench.result import Spec
from bench.scenario import Round, Scenario
from bridge.demo.kafka import EmbeddedKafka

TOPICS = ("triggers", "ledger", "results")
SPECS = tuple(
    Spec(f"disk.{topic}", f"{topic}: bytes of a published trigger, one copy", "bytes", "less") for topic in TOPICS
)
_PER_SECOND = 150


async def written(bed: Bed) -> Round:
    """A flow of events to a replica whose Kafka's files can be looked at."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder, "kafka")
        with EmbeddedKafka(data=data) as kafka:
            async with running_service(kafka.bootstrap_servers, "disk", Path(folder)) as service:
                return await _sizes(service, data, bed.sizes.disk)


async def _sizes(service: Service, data: Path, seconds: float) -> Round:
    replica = await service.start("only")
    async with service.flow(_PER_SECOND) as events:
        await asyncio.sleep(seconds)
    await service.is_done(len(events))
    await replica.stop()
    contexts = [len(orjson.dumps(trigger["context"])) for trigger in (await service.account()).triggers]
    return Round(
        {f"disk.{topic}": _on_disk(data, f"{service.name}.{topic}") / len(events) for topic in TOPICS},
        facts={
            "event": sum(len(orjson.dumps(event)) for event in events) / len(events),
            "context": sum(contexts) / len(contexts),
        },
    )


def _on_disk(data: Path, topic: str) -> int:
    return sum(file.stat().st_size for file in data.glob(f"**/{topic}-*/*.log"))


def _told(facts: Mapping[str, float]) -> list[str]:
    return [
        f"{_PER_SECOND} events a second of {facts['event']:.0f} bytes, contexts of {facts['context']:.0f}; not compressed."
    ]


SCENARIO = Scenario(
    "disk", "what a trigger leaves in the files of the own topics", SPECS, written, kafka=False, told=_told
)
