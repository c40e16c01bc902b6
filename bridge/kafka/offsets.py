"""What a member of a group can be asked about its partitions: how far it is, and how far it could be."""

from collections.abc import Collection, Mapping
from typing import Any

from aiokafka.structs import TopicPartition as TheirPartition

from bridge.kafka.answers import answer
from bridge.kafka.membership import Partitions
from bridge.kafka.records import TopicPartition


class Offsets:
    """The questions of a GroupConsumer, which makes the client. Those that ask Kafka raise NoAnswer or KafkaTrouble."""

    def __init__(self, group: str) -> None:
        self.group = group
        self._consumer: Any = None

    def assignment(self) -> Partitions:
        """The partitions that are ours, as far as we know; not those that are being given up."""
        return frozenset(TopicPartition(*partition) for partition in self._consumer.assignment())

    def partitions_for(self, topic: str) -> int:
        """How many partitions a subscribed topic has, 0 while it does not exist."""
        return len(self._consumer.partitions_for_topic(topic) or ())

    async def position(self, partition: TopicPartition) -> int:
        """The offset of the next record that `records()` would return. Raises NotAMember."""
        request = self._consumer.position(TheirPartition(*partition))
        position: int = await answer(self.group, "position", request)
        return position

    def end_seen(self, partition: TopicPartition) -> int | None:
        """The partition's end as of the last fetch, or None when it is not ours or nothing was fetched yet."""
        if partition not in self._consumer.assignment():
            return None
        end: int | None = self._consumer.highwater(TheirPartition(*partition))
        return end

    async def lags(self) -> dict[TopicPartition, int]:
        """How many records our partitions held beyond what was read, as of the last fetch of each."""
        found = {}
        for partition in self.assignment():
            end = self.end_seen(partition)
            if end is not None:
                found[partition] = max(end - await self.position(partition), 0)
        return found

    async def committed(self, partitions: Collection[TopicPartition]) -> dict[TopicPartition, int | None]:
        """The group's committed offsets, None where there is none. Raises NoAnswer or KafkaTrouble."""
        return {
            partition: await answer(self.group, "committed", self._consumer.committed(TheirPartition(*partition)))
            for partition in partitions
        }

    async def end_offsets(self, partitions: Collection[TopicPartition]) -> dict[TopicPartition, int]:
        """The offsets that the next records written will get."""
        found = await answer(self.group, "end_offsets", self._consumer.end_offsets(_theirs(partitions)))
        return {TopicPartition(*partition): offset for partition, offset in found.items()}

    async def beginning_offsets(self, partitions: Collection[TopicPartition]) -> dict[TopicPartition, int]:
        """The offsets of the oldest records."""
        found = await answer(self.group, "beginning_offsets", self._consumer.beginning_offsets(_theirs(partitions)))
        return {TopicPartition(*partition): offset for partition, offset in found.items()}

    async def offsets_for_times(self, times: Mapping[TopicPartition, int]) -> dict[TopicPartition, int | None]:
        """For each partition the first offset whose timestamp is at or after the given one (milliseconds since 1970).

        None where every record is older.
        """
        request = {TheirPartition(*partition): max(time, 0) for partition, time in times.items()}
        found = await answer(self.group, "offsets_for_times", self._consumer.offsets_for_times(request))
        return {TopicPartition(*partition): at and at.offset for partition, at in found.items()}


def _theirs(partitions: Collection[TopicPartition]) -> list[TheirPartition]:
    return [TheirPartition(*partition) for partition in partitions]
