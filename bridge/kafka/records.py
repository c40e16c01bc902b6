"""What is read from and written to Kafka. The types are ours: only bridge.kafka knows aiokafka."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from aiokafka.record.default_records import DefaultRecordBatchBuilder

Headers = Sequence[tuple[str, bytes | None]]


class TopicPartition(NamedTuple):
    """A partition of a topic. Equal to aiokafka's own, so that either finds the other in a mapping."""

    topic: str
    partition: int

    def __str__(self) -> str:
        return f"{self.topic}/{self.partition}"


class Record(Protocol):
    """A record that was read. aiokafka's record is one."""

    @property
    def topic(self) -> str: ...  # noqa: D102 - the names say it

    @property
    def partition(self) -> int: ...  # noqa: D102

    @property
    def offset(self) -> int: ...  # noqa: D102

    @property
    def timestamp(self) -> int:
        """Milliseconds since 1970 UTC, the producer's or the broker's, as the topic is set up; -1 where there is none."""

    @property
    def key(self) -> bytes | None: ...  # noqa: D102

    @property
    def value(self) -> bytes | None: ...  # noqa: D102

    @property
    def headers(self) -> Headers: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class NewRecord:
    """A record to write. Without a `partition`, one is chosen by the key as every Kafka client does."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers = ()
    partition: int | None = None

    def size(self) -> int:
        """The most bytes that it can take in a batch of its own, which is what a topic's max.message.bytes limits."""
        return int(DefaultRecordBatchBuilder.estimate_size_in_bytes(self.key, self.value, list(self.headers)))
