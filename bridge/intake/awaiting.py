"""Partitions that wait for a schema: read no further than the record that needs it, while all others go on."""

from collections.abc import Collection
from typing import Protocol

from bridge.formats import NoSchemas, Schemas
from bridge.formats.wire import SchemaId
from bridge.kafka import GroupConsumer, NotAMember, TopicPartition
from bridge.telemetry import Telemetry


class KnownSchemas(Schemas, Protocol):
    """A registry: it asks for what its `reader` did not know."""

    def settled(self, schema: SchemaId) -> bool:
        """Whether records of it need not wait any longer."""


class NoRegistry(NoSchemas):
    """Of a bridge whose sources need none."""

    def settled(self, schema: SchemaId) -> bool:
        """Nobody waits."""
        return True


class Awaiting:
    """The partitions of one consumer that wait."""

    def __init__(self, consumer: GroupConsumer, schemas: KnownSchemas, telemetry: Telemetry) -> None:
        self._consumer = consumer
        self._schemas = schemas
        self._telemetry = telemetry
        self._waiting: dict[TopicPartition, SchemaId] = {}

    def add(self, partition: TopicPartition, offset: int, schema: SchemaId) -> None:
        """The record at `offset` needs a schema that is not known yet: it is read again then."""
        self._consumer.pause([partition])
        try:
            self._consumer.seek(partition, offset)
        except NotAMember:
            return  # a rebalance came in between: its next owner meets the same
        self._waiting[partition] = schema
        self._telemetry.schema_awaited(partition.topic, partition.partition, offset, schema)
        self._telemetry.partitions_waiting(len(self._waiting))

    def resume(self) -> None:
        """Those whose schema is known by now, or will never be."""
        if not self._waiting:
            return
        settled = [partition for partition, schema in self._waiting.items() if self._schemas.settled(schema)]
        if settled:
            self._consumer.resume(settled)
            self.forget(settled)

    def forget(self, partitions: Collection[TopicPartition]) -> None:
        """They are not ours any more, or read on."""
        for partition in partitions:
            self._waiting.pop(partition, None)
        self._telemetry.partitions_waiting(len(self._waiting))
