"""What aiokafka tells about the group: partitions that come and go, and whether the group still answers."""

import logging
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Any, Protocol

from aiokafka import ConsumerRebalanceListener
from aiokafka.coordinator.assignors.sticky.sticky_assignor import StickyPartitionAssignor

from bridge.kafka.records import TopicPartition

log = logging.getLogger(__name__)

Partitions = frozenset[TopicPartition]


class Member(Protocol):
    """What a member of a consumer group does when its partitions change. What these raise ends its `records()`."""

    async def on_revoked(self, partitions: Partitions) -> None:
        """Finish, commit, give up. Heartbeats go on meanwhile; the group waits up to the rebalance timeout.

        Not called when Kafka is lost, nor when the consumer is stopped.
        """

    async def first_offsets(self, partitions: Partitions) -> Mapping[TopicPartition, int]:
        """Where to begin in partitions for which the group has committed nothing."""

    async def on_assigned(self, partitions: Partitions) -> None:
        """Take over. All partitions are paused: whoever is ready resumes them.

        No heartbeats are sent until this returns, so anything longer than a moment belongs into a task.
        """


class Rebalances(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka has no types
    """Passes rebalances on, and keeps what the callbacks raised: aiokafka logs it and goes on."""

    def __init__(
        self,
        revoked: Callable[[Partitions], Awaitable[None]],
        assigned: Callable[[Partitions], Awaitable[None]],
    ) -> None:
        self._revoked = revoked
        self._assigned = assigned
        self.failure: Exception | None = None

    async def on_partitions_revoked(self, revoked: Collection[tuple[str, int]]) -> None:
        """Called by aiokafka before it joins the group anew."""
        await self._guarded(self._revoked, revoked)

    async def on_partitions_assigned(self, assigned: Collection[tuple[str, int]]) -> None:
        """Called by aiokafka when it has joined."""
        await self._guarded(self._assigned, assigned)

    async def _guarded(
        self, callback: Callable[[Partitions], Awaitable[None]], partitions: Collection[tuple[str, int]]
    ) -> None:
        if self.failure is not None:
            return
        try:
            await callback(frozenset(TopicPartition(*partition) for partition in partitions))
        except Exception as error:
            self.failure = error
            raise


def sticky_assignor() -> type[Any]:
    """A sticky assignor of its own for each consumer.

    aiokafka's keeps the last assignment in the class: two consumers in one process would tell each other's partitions
    to their groups.
    """

    class Sticky(StickyPartitionAssignor):  # type: ignore[misc]  # aiokafka has no types
        pass

    return Sticky


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
