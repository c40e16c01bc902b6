"""`bridge explain`."""

import sys
from pathlib import Path
from typing import Annotated

import orjson
import typer

from bridge.cli.check import Config, Routes
from bridge.cli.connecting import connected
from bridge.cli.recorded import Envelope, SourceName
from bridge.cli.tables import settings_of, with_topics
from bridge.clock import SystemClock
from bridge.durations import parse_moment
from bridge.events import Format, Source
from bridge.explaining.looking import explanations, service_of
from bridge.explaining.showing import Screen, show
from bridge.explaining.telling import told
from bridge.formats import Schemas
from bridge.kafka import Connection, Record
from bridge.kafka.archive import Archive
from bridge.kafka.rights import recorded
from bridge.recorded.files import one_event
from bridge.recorded.records import NotRecorded
from bridge.recorded.topics import place_of, record_at
from bridge.registry.looking import Looking
from bridge.settings import Settings
from bridge.terminal import console


def explain(
    event: Annotated[
        str,
        typer.Argument(
            metavar="EVENT",
            help="A file with the event as JSON, FILE:LINE of a file that has one a line, - for the standard input, or "
            "TOPIC/PARTITION/OFFSET of a record in Kafka.",
            show_default=False,
        ),
    ],
    *,
    routes: Routes,
    source: SourceName = None,
    route: Annotated[str | None, typer.Option(help="Only this route, with all of its conditions.")] = None,
    envelope: Envelope = False,
    moment: Annotated[
        str | None,
        typer.Option("--now", help="Decide as if it were then: an RFC 3339 time, or a duration back, as in 2h."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs: all of it, as JSON.")] = False,
    config: Config = None,
) -> None:
    """Say what an event means and why: which routes take it and which don't, where each field comes from, what would be sent.

    Nothing is sent. Ends with 0 whatever it means, with 1 when Kafka can't give it, with 2 when no file does.
    """
    (of,), service = with_topics(routes, config=config), service_of(settings_of(config))
    now = _moment(moment)
    place = None if Path(event).exists() else place_of(event)
    try:
        schemas: Schemas | None = None
        if place is None:
            record: Record = one_event(event, now, envelope=envelope)
        else:
            record, schemas = _kafkas(place, of.table.formats(place.topic, source), config)
        found = list(explanations(of.table, record, now, source=source, route=route, schemas=schemas))
    except NotRecorded as error:
        print(f"error: {error}", file=sys.stderr)
        raise typer.Exit(2) from None
    if as_json:
        value = [told(one, event, of.places, service) for one in found]
        print(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode())
        return
    for one in found:
        show(Screen(one, event, of.places, service, console()), whole=route is not None)


def _kafkas(place: Source, formats: set[Format], config: Path | None) -> tuple[Record, Schemas]:
    async def look(settings: Settings, connection: Connection) -> tuple[Record, Schemas]:
        async with Archive(connection) as archive:
            record = await record_at(archive, place)
        looking = Looking(settings.registry)
        await looking.ready(record, formats)
        return record, looking

    return connected(config, look, lambda _: recorded(place.topic))


def _moment(text: str | None) -> int:
    now = SystemClock().now()
    try:
        return now if text is None else parse_moment(text, now)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--now") from error
