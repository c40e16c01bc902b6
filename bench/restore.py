"""How fast a claim reads a ledger partition, and how much memory what it remembers takes.

python -m bench.restore BOOTSTRAP_SERVERS NAME TRIGGERS
"""

import asyncio
import gc
import os
import sys
import time
import tracemalloc
from collections.abc import Iterator
from uuid import uuid4

import msgspec
import uvloop

from bridge.clock import SystemClock
from bridge.collecting import collect_rarely
from bridge.events import Source
from bridge.kafka.connection import Connection
from bridge.kafka.log import Appender, KafkaLog, PartitionReader, Readers
from bridge.kafka.provisioning import provide_topics
from bridge.kafka.records import TopicPartition
from bridge.kafka.topics import TopicNames, TopicPlan
from bridge.ledger.codec import encode, key_of
from bridge.ledger.partition import PartitionLedger
from bridge.ledger.records import About, Accepted, Attempt, Claim, Ended, Intent
from bridge.ledger.restoring import Progress
from bridge.triggers import OnUnknown, trigger_id

_AT_ONCE = 300
_WINDOW = 86_400_000


class Restore(msgspec.Struct, frozen=True):
    """One run. `seconds` from the claim to the moment when work may begin, `cpu` of this process within them."""

    triggers: int
    records: int
    seconds: float
    cpu: float
    bytes_per_trigger: float
    load: float

    @property
    def rate(self) -> float:
        """Records a second."""
        return self.records / self.seconds

    @property
    def cpu_rate(self) -> float:
        """Records in a second of CPU time."""
        return self.records / self.cpu


async def restore(bootstrap_servers: str, name: str, triggers: int) -> Restore:
    """Fill a ledger partition with the lives of so many triggers, claim it twice: once for time, once for memory."""
    connection, names = Connection(bootstrap_servers=bootstrap_servers), TopicNames(name)
    own = await provide_topics(connection, TopicPlan(names=names, partitions=1, replication=1))
    where = TopicPartition(names.ledger, 0)
    async with Readers(connection) as readers, Appender(connection, max_batch_size=own.ledger_limit) as appender:
        log = KafkaLog(appender, PartitionReader(readers, where), where)
        await _fill(log, triggers)
        began, cpu = time.perf_counter(), time.process_time()
        ledger, records = await _claimed(log, triggers)
        seconds, used = time.perf_counter() - began, time.process_time() - cpu
        assert len(ledger.fold.remembered) == triggers, "every trigger is remembered"  # noqa: S101 - else it proves nothing
        del ledger
        memory = await _memory(log, triggers)
    return Restore(triggers, records, seconds, used, memory / triggers, os.getloadavg()[0])


async def _claimed(log: KafkaLog, triggers: int) -> tuple[PartitionLedger, int]:
    """A new owner that has read what is there."""
    ledger = PartitionLedger(0, log, "bench", _WINDOW, lambda _triggers, _foreign: None)
    async with asyncio.TaskGroup() as group:
        writer = group.create_task(ledger.run())
        restored = await ledger.claim(Progress(triggers, None))
        writer.cancel()
    return ledger, restored.records


async def _memory(log: KafkaLog, triggers: int) -> int:
    """Bytes that a restored ledger holds."""
    gc.collect()
    tracemalloc.start()
    before, _peak = tracemalloc.get_traced_memory()
    ledger, _records = await _claimed(log, triggers)
    gc.collect()
    after, _peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    del ledger
    return after - before


async def _fill(log: KafkaLog, triggers: int) -> None:
    await log.append([(None, encode(Claim("bench", _WINDOW)))])
    batch: list[tuple[bytes | None, bytes]] = []
    for number in range(triggers):
        batch += [(key_of(record), encode(record, 0)) for record in life(number)]
        if len(batch) >= _AT_ONCE or number == triggers - 1:
            await log.append(batch)
            batch = []


def life(number: int) -> Iterator[Intent | Accepted | Ended]:
    """Intent, acceptance, end: what nearly every trigger leaves behind."""
    now, event = SystemClock().now(), f"match-{number // 40}/goal-{number}"
    trigger = trigger_id("acme", "goal", "teams/GER", event)
    about = About(
        brand="acme",
        route="goal",
        event_generator_id="11111111-2222-3333-4444-555555555555",
        topic_key="9392bfd6-f01a-5ec9-6728-b3f60e139488",
        event_id=event,
        source=Source("sports.match-events", number % 12, number),
        event_time=now,
        received=now,
        on_unknown=OnUnknown.PARK,
        expires_at=now + 600_000,
        offset=number,
    )
    attempt = Attempt(uuid4().hex, 1, now)
    execution = f"exec-{uuid4().hex[:24]}"
    yield Intent(trigger, about, attempt)
    yield Accepted(trigger, about, attempt, execution, now + 20)
    yield Ended(trigger, about, attempt, execution, now + 20, "published", None, 127_450, None, None, now + 6_000)


if __name__ == "__main__":
    collect_rarely()  # as a replica does
    print(msgspec.json.encode(uvloop.run(restore(sys.argv[1], sys.argv[2], int(sys.argv[3])))).decode())
