"""Lookups that come from compacted topics: read whole before anything is decided by them, and followed from then on."""

import asyncio
from collections.abc import Iterable

from bridge.errors import KafkaTrouble, StartupRefused
from bridge.kafka.compacted import CompactedTopic
from bridge.kafka.connection import Connection
from bridge.kafka.records import Record
from bridge.routing.live import FromTopic, LiveEntries
from bridge.routing.lookups import Lookup
from bridge.telemetry import Telemetry


class TopicLookups:
    """Pass `entries` to load_table, then `follow` what it loaded. A topic is followed once, however many tables come."""

    def __init__(self) -> None:
        self._entries: dict[FromTopic, LiveEntries] = {}
        self._tasks: dict[FromTopic, asyncio.Task[None]] = {}

    def entries(self, origin: FromTopic) -> LiveEntries:
        """The entries of a lookup: empty until it is followed. May be called from another thread."""
        return self._entries.setdefault(origin, LiveEntries(origin))

    async def follow(
        self, lookups: Iterable[Lookup], connection: Connection, group: asyncio.TaskGroup, telemetry: Telemetry | None
    ) -> None:
        """Returns when what is in their topics has been read. Raises StartupRefused when there is no such topic."""
        for lookup in lookups:
            if lookup.origin is not None and lookup.origin not in self._tasks:
                await self._begin(lookup.name, lookup.origin, connection, group, telemetry)

    async def read(self, lookups: Iterable[Lookup], connection: Connection) -> None:
        """Read what is in their topics now, and follow none. Raises StartupRefused as `follow` does."""
        refusal = None
        async with asyncio.TaskGroup() as group:
            try:
                await self.follow(lookups, connection, group, None)
            except StartupRefused as error:
                refusal = error
            self.stop()
        if refusal is not None:
            raise refusal

    def stop(self) -> None:
        """Follow nothing any more."""
        for task in self._tasks.values():
            task.cancel()
        self._tasks.clear()

    async def _begin(
        self,
        name: str,
        origin: FromTopic,
        connection: Connection,
        group: asyncio.TaskGroup,
        telemetry: Telemetry | None,
    ) -> None:
        known = self.entries(origin)

        def listen(record: Record) -> None:
            problem = known.learn(record.key, record.value)
            if telemetry is not None:
                telemetry.lookup_read(name, len(known.entries))
                if problem is not None:
                    place = f"{record.topic}/{record.partition}/{record.offset}"
                    telemetry.lookup_unusable(name, place, problem)

        topic = CompactedTopic(connection, origin.topic, listen, "read_committed")
        refused = asyncio.get_running_loop().create_future()
        self._tasks[origin] = group.create_task(_followed(topic, refused), name=f"lookup {name}")
        whole = group.create_task(topic.read_whole.wait(), name=f"lookup {name} whole")
        await asyncio.wait([whole, refused], return_when=asyncio.FIRST_COMPLETED)
        if refused.done():
            whole.cancel()
            del self._tasks[origin]
            raise StartupRefused(f"lookup {name}: {refused.result()}. Make the topic, or mend the name")


async def _followed(topic: CompactedTopic, refused: "asyncio.Future[KafkaTrouble]") -> None:
    try:
        await topic.follow()
    except KafkaTrouble as error:
        if topic.read_whole.is_set():
            raise
        refused.set_result(error)
