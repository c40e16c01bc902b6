"""The routing table in force, and how another takes its place while the replica runs."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bridge.configfile import noting
from bridge.intake import Intake
from bridge.kafka.connection import Connection
from bridge.reloading.changes import beyond_memory, other_topics
from bridge.reloading.lookups import TopicLookups
from bridge.reloading.reloader import Reloader, refuse
from bridge.routing.live import Live
from bridge.routing.table import Table
from bridge.telemetry import Telemetry


@dataclass(frozen=True, slots=True)
class Confirming:
    """What a replica that calls does about another table: `confirm` it before, raising BridgeError, and act on it when it is
    `taken`. `memory` and `limit` (ms): how long ledgers remember what was called, and count calls.
    """

    memory: int
    limit: int
    confirm: Callable[[Table], Awaitable[None]]
    taken: Callable[[Table], Awaitable[None]]


class Tables:
    """`current` is the one in force."""

    def __init__(self, read: Callable[[Live], Table]) -> None:
        """`read` reads the table from its files, now and whenever they may have changed. Raises what it raises."""
        self._shadow = False
        self._lookups = TopicLookups()
        self._read = read
        with noting() as self._noted:
            self.current = read(self._lookups.entries)
        self._watching: asyncio.Task[None] | None = None
        self._reloader: Reloader | None = None

    def fingerprint_of(self, route: str) -> str | None:
        """Of a whole route; None for one that the table has not."""
        return self.current.route_fingerprints.get(route)

    def generator_of(self, route: str) -> str | None:
        """The id of the generator that a route calls; None for a route that the table has not."""
        found = self.current.routes.get(route)
        return None if found is None else found.event_generator_id

    async def begin(
        self, connection: Connection, group: asyncio.TaskGroup, telemetry: Telemetry, *, shadow: bool
    ) -> None:
        """Follow the lookups that come from topics. Returns when they have been read; raises StartupRefused. `shadow`: the
        service calls nobody, whatever the table says.
        """
        self._shadow = shadow
        self._tell(telemetry)
        await self._lookups.follow(self.current.lookups, connection, group, telemetry)

    def watch(
        self,
        intake: Intake,
        confirming: Confirming | None,
        connection: Connection,
        group: asyncio.TaskGroup,
        telemetry: Telemetry,
    ) -> None:
        """Give intake another table when the files hold one. Without `confirming` nobody is called (shadow)."""

        async def take(table: Table) -> None:
            refuse(other_topics(self.current, table))
            await self._lookups.follow(table.lookups, connection, group, telemetry)
            if confirming is not None:
                refuse(beyond_memory(table, confirming.memory, confirming.limit))
                await confirming.confirm(table)
            self.current = table
            intake.use(table)
            self._tell(telemetry)
            if confirming is not None:
                await confirming.taken(table)

        self._reloader = Reloader(lambda: self._read(self._lookups.entries), self.current, self._noted, take, telemetry)
        self._watching = group.create_task(self._reloader.run(), name="reloading")

    def reload(self) -> None:
        """Read the files now; nothing to do before they are watched, for then they are compared with what was read."""
        if self._reloader is not None:
            self._reloader.reload()

    def stop(self) -> None:
        """Look for no other table any more, and follow no lookup."""
        if self._watching is not None:
            self._watching.cancel()
        self._lookups.stop()

    def _tell(self, telemetry: Telemetry) -> None:
        table, routes = self.current, self.current.routes.values()
        telemetry.routes_loaded(table.hash, len(routes))
        telemetry.routes_stand(Counter("shadow" if self._shadow and one.mode == "live" else one.mode for one in routes))
        telemetry.expects(
            {source: config.topic for source, config in table.sources.items()},
            [(route.brand, route.name) for route in routes],
            {route.brand for route in routes},
        )
