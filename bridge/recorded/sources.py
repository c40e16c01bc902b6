"""Which source of a table a recorded event is of. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from msgspec import structs

from bridge.configfile.validation import did_you_mean
from bridge.events import Event, Record
from bridge.formats import Schemas, decode
from bridge.formats.cloudevents import CONTENT_TYPE, STRUCTURED
from bridge.recorded.records import NotRecorded, Recorded, encoding_of
from bridge.routing.routes import SourceConfig


def sources_for(sources: Mapping[str, SourceConfig], topic: str, named: str | None) -> list[SourceConfig]:
    """The one that was named; else those that read the event's topic; else, where nobody knows the topic, the only one.
    Raises NotRecorded when that says nothing.
    """
    if named is not None:
        if named not in sources:
            raise NotRecorded(f"there is no source {named}{did_you_mean(named, sources) or _there_are(sources)}")
        return [sources[named]]
    if topic:
        found = [source for source in sources.values() if source.topic == topic]
        if not found:
            topics = ", ".join(sorted({source.topic for source in sources.values()}))
            raise NotRecorded(f"no source reads the topic {topic}: they read {topics}; --source says which one to take")
        return found
    if len(sources) == 1:
        return list(sources.values())
    raise NotRecorded(f"the event does not say of which source it is: say --source{_there_are(sources)}")


def event_of(source: SourceConfig, record: Record, schemas: Schemas) -> Event:
    """The event in a record, as that source reads it. One of an unknown topic came from the source's own; a CloudEvent in
    a file that holds nothing else is in structured mode. `schemas` are those that a record in Kafka was written by.
    Raises Undecodable.
    """
    if source.format == "cloudevents" and isinstance(record, Recorded) and record.bare:
        record = replace(record, headers=((CONTENT_TYPE, STRUCTURED.encode()),))
    event = decode(record, encoding_of(record, source.format), schemas)
    if event.source.topic:
        return event
    return structs.replace(event, source=structs.replace(event.source, topic=source.topic))


def _there_are(sources: Iterable[str]) -> str:
    return f"; there are {', '.join(sources)}"
