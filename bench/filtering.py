"""How fast events are read of which few mean anything, with a table of 50 routes."""

import asyncio
import sys

import orjson
from kafka.cluster import read_topic

from bench import bottleneck
from bench.bed import Bed, called
from bench.events import ROUTES, events
from bench.result import Goal, Spec
from bench.scenario import Round, Scenario
from bench.subjects import bridges

RATE = Spec("filter.rate", "events read", "1/s", "more", Goal(least=0.5, of="ratio"))
CPU = Spec("filter.cpu", "CPU-seconds for 100,000 events", "s", "less")
PEAK = Spec("filter.peak", "peak memory", "MB", "less")
_SCALE = 100_000


async def run(bed: Bed) -> Round:
    """A replica that starts in front of a full topic, and the same topic read by aiokafka and orjson alone."""
    count, every = bed.sizes.filter, bed.sizes.every
    topic = await bed.topic()
    await bed.publish(topic, events("e", count, every))
    reference = await _raw(bed, topic)
    async with bed.vendor() as vendor, bridges(bed, vendor, topic, ready=False) as crew:
        await crew.members[0].started()
        watch = bed.watch(crew.pids, vendor)
        await called(vendor, len(range(0, count, every)))
        usage = watch.usage()
        facts = await bottleneck.facts(vendor, usage)
    triggers = [record.timestamp for record in await read_topic(bed.kafka, f"{topic}.triggers")]
    seconds = max(1, max(triggers) - min(triggers)) / 1000
    service = {
        # From the first trigger to the last, by the times that Kafka gives them.
        RATE.id: every * (len(triggers) - 1) / seconds,
        CPU.id: usage.cpu["service"] / count * _SCALE,
        PEAK.id: usage.peak["service"],
    }
    return Round(service, reference, facts)


async def _raw(bed: Bed, topic: str) -> dict[str, float]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.raw", bed.kafka, topic, str(bed.sizes.filter), stdout=asyncio.subprocess.PIPE
    )
    said, _ = await process.communicate()
    found = orjson.loads(said)
    return {RATE.id: found["rate"], CPU.id: found["cpu"] / bed.sizes.filter * _SCALE, PEAK.id: found["peak"]}


SCENARIO = Scenario(
    "filter",
    f"a full topic of events of which 1 % mean a campaign, {ROUTES} routes; beside it aiokafka's getmany with orjson.loads, and no more",
    (RATE, CPU, PEAK),
    run,
    beside="raw",
    told=bottleneck.told,
)
