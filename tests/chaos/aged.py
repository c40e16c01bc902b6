"""A ledger that already holds a day: triggers that were called and published, as the service itself would have left them."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from service.story import event

from bridge.clock import SystemClock
from bridge.events import Event, Source
from bridge.kafka.topics import TopicNames
from bridge.ledger.codec import encode, key_of
from bridge.ledger.item import Item
from bridge.ledger.records import About, Accepted, Attempt, Claim, Ended, Intent, Record
from bridge.outcomes.compose import compose
from bridge.routing import Table, load_table
from bridge.triggers import Trigger

_REPLICA = "aged/0"
_AT_ONCE = 2_000
_LATENCY, _LASTED = 60, 600  # ms


def aged_event(number: int) -> dict[str, Any]:
    """One of the events of the day before; published again it must not be called again."""
    return event(number, id=f"aged{number}")


@dataclass(frozen=True, slots=True)
class Ageing:
    """Fills the topics of a service that exist already, and that no replica works on. `folder` holds its routes.yaml."""

    kafka: str
    names: TopicNames
    folder: Path
    partitions: int

    async def fill(self, count: int) -> None:
        """Write that many finished triggers, with all their records, and commit their offsets."""
        table = load_table(self.folder / "routes.yaml", {}, brands={"acme"})
        triggers: dict[int, list[Trigger]] = defaultdict(list)
        producer = AIOKafkaProducer(bootstrap_servers=self.kafka, acks="all", linger_ms=20, max_batch_size=500_000)
        await producer.start()
        try:
            claims = {number: await self._claim(producer, number) for number in range(self.partitions)}
            written = dict.fromkeys(claims, 0)
            for start in range(0, count, _AT_ONCE):
                triggers.clear()
                for number in range(start, min(start + _AT_ONCE, count)):
                    trigger = _decided(table, number)
                    triggers[trigger.partition(self.partitions)].append(trigger)
                for partition, some in triggers.items():
                    await self._write(producer, partition, some, written[partition], claims[partition])
                    written[partition] += len(some)
                await producer.flush()
        finally:
            await producer.stop()
        await self._commit(written)

    async def _claim(self, producer: AIOKafkaProducer, partition: int) -> int:
        ack = await producer.send_and_wait(self.names.ledger, encode(Claim(_REPLICA)), partition=partition)
        return int(ack.offset)

    async def _write(
        self, producer: AIOKafkaProducer, partition: int, some: Sequence[Trigger], first: int, claim: int
    ) -> None:
        for offset, trigger in enumerate(some, first):
            key = trigger.id.encode()
            await producer.send(self.names.triggers, trigger.encode(), key, partition=partition)
            item = Item(About.of(trigger, offset))
            for record in _records(trigger, item.about):
                item.learn(record)
                await producer.send(self.names.ledger, encode(record, claim), key_of(record), partition=partition)
            end = item.best_end()
            assert end is not None
            outcome = compose(trigger.id, item, end).model_dump_json().encode()
            await producer.send(self.names.results, outcome, trigger.event_id.encode())

    async def _commit(self, written: dict[int, int]) -> None:
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self.kafka, group_id=f"{self.names.service}.dispatch", enable_auto_commit=False
        )
        await consumer.start()
        try:
            offsets = {TopicPartition(self.names.triggers, number): end for number, end in written.items()}
            consumer.assign(list(offsets))
            await consumer.commit(offsets)
        finally:
            await consumer.stop()


def _decided(table: Table, number: int) -> Trigger:
    """As intake would have decided."""
    now = SystemClock().now()
    (source,) = table.sources.values()
    body = aged_event(number)
    (trigger,) = table.decide(source.name, Event(body, Source(source.topic, 0, number), now), now).triggers
    return trigger


def _records(trigger: Trigger, about: About) -> Iterator[Record]:
    """All that the ledger says of a trigger that was published."""
    attempt, execution = Attempt(f"nonce-{trigger.event_id}", 1, trigger.received), f"execution-{trigger.event_id}"
    accepted, ended = trigger.received + _LATENCY, trigger.received + _LASTED
    yield Intent(trigger.id, about, attempt)
    yield Accepted(trigger.id, about, attempt, execution, accepted)
    yield Ended(
        id=trigger.id,
        about=about,
        attempt=attempt,
        execution_id=execution,
        accepted=accepted,
        outcome="published",
        reason=None,
        audience_size=1_000,
        error_code=None,
        error_message=None,
        at=ended,
    )
