"""`bridge send`."""

import os
import secrets
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from prometheus_client import CollectorRegistry

from bridge.cli.check import Config, Routes
from bridge.cli.connecting import connected
from bridge.cli.recorded import Envelope
from bridge.clock import SystemClock
from bridge.configfile import ConfigError
from bridge.durations import format_instant, parse_duration
from bridge.errors import StartupRefused
from bridge.events import Record
from bridge.explaining.looking import service_of
from bridge.explaining.showing import Screen, show
from bridge.holds.model import Hold
from bridge.holds.operating import control_room
from bridge.inquiry.story import closing
from bridge.kafka.connection import Connection
from bridge.recorded.files import one_event
from bridge.recorded.records import NotRecorded
from bridge.reloading.lookups import TopicLookups
from bridge.repeating.plan import Send
from bridge.repeating.service import Service, reached, refuse_shadow
from bridge.routing import Table, load_table
from bridge.routing.places import Places
from bridge.sending.following import Following
from bridge.sending.planning import PREFIX, Asked, Planned, Room, explained, plan, takes
from bridge.sending.showing import Surroundings, advice, show_moment, show_plan
from bridge.settings import Settings
from bridge.telemetry import Telemetry
from bridge.terminal import console, plain

_CLOCK = SystemClock()


@dataclass(frozen=True, slots=True)
class _Call:
    """What the words of the command line say."""

    routes: Path
    route: str
    file: str
    record: Record
    asked: Asked
    wait: float
    yes: bool


def send(
    *,
    routes: Routes,
    route: Annotated[str, typer.Option(help="The route to try, live or in shadow.", show_default=False)],
    event: Annotated[
        str,
        typer.Option(
            metavar="FILE",
            help="A file with an event of that route as JSON, FILE:LINE of a file that has one a line, or - for the standard "
            "input. Its time does not matter: the test happens now.",
            show_default=False,
        ),
    ],
    topic_key: Annotated[
        str,
        typer.Option(help="Whom it reaches: a topic that only colleagues are subscribed to.", show_default=False),
    ],
    envelope: Envelope = False,
    known_topic: Annotated[
        bool, typer.Option("--known-topic", help="Also when the route's own lookups lead to that topic key.")
    ] = False,
    wait: Annotated[str, typer.Option(help="How long its outcome is waited for, as in 2m.")] = "2m",
    yes: Annotated[bool, typer.Option("--yes", help="Send. Without it nothing is written.")] = False,
    config: Config = None,
) -> None:
    """Make one real call of one route to a test topic, the way that events take, and follow it to its outcome.

    The vendor is called and phones ring. Shows what it would send; --yes sends it. The event gets an id of its own, so it
    is never a duplicate of a real one, and two sends are two calls; triggers, results and `bridge outcomes` say that it is a
    test. Ends with 0 when it is published, with 1 when it is not or nothing was sent, with 2 when file, settings or routing table are wrong.
    """
    now = _CLOCK.now()
    if not topic_key.strip():
        raise typer.BadParameter("is blank: name a topic of the Preference Centre", param_hint="--topic-key")
    try:
        seconds = parse_duration(wait) / 1000
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--wait") from error
    try:
        record = one_event(event, now, envelope=envelope)
    except NotRecorded as error:
        print(f"error: {error}", file=sys.stderr)
        raise typer.Exit(2) from None
    asked = Asked(topic_key, f"{PREFIX}{secrets.token_hex(8)}", now, known_topic)
    call = _Call(routes, route, event, record, asked, seconds, yes)

    async def work(settings: Settings, connection: Connection) -> bool:
        try:
            lookups = TopicLookups()
            table = _table(routes, settings, lookups)
            async with reached(settings, table, connection, "send") as service:
                await lookups.read(table.lookups, connection)
                return await _carried_out(service, call)
        except (ConfigError, NotRecorded) as error:
            print(error if isinstance(error, ConfigError) else f"error: {error}", file=sys.stderr)
        except StartupRefused as error:
            print(f"error: {error}", file=sys.stderr)
        raise typer.Exit(2)

    raise typer.Exit(0 if connected(config, work) else 1)


def _table(routes: Path, settings: Settings, lookups: TopicLookups) -> Table:
    brands, registry = set(settings.brands), settings.registry is not None
    return load_table(routes, os.environ, brands=brands, registry=registry, live=lookups.entries)


async def _carried_out(service: Service, call: _Call) -> bool:
    """Whether a test was sent, and is published."""
    found = explained(service.table, call.route, call.record, call.asked.now)
    if not takes(found):
        places = Places.of(call.routes, os.environ)
        show(Screen(found, call.file, places, service_of(service.settings), console()), whole=True)
        print(f"Route {call.route} does not take this event, so nothing is sent.")
        return False
    own = service.own
    planned = plan(found, call.asked, Room(service.names.triggers, own.partitions, own.trigger_limit))
    holds = await _holds(service)
    show_plan(planned, Surroundings(call.file, service.settings, holds), console())
    if call.yes:
        refuse_shadow(service.settings)
        return await _sent(service, planned, call.wait)
    shadow = service.settings.mode == "shadow"
    print(f"Nothing is written{', and nothing can be in shadow.' if shadow else ' yet: say --yes to send.'}")
    return False


async def _holds(service: Service) -> list[Hold]:
    telemetry = Telemetry(CollectorRegistry(), _CLOCK)
    async with control_room(service.connection, service.names.control, _CLOCK, telemetry, looking=True) as board:
        return board.in_force()


async def _sent(service: Service, planned: Planned, wait: float) -> bool:
    screen, trigger = console(), planned.trigger
    following = await Following.begin(service.archive, service.names, planned)
    await service.write([Send(trigger, planned.partition)])
    written = f"  {format_instant(_CLOCK.now())}  {'written':8}  to {service.names.triggers}/{planned.partition}"
    print(written, flush=True)
    outcome = await following.to_the_end(wait, _CLOCK, lambda moment: show_moment(moment, screen))
    more = f"`bridge outcomes {trigger.event_id}` tells all of it."
    if outcome is None:
        until = format_instant(trigger.expires_at)
        print(f"\nNo outcome within {wait:.0f} s: {plain(following.why_open(service.limits(_CLOCK.now())))}.")
        print(f"A call may still leave until {until}; `bridge hold route/{trigger.route}` keeps it back. {more}")
        return False
    print(f"\n{plain(closing(following.story, None))}\n{advice(outcome, plain(trigger.topic_key))} {more}")
    return str(outcome.fields["outcome"]) == "published"
