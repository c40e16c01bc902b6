"""What aiokafka tells about the group: partitions that come and go, and whether the group still answers."""

import logging
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Any, Protocol

from aiokafka import ConsumerRebalanceListener
from aiokafka.coordinator.assignors.abstract import AbstractPartitionAssignor
from aiokafka.coordinator.protocol import ConsumerProtocolMemberAssignment, ConsumerProtocolMemberMetadata
from aiokafka.structs import OffsetAndMetadata
from aiokafka.structs import TopicPartition as TheirPartition

from bridge.kafka.records import TopicPartition
from bridge.kafka.sharing import Held, Joining, shares

log = logging.getLogger(__name__)

Partitions = frozenset[TopicPartition]


class Member(Protocol):
    """What a member of a consumer group does when its partitions change. What these raise ends its `records()`.

    It goes on with what it has through a rebalance: only what it gains and what it loses is told. Nothing is told when
    Kafka is lost, nor when the consumer is stopped.
    """

    async def first_offsets(self, partitions: Partitions) -> Mapping[TopicPartition, int]:
        """Where to begin in partitions for which the group has committed nothing."""

    async def on_gained(self, partitions: Partitions) -> None:
        """Take these over. They are paused: whoever is ready resumes them. Told also when it is none, after each rebalance.

        No heartbeats are sent until this returns, so anything longer than a moment belongs into a task.
        """

    def on_lost(self, partitions: Partitions) -> None:
        """Begin to give these up, and call `GroupConsumer.release()` when that is done: nobody gets them before.

        Nothing is read from them any more.
        """


class Rebalances(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka has no types
    """Passes rebalances on, and keeps what the callbacks raised: aiokafka logs it and goes on."""

    def __init__(self, began: Callable[[], None], ended: Callable[[Partitions], Awaitable[None]]) -> None:
        self._began = began
        self._ended = ended
        self.failure: Exception | None = None

    def on_partitions_revoked(self, revoked: Collection[tuple[str, int]]) -> None:
        """Called by aiokafka before it joins the group anew."""
        self._began()

    async def on_partitions_assigned(self, assigned: Collection[tuple[str, int]]) -> None:
        """Called by aiokafka when it has joined."""
        await self.guarded(self._ended(frozenset(TopicPartition(*partition) for partition in assigned)))

    async def guarded(self, callback: Awaitable[None]) -> None:
        """Await a callback of the member's; what it raises is kept."""
        try:
            await callback
        except Exception as error:
            self.failure = self.failure or error
            raise


class Keeping(AbstractPartitionAssignor):  # type: ignore[misc]  # aiokafka has no types
    """Shares partitions so that who has one keeps it while it joins (bridge.kafka.sharing).

    `joining(topics)`: what this member says of itself.
    """

    name = "keeping"

    def __init__(self, joining: Callable[[Collection[str]], Joining]) -> None:
        self._joining = joining

    def metadata(self, topics: Collection[str]) -> ConsumerProtocolMemberMetadata:
        """What is sent when this member joins."""
        return ConsumerProtocolMemberMetadata(0, sorted(topics), self._joining(topics).encode())

    def assign(
        self, cluster: Any, members: Mapping[str, ConsumerProtocolMemberMetadata]
    ) -> dict[str, ConsumerProtocolMemberAssignment]:
        """Asked of the member that leads the group."""
        said = {name: Joining.decode(member.subscription, member.user_data) for name, member in members.items()}
        topics = {topic for joining in said.values() for topic in joining.topics}
        counts = {topic: len(cluster.partitions_for_topic(topic) or ()) for topic in topics}
        return {name: _assignment(share) for name, share in shares(said, counts).items()}

    def on_assignment(self, assignment: ConsumerProtocolMemberAssignment) -> None:
        """What this member got; the listener is told as well."""


def _assignment(share: Held) -> ConsumerProtocolMemberAssignment:
    numbers: dict[str, list[int]] = {}
    for topic, partition in sorted(share):
        numbers.setdefault(topic, []).append(partition)
    return ConsumerProtocolMemberAssignment(0, list(numbers.items()), b"")


def go_on_reading(consumer: Any) -> None:
    """Let `getmany()` return records while the group is joined anew. aiokafka has it wait, though it goes on fetching."""
    consumer._subscription.subscription._reassignment_in_progress = False  # noqa: SLF001 - there is no public way


async def commit(consumer: Any, offsets: Mapping[TopicPartition, int]) -> None:
    """Commit offsets, also of partitions that are being given up: the client refuses those, though the group takes them."""
    assignment = consumer._subscription.subscription.assignment  # noqa: SLF001 - there is no public way
    ours = {TheirPartition(*partition): OffsetAndMetadata(offset, "") for partition, offset in offsets.items()}
    await consumer._coordinator.commit_offsets(assignment, ours)  # noqa: SLF001


def join_again(consumer: Any) -> None:
    """Have the group share its partitions anew."""
    consumer._coordinator.request_rejoin()  # noqa: SLF001 - there is no public way


def generation(consumer: Any) -> int:
    """Of the group, as the member was told last."""
    number: int = consumer._coordinator.generation  # noqa: SLF001 - there is no public way
    return number


def watch_heartbeats(consumer: Any, heard: Callable[[], None]) -> None:
    """Call `heard` whenever the group has answered a heartbeat. aiokafka keeps that to itself."""
    coordinator = consumer._coordinator  # noqa: SLF001 - there is no public way
    send = coordinator._do_heartbeat  # noqa: SLF001

    async def send_and_tell() -> bool:
        answered: bool = await send()
        if answered:
            heard()
        return answered

    coordinator._do_heartbeat = send_and_tell  # noqa: SLF001
