"""From a record to what it means to each source that reads it."""

from collections.abc import Iterator
from dataclasses import replace

from bridge.configfile.validation import did_you_mean
from bridge.errors import Undecodable
from bridge.events import Event, Source
from bridge.explaining.explaining import explain
from bridge.explaining.explanation import Explanation
from bridge.explaining.fates import Service
from bridge.formats import NoSchemas, Schemas
from bridge.kafka import Record, TopicNames
from bridge.recorded.records import NotRecorded
from bridge.recorded.sources import event_of, sources_for
from bridge.routing import Table
from bridge.settings import Settings


def explanations(
    table: Table,
    record: Record,
    now: int,
    *,
    source: str | None = None,
    route: str | None = None,
    schemas: Schemas | None = None,
) -> Iterator[Explanation]:
    """One for each source that reads the record: that `source`, or those of its topic. With `route`, only of that one.
    `schemas` are those that a record in Kafka was written by.

    Raises NotRecorded when no source is found, or no such route.
    """
    if route is not None and route not in table.routes:
        raise NotRecorded(f"there is no route {route}{did_you_mean(route, table.routes)}")
    for config in sources_for(table.sources, record.topic, source):
        try:
            event = event_of(config, record, schemas or NoSchemas())
        except Undecodable as error:
            nothing = Event(None, Source(record.topic, record.partition, record.offset), record.timestamp)
            yield Explanation(config, nothing, now, undecodable=str(error))
            continue
        found = explain(table, config.name, event, now)
        yield replace(found, routes=tuple(one for one in found.routes if route in (None, one.route.name)))


def service_of(settings: Settings) -> Service:
    """What the settings say of triggers."""
    topics = settings.topics
    return Service(
        TopicNames(settings.name).triggers, topics.partitions, topics.max_message_bytes, settings.mode == "shadow"
    )
