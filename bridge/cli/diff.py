"""`bridge diff`."""

import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bridge.cli.check import Config
from bridge.cli.connecting import connected
from bridge.cli.recorded import Envelope, SourceName
from bridge.cli.spans import From, To, span
from bridge.cli.tables import settings_of, with_topics
from bridge.clock import SystemClock
from bridge.diffing.diffing import Diffing
from bridge.diffing.showing import as_json as report_as_json
from bridge.diffing.showing import show
from bridge.kafka import Connection, Record
from bridge.kafka.archive import Archive
from bridge.kafka.rights import recorded
from bridge.recorded.files import events as events_in
from bridge.recorded.records import NotRecorded
from bridge.recorded.topics import span_of
from bridge.registry.looking import Looking
from bridge.settings import Settings
from bridge.terminal import console

Take = Callable[[str, Record], None]
Ready = Callable[[Record], Awaitable[None]]
_TOLD_EVERY = 1000


def diff(
    old: Annotated[
        Path,
        typer.Argument(
            metavar="OLD",
            help="The routing table as it is: a file, or a folder of *.yaml.",
            exists=True,
            show_default=False,
        ),
    ],
    new: Annotated[
        Path, typer.Argument(metavar="NEW", help="The one that is to take its place.", exists=True, show_default=False)
    ],
    *,
    events: Annotated[
        str | None, typer.Option(metavar="FILE", help="Recorded events as JSON, one a line; - is the standard input.")
    ] = None,
    topic: Annotated[
        str | None, typer.Option(help="Or the events of this topic in Kafka, from --from to --to.")
    ] = None,
    start: From = "1h",
    end: To = "0s",
    source: SourceName = None,
    envelope: Envelope = False,
    examples: Annotated[int, typer.Option(help="How many of each kind are shown.", min=0, max=1000)] = 3,
    as_json: Annotated[bool, typer.Option("--json", help="For programs: all of it, as JSON.")] = False,
    config: Config = None,
) -> None:
    """Say what a changed routing table would send differently, over events that were recorded.

    Nothing is sent. Ends with 0 when nothing would be, with 1 when something would, or when what identifies triggers changes.
    """
    if (events is None) == (topic is None):
        raise typer.BadParameter("say which events: --events FILE or --topic TOPIC", param_hint="--events / --topic")
    now = SystemClock().now()
    before, after = (one.table for one in with_topics(old, new, config=config))
    try:
        looking = Looking(settings_of(config).registry if topic is not None else None)
        diffing = Diffing(before, after, now=now, source=source, examples=examples, schemas=looking)
        with _counted(diffing) as take:
            if events is not None:
                for where, record in events_in(events, now, envelope=envelope):
                    take(where, record)
            if topic is not None:
                formats = before.formats(topic, source) | after.formats(topic, source)

                async def ready(record: Record) -> None:
                    await looking.ready(record, formats)

                _take_span(take, ready, topic, span(start, end, now), config)
    except NotRecorded as error:
        print(f"error: {error}", file=sys.stderr)
        raise typer.Exit(2) from None
    report = diffing.report()
    if as_json:
        print(report_as_json(report))
    else:
        show(report, console())
    raise typer.Exit(1 if report.differs else 0)


@contextmanager
def _counted(diffing: Diffing) -> Iterator[Take]:
    """Gives what takes an event; on a terminal, whoever waits sees that it goes on."""
    with Console(stderr=True, force_terminal=sys.stderr.isatty()).status("Comparing ...") as status:

        def take(where: str, record: Record) -> None:
            diffing.take(where, record)
            if diffing.events % _TOLD_EVERY == 0:
                status.update(f"{diffing.events:,} events compared, at {where}")

        yield take


def _take_span(take: Take, ready: Ready, topic: str, times: tuple[int, int], config: Path | None) -> None:
    async def read(_: Settings, connection: Connection) -> None:
        async with Archive(connection) as archive:
            async for record in span_of(archive, topic, *times):
                await ready(record)
                take(f"{topic}/{record.partition}/{record.offset}", record)

    connected(config, read, lambda _: recorded(topic))
