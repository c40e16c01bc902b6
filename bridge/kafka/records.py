"""What is read from and written to Kafka. The types are ours: only bridge.kafka knows aiokafka."""

from typing import NamedTuple

from aiokafka.record.default_records import DefaultRecordBatchBuilder
from msgspec import Struct

from bridge.events import Headers, Record
from bridge.kafka.headernames import same_size, writable

__all__ = ["Headers", "NewRecord", "Record", "TopicPartition"]


class TopicPartition(NamedTuple):
    """A partition of a topic. Equal to aiokafka's own, so that either finds the other in a mapping."""

    topic: str
    partition: int

    def __str__(self) -> str:
        return f"{self.topic}/{self.partition}"


class ReadRecord(Struct, frozen=True, gc=False):
    """A record that was read (see Record)."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Headers


class NewRecord(Struct, frozen=True, gc=False):
    """A record to write. Without a `partition`, one is chosen by the key as every Kafka client does. Bytes of a header's
    name that are not UTF-8 are those that were read.
    """

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers = ()
    partition: int | None = None

    def size(self) -> int:
        """The most bytes that it can take in a batch of its own, which is what a topic's max.message.bytes limits."""
        headers = self.headers if writable(self.headers) else same_size(self.headers)
        return int(DefaultRecordBatchBuilder.estimate_size_in_bytes(self.key, self.value, list(headers)))
