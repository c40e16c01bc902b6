"""The running service that a verb writes triggers for: its topics, checked, and the table that it decides by."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from bridge.audit.standing import Limits
from bridge.errors import AppendUncertain, BridgeError, KafkaTrouble
from bridge.holds.identity import Identity
from bridge.kafka import Connection, NewRecord, OwnTopics, Producer, TopicNames, provide_topics
from bridge.kafka.archive import Archive
from bridge.kafka.authorization import require
from bridge.kafka.control import ControlTopic
from bridge.kafka.rights import rights_of
from bridge.repeating.plan import Send
from bridge.repeating.terms import Terms
from bridge.routing.table import Table
from bridge.settings import Settings
from bridge.settings.planning import topic_plan

_DEADLINE = 15.0
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Service:
    """Make one with `reached`."""

    settings: Settings
    table: Table
    connection: Connection
    archive: Archive
    own: OwnTopics

    @property
    def names(self) -> TopicNames:
        """Of its own topics."""
        return TopicNames(self.settings.name)

    def terms(self, now: int, expires_after: int | None) -> Terms:
        """On what terms it takes triggers; times are ms."""
        own = self.own
        return Terms(self.table.routes, now, expires_after, self.names.triggers, own.partitions, own.trigger_limit)

    def limits(self, now: int) -> Limits:
        """How long what is open may rightly be, as of `now` (ms)."""
        following = self.settings.reconcile
        return Limits(now, 0, following.deadline, corrections=following.follow_unresolved)

    async def write(self, sends: Sequence[Send]) -> None:
        """Write triggers, and return when all are acknowledged. Raises KafkaTrouble."""
        records = [
            NewRecord(self.names.triggers, send.trigger.id.encode(), send.trigger.encode(), partition=send.partition)
            for send in sends
        ]
        async with Producer(self.connection, max_request_size=self.own.largest_record, deadline=_DEADLINE) as producer:
            for start in range(0, len(records), _AT_ONCE):
                try:
                    await producer.send_all(records[start : start + _AT_ONCE])
                except AppendUncertain as error:
                    raise AppendUncertain(
                        f"{error}. Asking again does no harm: what was written has the same ids"
                    ) from error


def refuse_shadow(settings: Settings) -> None:
    """Raise BridgeError when the service calls nobody: what was written for it would only expire."""
    if settings.mode == "shadow":
        raise BridgeError("mode is shadow: this service calls nobody, so nothing can be sent")


@asynccontextmanager
async def reached(settings: Settings, table: Table, connection: Connection, verb: str) -> AsyncIterator[Service]:
    """The service, for a verb that is allowed what it needs, if its topics and what identifies its triggers are as the files say.

    Raises BridgeError.
    """
    plan = replace(topic_plan(settings, (one.topic for one in table.sources.values())), create=False)
    lookups = (one.origin.topic for one in table.lookups if one.origin is not None)
    rights = rights_of(verb, settings.name, plan.sources, lookups)
    async with Archive(connection) as archive:
        await archive.answered(require(connection, rights))
        await archive.snapshots(plan.names.triggers, plan.names.results, plan.names.control)  # are they there at all?
        own = await archive.answered(provide_topics(connection, plan))
        await _confirm_identity(connection, plan.names.control, table, own.partitions)
        yield Service(settings, table, connection, archive, own)


async def _confirm_identity(connection: Connection, topic: str, table: Table, partitions: int) -> None:
    """With another identity the table would name the same campaigns otherwise, and what was called would seem new."""
    control = ControlTopic(connection, topic, Producer(connection))
    identity = Identity(_write_nothing)
    control.listeners = [identity.learn]
    async with asyncio.TaskGroup() as group:
        following = group.create_task(control.follow(), name="control")
        try:
            async with asyncio.timeout(_DEADLINE):
                await control.read_whole.wait()
        except TimeoutError:
            raise KafkaTrouble(f"{topic} at {connection.bootstrap_servers} can't be read") from None
        following.cancel()
    await identity.confirm(table.identity, partitions, accept_forgetting=False)


async def _write_nothing(_key: str, _value: bytes | None) -> None:
    """What is new is the service's to write, when it starts with this table."""
